"""The backend's end of one socket of the client under test."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from twincast.conformance.client_cases.ledger import MAX_CHUNK_BYTES, AwayError, Ledger, LifeOverError
from twincast.wire.chunk import Chunk
from twincast.wire.message_types import ClientGap, End, Hello, Ping

WINDOW_BYTES: Final = 2**20
SMALL_WINDOW_BYTES: Final = 48 * 1024
IDLE_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a script waits for what. Seconds."""

    start_s: float = 30.0
    """For the client's first connection."""

    patience_s: float = 15.0
    """For the client to do what it has to."""

    at_once_s: float = 2.0
    """By when a client that comes back at once is there."""

    away_s: float = 3.0
    """How long a client that stays away is watched."""

    hold_s: float = 5.0
    """How long acks are held back to see the window filled."""

    quiet_s: float = 2.0
    """After so long without anything of its stream a client waits for acks, or has nothing to send."""

    lag_s: float = 0.15
    """How late acks come otherwise, where nothing else is said."""


class Peer:
    """A connection. What the client says on it goes into the ledger of its stream."""

    def __init__(self, socket: ServerConnection, ledger: Ledger, pace: Pace) -> None:
        self.ledger: Final = ledger
        self.done: Final = asyncio.Event()
        """The script is done with this connection."""
        self.opened_at_s: Final = time.monotonic()
        self.offered: Final = _offered(socket)
        self._socket = socket
        self._pace = pace
        self._heard_at_s = self.opened_at_s
        self._fields: Mapping[str, object] = {}

    async def hello(self) -> Hello:
        """Waits for it. Raises `LifeOverError`."""
        is_offered = "twincast.v1" in self.offered
        self.ledger.findings.judge("client-subprotocol", is_offered, f"it offered {self.offered or 'none'}.")
        data = await self._next(self._pace.patience_s)
        if data is None:
            raise AwayError("no hello came.")
        return self.ledger.take_hello(data)

    async def holds_its_tongue(self, wait_s: float) -> None:
        """Nothing may come before `ready`."""
        data = await self._next(wait_s)
        self.ledger.findings.judge(
            "client-waits", data is None, f"{data[:60] if data else data!r} came before `ready`."
        )
        if data is not None:
            raise LifeOverError("it did not wait for ready.")

    async def ready(
        self,
        next_seq: int,
        resumed: bool,
        max_chunk_bytes: int = MAX_CHUNK_BYTES,
        window_bytes: int = WINDOW_BYTES,
        fields: Mapping[str, object] | None = None,
    ) -> None:
        """Says where to go on, and what is taken. `fields` of later versions go into every ack as well."""
        self._fields = fields or {}
        now_ms = time.time() * 1000
        limits = {"maxChunkBytes": max_chunk_bytes, "windowBytes": window_bytes, "ackEveryMs": 50, "idleMs": IDLE_MS}
        self.ledger.told_ready(next_seq, resumed, window_bytes)
        told = {"nextSeq": next_seq, "resumed": resumed, "serverTime": now_ms, "limits": limits}
        await self.say(type="ready", **told, **self._fields)

    async def ack(self, seq: int | None = None) -> None:
        """Acknowledges up to `seq`, or all that came."""
        upto = self.ledger.next_seq - 1 if seq is None else seq
        if upto > self.ledger.acked_seq:
            self.ledger.told_ack(upto)
            await self.say(type="ack", seq=upto, t=time.time() * 1000, **self._fields)

    async def hear(self, wait_s: float) -> Chunk | ClientGap | End | None:
        """The next message that is of the stream itself; None where none came in time. Raises `LifeOverError`."""
        end_s = time.monotonic() + wait_s
        while (left_s := end_s - time.monotonic()) > 0:
            data = await self._next(left_s)
            if data is None:
                return None
            message = self.ledger.take(data)
            if isinstance(message, Ping):
                await self.say(type="pong", t=message.t, serverTime=time.time() * 1000)
            elif isinstance(message, Chunk | ClientGap | End):
                return message
        return None

    async def take(self, count: int) -> None:
        """So many chunks, the last of which stays without an ack. Raises `LifeOverError` where they do not come.

        A client may keep less on its way than the window allows: what it waits for is acknowledged.
        """
        wanted = self.ledger.next_seq + count
        patient_until_s = time.monotonic() + self._pace.patience_s
        while self.ledger.next_seq < wanted:
            heard = await self.hear(self._pace.lag_s)
            if isinstance(heard, End):
                raise AwayError(f"it ended at seq {heard.last_seq}: have it send something longer.")
            if heard is not None:
                patient_until_s = time.monotonic() + self._pace.patience_s
            elif time.monotonic() > patient_until_s:
                raise AwayError(f"chunk {self.ledger.next_seq} did not come in {self._pace.patience_s:g} s.")
            else:
                await self.ack()

    async def take_until_end(self) -> End:
        """Everything, with acks that come late. Raises `LifeOverError` where the end does not come."""
        ledger, quiet_at_s = self.ledger, time.monotonic() + self._pace.patience_s
        while time.monotonic() < quiet_at_s:
            heard = await self.hear(self._pace.lag_s)
            if isinstance(heard, End):
                return heard
            if heard is not None:
                quiet_at_s = time.monotonic() + self._pace.patience_s
            if heard is None or ledger.unacknowledged_bytes > ledger.window_bytes / 2:
                await self.ack()
        raise AwayError(f"no end came within {self._pace.patience_s:g} s.")

    async def ended(self) -> None:
        """Says that all is well, and closes."""
        chunks = [len(one) - 24 for one in self.ledger.chunks.values()]
        end = self.ledger.end
        ranges = (
            [{"segment": one.segment, "from": one.from_seq, "state": "verified"} for one in end.segments] if end else []
        )
        await self.say(type="ended", chunks=len(chunks), bytes=sum(chunks), gaps=[], verified=True, ranges=ranges)
        await self.close(1000)

    async def refuse(self, code: int, name: str | None, seq: int | None = None) -> None:
        """Closes with this code. Where it is the wire's own, `error` says first what was wrong."""
        if name is not None and code >= 4000:
            about = {} if seq is None else {"seq": seq}
            await self.say(type="error", code=name, message=f"The conformance run tries {code} here.", **about)
        await self.close(code, name or "")

    async def close(self, code: int, reason: str = "") -> None:
        """Closes; 1006 is without a word."""
        if code == 1006:
            self._socket.transport.abort()
        else:
            with suppress(ConnectionClosed):
                await self._socket.close(code, reason)
        self.done.set()

    async def wait_until_done(self) -> None:
        """Until the script is done with it, or the client."""
        waiting = [asyncio.ensure_future(one) for one in (self.done.wait(), self._socket.wait_closed())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()

    async def say(self, **message: object) -> None:
        """Sends a message, if there is still somebody."""
        with suppress(ConnectionClosed):
            await self._socket.send(json.dumps(message))

    async def _next(self, wait_s: float) -> str | bytes | None:
        """None where nothing came in time. Raises `LifeOverError` where the client closed."""
        try:
            async with asyncio.timeout(wait_s):
                data = await self._socket.recv()
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            raise AwayError(f"the client closed the connection with {code}.") from None
        now_s = time.monotonic()
        silent_ms = (now_s - self._heard_at_s) * 1000
        self._heard_at_s = now_s
        self.ledger.findings.judge("client-idle", silent_ms <= IDLE_MS, f"nothing came for {silent_ms:.0f} ms.")
        return data


def _offered(socket: ServerConnection) -> list[str]:
    headers = socket.request.headers.get_all("Sec-WebSocket-Protocol") if socket.request else []
    return [one.strip() for header in headers for one in header.split(",")]
