"""Replicas that share an engine, in one event loop: the engine answers late, not at all, or with a refusal."""

import asyncio
import random
from collections import deque
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from twincast import Settings, SinkFactory, StreamId
from twincast.server.closing_streams import ClosingStreams
from twincast.server.live_stream import Connection, LiveStream
from twincast.server.stream_store import StoreState
from twincast.streams.events import Event, Opened, TakenChunk
from twincast.streams.stream import Stream
from twincast.wire.close_codes import ErrorCode, ProtocolError

Mood = Literal["well", "late", "full", "silent", "lost"]
"""full: refuses appends for want of memory. silent: answers nothing. lost: answers each append with a HOLE."""

Answer = TypeVar("Answer")

ANSWER_S = 2.0
"""How long a replica waits for the engine when somebody says hello."""


@dataclass
class Entry:
    """What the engine knows of one stream."""

    epoch: int = 0
    number: int = -1
    counters: bytes | None = None
    structure: bytes = b""
    seqs: list[int] = field(default_factory=list)
    owner: "FakeStore | None" = None


class FakeEngine:
    """One for all replicas."""

    def __init__(self, random_: random.Random) -> None:
        self.mood: Mood = "well"
        self.streams: dict[StreamId, Entry] = {}
        self._random = random_

    async def way(self) -> None:
        """One way to it. Nothing arrives while it is silent."""
        await asyncio.sleep(self._random.choice([0, 0, 0.001, 0.02]))
        while self.mood == "silent":  # noqa: ASYNC110  # a test's clock jumps
            await asyncio.sleep(0.05)
        if self.mood == "late":
            await asyncio.sleep(self._random.choice([0.1, 0.5, 1.5]))


class Logged(LiveStream):
    """One epoch of a stream: its events are pushed on when the engine has them."""

    def __init__(self, stream: Stream, store: "FakeStore", epoch: int) -> None:
        super().__init__(stream, store.sinks, store.settings)
        self.epoch = epoch
        self._is_over = False
        self.store = store
        self._engine = store.engine
        self._waiting: deque[tuple[Sequence[Event], int, bytes, bytes]] = deque()
        self._bytes = 0
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def push(self, events: Sequence[Event], message: bytes = b"") -> None:
        self.store.pushes += 1
        self.store.openings += any(isinstance(event, Opened) for event in events)
        if self.is_over():
            return
        is_chunk = all(isinstance(event, TakenChunk) for event in events)
        self._waiting.append(
            (events, len(message), self.stream.counters(), b"" if is_chunk else self.stream.structure())
        )
        self._bytes += len(message) + 1
        if self._task is None:
            self._task = asyncio.create_task(self._write())

    @property
    def takes_at_once(self) -> bool:
        return not self.is_over() and super().takes_at_once

    @property
    def queued_bytes(self) -> int:
        return self._bytes + super().queued_bytes

    async def room(self, limit_bytes: int) -> None:
        while self._bytes >= limit_bytes and not self.is_over():
            self._moved.clear()
            await self._moved.wait()
        await super().room(limit_bytes)

    async def drained(self) -> None:
        await self.room(1)
        await super().drained()

    def cut_short(self) -> None:
        self.end()
        super().cut_short()

    def is_over(self) -> bool:
        """Whether nothing is written any more."""
        return self._is_over

    def end(self) -> None:
        """What has no answer is nobody's."""
        self._is_over = True
        self._waiting.clear()
        self._bytes = 0
        self._moved.set()

    async def _write(self) -> None:
        while self._waiting:
            events, size, counters, structure = self._waiting[0]
            await self._engine.way()
            if self.is_over():
                return
            match self._engine.mood:
                case "full":
                    await asyncio.sleep(0.05)
                    continue
                case "lost":
                    self.store.drop(self, ProtocolError(ErrorCode.INTERNAL, "The engine lost its place."))
                    return
            entry = self._engine.streams[self.stream.id]
            if entry.epoch != self.epoch:
                self.store.drop(self, displaced())
                return
            entry.counters = counters
            entry.structure = structure or entry.structure
            entry.seqs += [event.seq for event in events if isinstance(event, TakenChunk)]
            await self._engine.way()  # the answer's
            if self.is_over():
                return
            self._waiting.popleft()
            self._bytes -= size + 1
            self._moved.set()
            super().push(events)
        self._task = None


