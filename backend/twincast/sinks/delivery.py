"""Hands the events of one stream to the sinks, in order, and says when each was taken."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

import structlog

from twincast.sinks.sink import ClosedReason, Pending, Sink
from twincast.streams.events import Event, Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Ended, Gap, Muted

_log = structlog.get_logger("twincast.sinks")

_EVENT_BYTES: Final = 256
"""What a queued event weighs beside its payload, so that a flood of small ones fills the queue too."""


@dataclass(frozen=True, slots=True)
class _Closed:
    reason: ClosedReason


_Item = Event | _Closed


class Delivery:
    """The ordered way of one stream's events through all sinks.

    While every sink returns None, `push` is a plain call. The first awaitable starts a worker, and events queue behind
    it until it has caught up. `on_taken(event)` is called when all sinks took an event; `on_refused()` when a sink with
    `on_failure = "close"` failed, after which everything else is dropped.
    """

    def __init__(
        self,
        stream_id: StreamId,
        sinks: Sequence[Sink],
        on_taken: Callable[[Event], None],
        on_refused: Callable[[], None],
    ) -> None:
        self._id = stream_id
        self._sinks: list[Sink] = list(sinks)
        self._on_taken = on_taken
        self._on_refused = on_refused
        self._queue: deque[tuple[_Item, int]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._refused = False
        self._closed = False
        self.queued_bytes = 0

    @property
    def is_idle(self) -> bool:
        """Whether events go to the sinks at once."""
        return self._worker is None and not self._refused and not self._closed

    def push(self, event: Event) -> None:
        """Hands over one event: now, where nothing is queued and no sink asks to be waited for."""
        if isinstance(event, TakenChunk) and self.is_idle:
            self._push_chunk(event)
        elif not self._refused and not self._closed:
            self._push(event)

    def close(self, reason: ClosedReason) -> None:
        """Tells the sinks, after what is queued, that nothing more will come. Safe to call again."""
        if not self._closed:
            self._closed = True
            self._push(_Closed("failed" if self._refused else reason))

    async def room(self, limit_bytes: int) -> None:
        """Waits until less than `limit_bytes` are queued."""
        while self.queued_bytes >= limit_bytes and not self._refused:
            self._room.clear()
            await self._room.wait()

    async def drained(self) -> None:
        """Waits until nothing is queued."""
        if self._worker is not None:
            await asyncio.wait([self._worker])

    def _push_chunk(self, chunk: TakenChunk) -> None:
        """As `_push`, for what comes most and while nothing is queued."""
        sinks = self._sinks
        for index, sink in enumerate(sinks):
            try:
                pending = sink.chunk(self._id, chunk)
            except Exception:
                self._failed(sink, chunk)
                if self._refused:
                    return
                continue
            if pending is not None:
                self._worker = asyncio.create_task(self._work(chunk, sink, pending, sinks[index + 1 :]))
                return
        self._on_taken(chunk)

    def _push(self, item: _Item) -> None:
        if self._worker is not None:
            size = _EVENT_BYTES + (len(item.payload) if isinstance(item, TakenChunk) else 0)
            self.queued_bytes += size
            self._queue.append((item, size))
            return
        sinks = self._sinks
        for index, sink in enumerate(sinks):
            pending = self._tell(sink, item)
            if pending is not None:
                self._worker = asyncio.create_task(self._work(item, sink, pending, sinks[index + 1 :]))
                return
            if self._refused and not isinstance(item, _Closed):
                return
        self._done(item)

    async def _work(self, item: _Item, sink: Sink, pending: Pending, rest: Sequence[Sink]) -> None:
        await self._wait_for(sink, item, pending)
        await self._tell_slowly(item, rest)
        while self._queue:
            item, size = self._queue.popleft()
            # `closed` still reaches the sinks of a stream that was refused; nothing else does.
            if not self._refused or isinstance(item, _Closed):
                await self._tell_slowly(item, self._sinks)
            self.queued_bytes -= size
            self._room.set()
        self._worker = None

    async def _tell_slowly(self, item: _Item, sinks: Sequence[Sink]) -> None:
        for sink in sinks:
            if self._refused and not isinstance(item, _Closed):
                return
            await self._wait_for(sink, item, self._tell(sink, item))
        self._done(item)

    async def _wait_for(self, sink: Sink, item: _Item, pending: Pending) -> None:
        if pending is None:
            return
        try:
            await pending
        except Exception:
            self._failed(sink, item)

    def _tell(self, sink: Sink, item: _Item) -> Pending:
        try:
            return _call(sink, self._id, item)
        except Exception:
            self._failed(sink, item)
            return None

    def _failed(self, sink: Sink, item: _Item) -> None:
        policy = sink.on_failure
        _log.exception(
            "sink failed",
            sink=type(sink).__name__,
            on=type(item).__name__.strip("_"),
            policy=policy,
            stream=self._id.kind,
            session=self._id.short,
        )
        if isinstance(item, _Closed):
            return
        match policy:
            case "detach":
                # A new list: the one in use may be being walked through.
                self._sinks = [other for other in self._sinks if other is not sink]
            case "close":
                self._refused = True
                self._room.set()
                self._on_refused()
            case _:
                assert_never(policy)

    def _done(self, item: _Item) -> None:
        if not isinstance(item, _Closed) and not self._refused:
            self._on_taken(item)


def _call(sink: Sink, stream: StreamId, item: _Item) -> Pending:
    match item:
        case TakenChunk():
            return sink.chunk(stream, item)
        case SegmentStart():
            return sink.segment(stream, item)
        case Opened():
            return sink.opened(stream, item)
        case Gap():
            return sink.gap(stream, item)
        case Muted():
            return sink.muted(stream, item)
        case Ended():
            return sink.ended(stream, item)
        case _Closed(reason):
            return sink.closed(stream, reason)
        case _:
            assert_never(item)
