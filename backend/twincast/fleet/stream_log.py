"""The appends of one stream by one connection: kept until the engine has them, and sent again where it broke."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

import structlog

from twincast.fleet import functions
from twincast.fleet.answers import Answer, Full, Gone, Hole, NotReady, Refused, Stale, Taken
from twincast.fleet.engine import Engine
from twincast.fleet.functions import StreamKeys
from twincast.fleet.pipe import Argument
from twincast.streams.events import Event, StreamId
from twincast.wire.close_codes import ErrorCode, ProtocolError

_log = structlog.get_logger("twincast.fleet")

_ENTRY_BYTES: Final = 256
"""What an entry weighs beside the message in it."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of a stream the engine holds, and for how long it knows of it."""

    keep_ms: int
    keep_bytes: int
    remember_ms: int
    grace_ms: int = 60_000
    """More for what is connected, which is kept every twenty seconds, and for an engine that restarts meanwhile."""

    @property
    def state_life_ms(self) -> int:
        """From the last append or `keep` on."""
        return self.remember_ms + self.grace_ms

    @property
    def log_life_ms(self) -> int:
        """Of a log that nothing is appended to: a restart of the engine, whose clock goes on, must not be its end."""
        return max(self.keep_ms, self.grace_ms)


@dataclass(frozen=True, slots=True)
class Entry:
    """One append: what one message brought, and what the stream is after it."""

    next_seq: int
    counters: bytes
    structure: bytes
    """Empty where it did not change; the same for `header`."""
    header: bytes
    header_slot: int
    weight: int
    """Of the whole stream until now, bytes."""
    is_join: bool
    """Whether a decoder may begin here."""
    fields: Sequence[Argument]
    """Names and values."""
    events: tuple[Event, ...]
    size: int
    """Bytes that wait with it."""


class StreamLog:
    """One epoch of a stream. `on_taken(events)` in order, as the engine has them; `on_refused` once, then nothing."""

    def __init__(
        self,
        engine: Engine,
        stream_id: StreamId,
        epoch: int,
        retention: Retention,
        on_taken: Callable[[tuple[Event, ...]], None],
        on_refused: Callable[[ProtocolError], None],
    ) -> None:
        self.epoch = epoch
        self.queued_bytes = 0
        """Received, and not in the log."""
        self._engine = engine
        self._keys = StreamKeys.of(stream_id)
        self._session = stream_id.session
        self._retention = retention
        self._on_taken = on_taken
        self._on_refused = on_refused
        self._head = (b"FCALL", functions.APPEND, *self._keys.arguments, b"%d" % epoch)
        self._tail = (
            b"%d" % retention.keep_ms,
            b"%d" % retention.keep_bytes,
            b"%d" % retention.log_life_ms,
            b"%d" % retention.state_life_ms,
            stream_id.session.encode(),
        )
        self._op = 0
        self._weight = 0
        self._waiting: deque[tuple[int, tuple[Argument, ...], Entry]] = deque()
        self._is_open = True
        self._room = asyncio.Event()
        engine.logs.add(self)

    @property
    def state_key(self) -> bytes:
        """Names it where the engine tells of a displacement."""
        return self._keys.state

    @property
    def waits(self) -> bool:
        """Whether there are appends without an answer."""
        return bool(self._waiting)

    def append(self, entry: Entry) -> None:
        """Sends it at once where the engine takes appends, and keeps it until the engine has it."""
        if not self._is_open:
            return
        self._op += 1
        self._weight = entry.weight
        command = (
            *self._head,
            b"%d" % self._op,
            b"%d" % entry.next_seq,
            entry.counters,
            entry.structure,
            entry.header,
            b"%d" % entry.weight,
            *self._tail,
            b"1" if entry.is_join else b"",
            b"%d" % entry.header_slot,
            *entry.fields,
        )
        self._waiting.append((self._op, command, entry))
        self.queued_bytes += _ENTRY_BYTES + entry.size
        if self._engine.state == "up":
            self._engine.append(command, self._answered, self._op)

    def send_first(self) -> None:
        """Asks whether there is room again."""
        if self._waiting:
            op, command, _ = self._waiting[0]
            self._engine.append(command, self._answered, op, is_probe=True)

    def send_all(self) -> None:
        """After a pause or on a new connection. The engine knows what of it it has already."""
        for op, command, _ in list(self._waiting):
            self._engine.append(command, self._answered, op)

    def keep(self) -> None:
        """Trims, and keeps the stream from being forgotten while it is connected."""
        retention = self._retention
        self._engine.tell(
            functions.KEEP,
            *self._keys.arguments,
            self.epoch,
            self._weight,
            retention.keep_ms,
            retention.keep_bytes,
            retention.state_life_ms,
            self._session,
        )

    def displaced(self) -> None:
        """Another connection has the stream."""
        self._refuse(ProtocolError(ErrorCode.DISPLACED, "A newer connection carries this stream now."))

    def close(self) -> None:
        """Appends nothing more; what has no answer yet is nobody's any more, though the engine may have it."""
        self._is_open = False
        self._waiting.clear()
        self.queued_bytes = 0
        self._room.set()
        self._engine.logs.discard(self)

    def forget(self) -> None:
        """Closes, and leaves nothing in the engine: only hellos came."""
        self.close()
        self._engine.tell(functions.FORGET, *self._keys.arguments, self.epoch)

    async def room(self, limit_bytes: int) -> None:
        """Waits until less than `limit_bytes` wait for the engine."""
        while self.queued_bytes >= limit_bytes and self._is_open:
            self._room.clear()
            await self._room.wait()

    async def drained(self) -> None:
        """Waits until the engine has everything."""
        await self.room(1)

    def _answered(self, op: int, answer: Answer) -> None:
        match answer:
            case Taken():
                # A second answer for one that was sent again: it has been told already.
                if self._waiting and self._waiting[0][0] == op:
                    _, _, entry = self._waiting.popleft()
                    self.queued_bytes -= _ENTRY_BYTES + entry.size
                    self._room.set()
                    self._on_taken(entry.events)
            case Full():
                pass  # it waits; the engine asks again
            case Hole():
                # What comes behind one that was refused. Else the engine has lost what it had.
                if self._engine.state != "full":
                    self._refuse(_lost_place())
            case Gone():
                self._refuse(_lost_place())
            case Stale():
                self.displaced()
            case NotReady(why):
                self._engine.not_ready(why)
            case Refused(why):
                _log.error("append refused", why=why[:200], session=self._session[:8])
                self._refuse(_lost_place())
            case _:
                assert_never(answer)

    def _refuse(self, error: ProtocolError) -> None:
        if self._is_open:
            self.close()
            self._on_refused(error)


def _lost_place() -> ProtocolError:
    return ProtocolError(ErrorCode.INTERNAL, "The engine behind this backend lost its place in the stream; go on anew.")