class FakeStore:
    """A replica's."""

    def __init__(self, engine: FakeEngine, settings: Settings, sinks: Sequence[SinkFactory]) -> None:
        self.engine = engine
        self.settings = settings
        self.sinks = sinks
        self._lives: dict[StreamId, Logged] = {}
        self.pushes = 0
        self.openings = 0
        self._closing = ClosingStreams()
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> StoreState:
        return "away" if self.engine.mood == "silent" else "ready"

    @property
    def connected(self) -> int:
        return sum(live.connection is not None for live in self._lives.values())

    @property
    def remembered(self) -> int:
        return 0

    def __iter__(self) -> Iterator[LiveStream]:
        return iter(list(self._lives.values()))

    async def listing(self) -> dict[StreamId, str]:
        return {}

    def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def knows(self, stream_id: StreamId) -> bool:
        return await _asked(self._knows(stream_id))

    async def connect(self, stream_id: StreamId, connection: Connection, number: int | None) -> LiveStream:
        epoch, stream = await _asked(self._open(stream_id, number))
        if self.engine.streams[stream_id].epoch != epoch:
            raise displaced()
        self._displace(stream_id, epoch)
        self._lives[stream_id] = live = Logged(stream, self, epoch)
        live.carry_by(connection)
        return live

    def may_grow(self, live: LiveStream, address: str) -> None:
        pass

    def leave(self, live: LiveStream, address: str) -> None:
        if self._lives.get(live.stream.id) is live:
            del self._lives[live.stream.id]
        self._closing.add([live], "forgotten")

    def expire(self) -> None:
        pass

    def clear(self) -> list[LiveStream]:
        lives = [*self._lives.values(), *self._closing.clear()]
        self._lives.clear()
        return lives

    def drop(self, live: Logged, error: ProtocolError) -> None:
        """Ends the connection of a stream of this replica, and has it no more."""
        live.end()
        live.fail(error)
        self.leave(live, "")

    async def _knows(self, stream_id: StreamId) -> bool:
        await self.engine.way()
        known = stream_id in self.engine.streams
        await self.engine.way()
        return known

    async def _open(self, stream_id: StreamId, number: int | None) -> tuple[int, Stream]:
        await self.engine.way()
        entry = self.engine.streams.setdefault(stream_id, Entry())
        if number is not None:
            if number < entry.number:
                raise ProtocolError(ErrorCode.DISPLACED, "A newer connection has carried this stream already.")
            entry.number = number
        entry.epoch += 1
        counters, structure, epoch = entry.counters, entry.structure, entry.epoch
        former, entry.owner = entry.owner, self
        if former is not None:
            told = asyncio.create_task(former.hear(stream_id, epoch))
            self._telling.add(told)
            told.add_done_callback(self._telling.discard)
        stream = Stream(stream_id) if counters is None else Stream.restore(stream_id, counters, structure)
        await self.engine.way()
        return epoch, stream

    async def hear(self, stream_id: StreamId, epoch: int) -> None:
        """Is told of another owner, sooner or later than by the answer to its next append."""
        await self.engine.way()
        self._displace(stream_id, epoch)

    def _displace(self, stream_id: StreamId, epoch: int) -> None:
        live = self._lives.get(stream_id)
        if live is not None and live.epoch < epoch:
            self.drop(live, displaced())


def displaced() -> ProtocolError:
    """To whoever had it."""
    return ProtocolError(ErrorCode.DISPLACED, "A newer connection carries this stream now.")


async def _asked(question: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        async with asyncio.timeout(ANSWER_S):
            return await question
    except TimeoutError:
        raise ProtocolError(ErrorCode.TRY_AGAIN_LATER, "The engine does not answer.") from None
