"""The streams of one process, remembered in its memory within bounds."""

import time
from collections.abc import Iterator, Sequence

from twincast.access.memory_budget import MemoryBudget
from twincast.server.closing_streams import ClosingStreams
from twincast.server.live_stream import Connection, LiveStream
from twincast.server.stream_listing import list_live
from twincast.server.stream_store import StoreState
from twincast.settings import Settings
from twincast.sinks.sink import ClosedReason, SinkFactory
from twincast.streams.events import StreamId
from twincast.streams.registry import Registry
from twincast.streams.stream import Stream
from twincast.wire.close_codes import ErrorCode, ProtocolError


class MemoryStore:
    """Implements `StreamStore`: `connect` and `knows` never wait."""

    def __init__(
        self, settings: Settings, sinks: Sequence[SinkFactory], budget: MemoryBudget[LiveStream] | None = None
    ) -> None:
        self._settings = settings
        self._sinks = sinks
        self._closing = ClosingStreams()
        self._budget: MemoryBudget[LiveStream] = MemoryBudget() if budget is None else budget
        self._streams: Registry[StreamId, LiveStream] = Registry(
            settings.max_streams,
            settings.remember_stream_s,
            time.monotonic,
            settings.max_remembered_streams_per_address,
        )

    @property
    def state(self) -> StoreState:
        """Never away. Remembered streams make room for new ones, connected ones do not."""
        return "ready" if self.connected < self._settings.max_streams else "full"

    @property
    def connected(self) -> int:
        """How many streams have a connection."""
        return self._streams.connected

    @property
    def remembered(self) -> int:
        """How many have none and can still be resumed."""
        return len(self._streams) - self._streams.connected

    def __iter__(self) -> Iterator[LiveStream]:
        return iter(self._streams)

    async def listing(self) -> dict[StreamId, str]:
        """As `StreamStore.listing`."""
        lives = list(self)
        return dict(zip((live.stream.id for live in lives), await list_live(lives, None), strict=True))

    def start(self) -> None:
        """There is nothing to start."""

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def knows(self, stream_id: StreamId) -> bool:
        """Whether this process has the stream."""
        return stream_id in self._streams

    async def connect(self, stream_id: StreamId, connection: Connection, number: int | None) -> LiveStream:
        """As `StreamStore.connect`."""
        known = self._streams.get(stream_id)
        if known is not None:
            known.outrank(number)
        live, forgotten = self._streams.connect(
            stream_id, lambda: LiveStream(Stream(stream_id), self._sinks, self._settings)
        )
        self._close(forgotten, "forgotten")
        live.outrank(number)
        live.carry_by(connection)
        return live

    def may_grow(self, live: LiveStream, address: str) -> None:
        """As `StreamStore.may_grow`, for the address that the stream comes from.

        Remembered streams of the address go first. Where all addresses together have too much, the one with most makes
        room: with those, or else with the stream that has most.
        """
        while (crowd := self._budget.count(live, address, live.stream.remembered_items + 1)) is not None:
            forgotten = self._streams.make_room(crowd)
            if forgotten:
                self._close(forgotten, "forgotten")
            elif crowd == address:
                raise _too_many_items()
            else:
                self._end(self._budget.greatest(crowd), _too_many_items())

    def leave(self, live: LiveStream, address: str) -> None:
        """The stream is remembered, unless nothing ever came."""
        if live.stream.is_unused and live.refused is None:
            # Nobody misses it, and a flood of hellos must not push out streams that somebody comes back for.
            if self._streams.forget(live.stream.id):
                self._close([live], "unused")
        else:
            live.stream.left()
            self._budget.count(live, address, live.stream.remembered_items)  # where it can be found to make room
            self._close(self._streams.leave(live.stream.id, address, live.stream.chunks), "forgotten")

    def expire(self) -> None:
        """Forgets what was gone for `REMEMBER_STREAM_S`."""
        self._closing.prune()
        self._close(self._streams.expire(), "forgotten")

    def clear(self) -> list[LiveStream]:
        """Forgets everything."""
        entries = self._streams.clear()
        for live in entries:
            self._budget.release(live)
        return [*entries, *self._closing.clear()]

    def _end(self, live: LiveStream, error: ProtocolError) -> None:
        """Forgets a stream that is connected."""
        live.fail(error)
        self._streams.forget(live.stream.id)
        self._close([live], "forgotten")

    def _close(self, entries: Sequence[LiveStream], reason: ClosedReason) -> None:
        for live in entries:
            self._budget.release(live)
        self._closing.add(entries, reason)


def _too_many_items() -> ProtocolError:
    return ProtocolError(ErrorCode.TOO_MANY, "The streams of this address have too many ranges and gaps.")
