"""One connection of the small backend, and what is known of a stream."""

import asyncio
import json
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.conformance.small_reading import Json, RefusedError

if TYPE_CHECKING:
    from tests.conformance.small_backend import SmallBackend


class Known:
    """What is known of one stream."""

    def __init__(self) -> None:
        self.next_seq = self.chunks = self.bytes = self.lowest_segment = 0
        self.number = -1
        self.is_known = False
        self.gaps: list[Json] = []
        self.ranges: list[Json] = []
        self.is_open = False
        self.end: Json | None = None
        self.carrier: Talk | None = None
        self.announced: int | None = None


class Talk:
    """One connection."""

    def __init__(self, backend: "SmallBackend", socket: ServerConnection, kind: str) -> None:
        self.backend, self.socket, self.kind = backend, socket, kind
        self.known: Known | None = None
        self.acked = -1
        self.arrived_at_ms = 0.0
        self.ack_timer: asyncio.TimerHandle | None = None
        self.not_before_s = 0.0
        self.received_bytes = 0
        self.doing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        began_s = heard_s = time.monotonic()
        while True:
            limit_s = self.backend.hello_timeout_s if self.known is None else self.backend.idle_ms / 1000
            due_s = (began_s if self.known is None else heard_s) + limit_s
            try:
                async with asyncio.timeout(due_s - time.monotonic()):
                    data = await self.socket.recv()
            except TimeoutError:
                raise RefusedError("hello-timeout" if self.known is None else "idle") from None
            heard_s = max(heard_s, self.backend.heard_at(self, data))
            await self.take(data)

    async def take(self, data: str | bytes) -> None:
        if self.known is None:
            message = self.read(data) if isinstance(data, str) else {}
            if message.get("type") != "hello":
                return self.backend.before_hello()
            return await self.hello(message)
        if isinstance(data, bytes):
            return self.chunk(self.known, data)
        message = self.read(data)
        match message["type"]:
            case "hello":
                self.backend.second_hello()
            case "ping":
                await self.say(type="pong", t=self.backend.pong_t(message["t"]), serverTime=time.time() * 1000)
            case "segment":
                announced = self.known.announced
                if announced is not None and not self.backend.may_follow(announced, message["segment"]):
                    raise RefusedError("bad-message")
                self.known.announced = message["segment"]
            case "gap":
                self.gap(self.known, message)
            case "end":
                await self.end(self.known, message)
        return None

    def read(self, text: str) -> Json:
        self.backend.check_text(text)
        try:
            message = json.loads(text, parse_constant=lambda _: 1 / 0)
        except (ValueError, ZeroDivisionError, RecursionError):
            raise RefusedError("bad-message") from None
        if not isinstance(message, dict):
            raise RefusedError("bad-message")
        self.backend.check_strings(message)
        self.backend.check_fields(message)
        return message

    async def hello(self, message: Json) -> None:
        backend, resume_from = self.backend, message["resumeFrom"]
        backend.check_token(message.get("token"))
        known = backend.streams.setdefault(backend.key(message["session"], self.kind), Known())
        number = message.get("connection")
        if not backend.outranks(known, number):
            raise RefusedError("displaced")
        known.number = known.number if number is None else number
        if known.carrier is not None:
            backend.displace(known.carrier)
        known.carrier = self
        resumed = backend.is_resumed(known, resume_from)
        begins_at = backend.begins_at(known, resume_from, resumed)
        if not resumed:
            known.next_seq, known.is_open = begins_at, False
        known.is_known = True
        backend.after_hello(known)
        self.known, self.acked = known, known.next_seq - 1
        limits = {"maxChunkBytes": backend.max_chunk_bytes, "windowBytes": backend.window_bytes}
        limits |= {"ackEveryMs": backend.ack_every_ms, "idleMs": backend.idle_ms}
        await self.say(
            type="ready", nextSeq=begins_at, resumed=resumed, serverTime=time.time() * 1000, limits=limits, later=1
        )

    def chunk(self, known: Known, data: bytes) -> None:
        backend = self.backend
        if len(data) < 24:
            raise RefusedError("bad-message")
        version, flags, segment, seq, captured_from, captured_to = struct.unpack(">BBHIdd", data[:24])
        payload = data[24:]
        backend.check_header(version, flags, captured_from, captured_to)
        if backend.is_too_large(len(payload)):
            backend.refuse_too_large(known, seq)
        backend.check_announced(known.announced, segment)
        backend.check_after_end(known, seq >= known.next_seq)
        if seq < known.next_seq:
            return backend.known_chunk(known, self, payload)
        if seq > known.next_seq:
            backend.future_chunk()
        backend.check_lowest(known, segment)
        if not known.is_open or known.ranges[-1]["segment"] != segment:
            known.ranges.append({"segment": segment, "from": seq, "bytes": 0, "chain": bytes(32)})
            known.is_open, known.lowest_segment = True, segment
        known.ranges[-1]["bytes"] += len(payload)
        known.ranges[-1]["chain"] = backend.link(known.ranges[-1]["chain"], payload)
        backend.count(known, payload)
        known.next_seq = seq + 1
        self.arrived_at_ms = backend.ack_t(captured_from)
        backend.took(self, len(data))
        return self.ack()

    def gap(self, known: Known, gap: Json) -> None:
        backend = self.backend
        if gap["to"] < known.next_seq:
            return backend.arrived_gap(self)
        backend.check_after_end(known, True)
        backend.check_gap_from(known, gap)
        if len(known.gaps) >= backend.most_gaps:
            raise RefusedError("bad-message")
        first = max(gap["from"], known.next_seq)
        ms, reason = backend.gap_ms(gap, gap["to"] - first + 1), backend.gap_reason(gap["reason"])
        known.gaps.append({"from": first, "to": gap["to"], "ms": ms, "reason": reason})
        known.lowest_segment = backend.lowest_after_gap(known)
        known.is_open = False
        known.next_seq = gap["to"] + 1
        self.arrived_at_ms = time.time() * 1000
        return self.ack()

    async def end(self, known: Known, message: Json) -> None:
        is_again = known.end is not None
        if is_again:
            self.backend.check_same_end(known, message)
        else:
            self.backend.check_last_seq(known, message["lastSeq"])
            known.end = message
        await self.say(**self.backend.verdict(known, message, is_again))
        await self.socket.close(1000)

    def ack(self) -> None:
        """Now, or when the next one is due."""
        if self.ack_timer is not None:
            return
        wait_s = max(0.0, self.not_before_s - time.monotonic())
        self.ack_timer = asyncio.get_running_loop().call_later(wait_s, self.send_ack)

    def ack_again(self) -> None:
        self.acked -= 1
        self.ack()

    def send_ack(self) -> None:
        self.ack_timer = None
        assert self.known
        self.not_before_s = time.monotonic() + self.backend.ack_every_ms / 1000
        self.acked = self.known.next_seq - 1
        self.do(self.say(type="ack", seq=self.backend.acked_seq(self.known.next_seq), t=self.arrived_at_ms))

    def do(self, work: Any) -> None:
        async def done() -> None:
            with suppress(ConnectionClosed):
                await work

        task = asyncio.create_task(done())
        self.doing.add(task)
        task.add_done_callback(self.doing.discard)

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    def refuse_soon(self, name: str) -> None:
        self.do(self.refuse(RefusedError(name)))

    async def refuse(self, refused: RefusedError) -> None:
        error = self.backend.error(refused)
        if error is not None:
            await self.say(**error)
        await self.socket.close(self.backend.codes[refused.name], refused.name)
