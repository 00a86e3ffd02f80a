"""Phones whose every connection comes to a backend of chance, and who keep what is not acknowledged."""

import asyncio
import json
import random
import uuid
from collections import Counter
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.wire import frame
from twincast.streams.ranges import RangeLog
from twincast.wire.message_types import SUBPROTOCOL, StreamKind

_PATIENCE_S = 2.5
"""Without an ack for so long the path is taken for dead, as the page does."""


class RoadPhone:
    """One stream. `ports` is asked for each connection; `abandon` leaves the socket half open."""

    def __init__(self, kind: StreamKind, session: str, ports: list[int], chance: random.Random) -> None:
        self.kind = kind
        self.session = session
        self.sent: dict[int, bytes] = {}
        self.gaps: list[tuple[int, int]] = []
        self.ended: dict[str, Any] | None = None
        self.codes: Counter[str] = Counter()
        self.not_resumed = 0
        self._ports = ports
        self._chance = chance
        self._next_seq = 0
        self._segment = 0
        self._is_first = True
        self._kept: list[tuple[int, int, int, bytes | None]] = []  # from, to, segment, frame or a gap
        self._ranges = RangeLog()
        self._range_segment = -1
        self._acked = -1
        self._number = 0
        self._stops = False
        self._changed = asyncio.Event()
        self._abandon = asyncio.Event()
        self._half_open: list[ClientConnection] = []

    def record(self) -> None:
        """The next chunk, now and then a gap, now and then another segment."""
        chance = self._chance.random()
        seq = self._next_seq
        if chance < 0.01 and seq > 0 and self._kept and self._kept[-1][3] is not None:
            to = seq + self._chance.randint(0, 3)
            self._kept.append((seq, to, self._segment, None))
            self.gaps.append((seq, to))
            self._next_seq = to + 1
            self._new_segment()
        else:
            if chance < 0.03:
                self._new_segment()
            payload = self._chance.randbytes(self._chance.randint(1, 3_000))
            self._kept.append((seq, seq, self._segment, frame(seq, payload, self._segment, first=self._is_first)))
            self.sent[seq] = payload
            self._is_first = False
            self._next_seq = seq + 1
        self._changed.set()

    def stop(self) -> None:
        """Records no more: ends when everything is acknowledged."""
        self._stops = True
        self._changed.set()

    def abandon(self) -> None:
        """Goes to another socket, and leaves this one open with what is on its way."""
        self._abandon.set()
        self._changed.set()

    async def run(self) -> None:
        """Until the end is answered."""
        while self.ended is None:
            try:
                await self._connection()
            except (OSError, WebSocketException, TimeoutError, EOFError) as error:
                code = getattr(getattr(error, "rcvd", None), "code", None)
                self.codes[str(code or type(error).__name__)] += 1
            await asyncio.sleep(self._chance.random() * 0.1)

    def close(self) -> None:
        """Lets go of half-open sockets."""
        for socket in self._half_open:
            socket.transport.abort()

    def _new_segment(self) -> None:
        self._segment += 1
        self._is_first = True

    async def _connection(self) -> None:
        self._abandon.clear()
        async with asyncio.timeout(3):
            socket = await connect(
                f"ws://127.0.0.1:{self._chance.choice(self._ports)}/ws/{self.kind}",
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
                compression=None,
                proxy=None,
                ping_interval=None,
            )
        try:
            await self._serve(socket)
        finally:
            if self._abandon.is_set():
                self._half_open.append(socket)
            else:
                socket.transport.abort()

    async def _serve(self, socket: ClientConnection) -> None:
        self._number += 1
        hello = {
            "type": "hello", "session": self.session, "resumeFrom": self._acked + 1, "connection": self._number
        }  # fmt: skip
        await socket.send(json.dumps(hello))
        async with asyncio.timeout(4):
            ready = json.loads(await socket.recv())
        if ready["type"] != "ready":
            self.codes[ready["code"]] += 1
            return
        if not ready["resumed"] and self._acked >= 0:
            self.not_resumed += 1
            self._ranges.close()
            self._range_segment = -1
            self._new_segment()
        self._take_ack(ready["nextSeq"] - 1)
        reading = asyncio.create_task(self._read(socket))
        try:
            await self._send(socket, ready["nextSeq"], reading)
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError, WebSocketException, OSError):
                await reading

    async def _send(self, socket: ClientConnection, next_seq: int, reading: "asyncio.Task[None]") -> None:
        loop = asyncio.get_running_loop()
        announced = -1
        has_ended = False
        acked, since_s = self._acked, loop.time()
        while self.ended is None and not self._abandon.is_set():
            if reading.done():
                reading.result()
                raise EOFError
            for from_seq, to_seq, segment, data in [one for one in self._kept if one[0] >= next_seq]:
                if data is None:
                    gap = {"type": "gap", "from": from_seq, "to": to_seq, "ms": 50, "reason": "outbox-full"}
                    await socket.send(json.dumps(gap))
                else:
                    if announced != segment:
                        mime_type = f"{self.kind}/webm"
                        text = {"type": "segment", "segment": segment, "mimeType": mime_type, "startedAt": 1e12}
                        await socket.send(json.dumps(text))
                        announced = segment
                    await socket.send(data)
                next_seq = to_seq + 1
            if self._stops and not self._kept and not has_ended:
                has_ended = True
                since_s = loop.time()
                await socket.send(
                    json.dumps({"type": "end", "lastSeq": self._next_seq - 1, "segments": self._claims()})
                )
            if self._acked != acked or (not self._kept and not has_ended):
                acked, since_s = self._acked, loop.time()
            elif loop.time() - since_s > _PATIENCE_S:
                raise TimeoutError
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 0.1)

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            match message["type"]:
                case "ack":
                    if not self._abandon.is_set():
                        self._take_ack(message["seq"])
                case "ended":
                    self.ended = message
                case "error":
                    self.codes[message["code"]] += 1
                case _:
                    pass
            self._changed.set()

    def _take_ack(self, seq: int) -> None:
        while self._kept and self._kept[0][1] <= seq:
            from_seq, _, segment, data = self._kept.pop(0)
            if data is None:
                self._ranges.close()
                self._range_segment = -1
                continue
            if segment != self._range_segment:
                self._ranges.begin(segment, from_seq)
                self._range_segment = segment
            self._ranges.add(memoryview(self.sent[from_seq]))
        self._acked = max(self._acked, seq)

    def _claims(self) -> list[dict[str, Any]]:
        return [
            {"segment": one.segment, "from": one.from_seq, "bytes": one.bytes, "chain": one.chain.hex()}
            for one in self._ranges._ranges
        ]


def new_phones(sessions: int, ports: list[int], chance: random.Random) -> list[RoadPhone]:
    """Both streams of as many sessions."""
    names = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(sessions)]
    return [RoadPhone(kind, name, ports, chance) for name in names for kind in ("video", "audio")]
