"""What is watched, and by whom: a channel for each stream that is not over, fed by a sink that never waits."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal, Protocol

from typing_extensions import override

from twincast.access.viewer_limits import ViewerCounts
from twincast.access.watch_access import WatchAccess
from twincast.server.clock import now_ms
from twincast.server.live_stream import LiveStream
from twincast.sinks.sink import ClosedReason, Sink
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.watch.channel import Channel
from twincast.watch.viewer_queue import ViewerQueue
from twincast.wire.message_types import Ended, Gap, Muted, StreamKind
from twincast.wire.watch import WatchedState

OverReason = Literal["ended", "forgotten", "moved"]
"""moved: it may go on elsewhere, or here again."""


class Viewer(Protocol):
    """A socket that watches."""

    @property
    def queue(self) -> ViewerQueue:
        """What it is told."""

    def over(self, reason: OverReason) -> None:
        """Nothing more will come: close, once everything is sent."""


class WatchedStream:
    """A stream that can be watched."""

    def __init__(self, stream_id: StreamId, watch_id: str) -> None:
        self.id = stream_id
        self.watch_id = watch_id
        self.channel = Channel(stream_id.kind)
        self.since_ms = now_ms()
        self.user_agent: str | None = None
        self.viewers: dict[Viewer, None] = {}

    @property
    def state(self) -> WatchedState:
        """Whether the phone is there."""
        return "gone" if self.channel.is_gone else "live"


class Elsewhere(Protocol):
    """Streams that other processes have as well."""

    def start(self) -> None:
        """Called in the event loop, before anything else."""

    def viewers(self, stream_id: StreamId) -> int:
        """How many watch it in all processes."""

    def watched(self, stream_id: StreamId, viewers: int) -> None:
        """So many watch it in this process: `on_viewers` is called where that changes the number of all."""

    async def find(self, watch_id: str, kind: StreamKind) -> WatchedStream | Ended | None:
        """The stream of that name, or its verdict. Raises `WatchError`."""

    def leave(self, watched: WatchedStream) -> None:
        """Nobody watches it here any more."""

    async def stop(self) -> None:
        """The process ends."""


class WatchHub:
    """All that is watched in this process. One event loop, no locks."""

    def __init__(
        self, access: WatchAccess, counts: ViewerCounts, remembered: Callable[[], Iterable[LiveStream]]
    ) -> None:
        self.access = access
        self.counts = counts
        self._remembered = remembered
        self.on_viewers: Callable[[StreamId, int], None] = lambda _stream_id, _viewers: None
        """Called when the number of a stream's viewers changed."""
        self.elsewhere: Elsewhere | None = None
        """Where streams are read from a log that processes share. Then none is fed by a sink of its own process."""
        self._streams: dict[StreamId, WatchedStream] = {}
        self._sessions: dict[str, dict[StreamKind, WatchedStream]] = {}
        self._seen_since_ms: dict[str, float] = {}

    def sink(self, stream_id: StreamId) -> Sink:
        """The sink of one stream: a `SinkFactory`. It never waits, so that no viewer can hold a phone back."""
        watched = self.make(stream_id)
        self.register(watched)
        return self.sink_of(watched)

    def make(self, stream_id: StreamId) -> WatchedStream:
        """A stream that can be watched once it is registered."""
        return WatchedStream(stream_id, self.access.watch_id(stream_id.session))

    def register(self, watched: WatchedStream) -> None:
        """It can be watched from now on."""
        self._streams[watched.id] = watched
        self._sessions.setdefault(watched.watch_id, {})[watched.id.kind] = watched

    def sink_of(self, watched: WatchedStream) -> Sink:
        """What feeds it."""
        return _WatchSink(watched, self)

    def of(self, stream_id: StreamId) -> WatchedStream | None:
        """The stream of that id, where it can be watched here."""
        return self._streams.get(stream_id)

    async def find(self, watch_id: str, kind: StreamKind) -> WatchedStream | Ended | None:
        """The stream of that name, or its verdict, where it has ended and is remembered. Raises `WatchError`."""
        watched = self._sessions.get(watch_id, {}).get(kind)
        if watched is not None:
            return watched
        if self.elsewhere is not None:
            return await self.elsewhere.find(watch_id, kind)
        for live in self._remembered():
            stream = live.stream
            if stream.ended and stream.id.kind == kind and self.access.watch_id(stream.id.session) == watch_id:
                return stream.ended
        return None

    def __iter__(self) -> Iterator[WatchedStream]:
        """All that can be watched, the oldest first."""
        return iter(list(self._streams.values()))

    def __len__(self) -> int:
        """How many sockets watch."""
        return self.counts.total

    def seen(self, sessions: Collection[str]) -> dict[str, float]:
        """Since when each of these was seen, in milliseconds since the epoch. They are all that there are."""
        now = now_ms()
        self._seen_since_ms = {session: self._seen_since_ms.get(session, now) for session in sessions}
        for one in self._streams.values():
            if one.id.session in self._seen_since_ms:
                since_ms = min(self._seen_since_ms[one.id.session], one.since_ms)
                self._seen_since_ms[one.id.session] = since_ms
        return self._seen_since_ms

    def viewers(self, stream_id: StreamId) -> int:
        """How many watch a stream."""
        if self.elsewhere is not None:
            return self.elsewhere.viewers(stream_id)
        watched = self._streams.get(stream_id)
        return 0 if watched is None else len(watched.viewers)

    def enter(self, watched: WatchedStream, viewer: Viewer) -> None:
        """`viewer` gets from now on what comes, and at once what it needs to begin."""
        watched.viewers[viewer] = None
        watched.channel.add(viewer.queue, time.monotonic())
        self._tell_viewers(watched)

    def leave(self, watched: WatchedStream, viewer: Viewer) -> None:
        """It is gone."""
        del watched.viewers[viewer]
        watched.channel.remove(viewer.queue)
        self._tell_viewers(watched)
        if self.elsewhere is not None and not watched.viewers:
            self.elsewhere.leave(watched)

    def _tell_viewers(self, watched: WatchedStream) -> None:
        if self.elsewhere is not None:
            self.elsewhere.watched(watched.id, len(watched.viewers))
        else:
            self.on_viewers(watched.id, len(watched.viewers))

    def gone(self, stream_id: StreamId) -> None:
        """The phone has no connection any more."""
        watched = self._streams.get(stream_id)
        if watched is not None:
            watched.channel.gone(time.monotonic())

    def close(self, watched: WatchedStream, reason: ClosedReason) -> None:
        """The stream is over here."""
        if self._streams.get(watched.id) is watched:
            del self._streams[watched.id]
            streams = self._sessions[watched.watch_id]
            del streams[watched.id.kind]
            if not streams:
                del self._sessions[watched.watch_id]
        for viewer in list(watched.viewers):
            viewer.over("ended" if reason == "ended" else "moved" if reason == "shutdown" else "forgotten")


class _WatchSink(Sink):
    """Tells the channel of one stream."""

    def __init__(self, watched: WatchedStream, hub: WatchHub) -> None:
        super().__init__(watched.id)
        self._watched = watched
        self._channel = watched.channel
        self._hub = hub

    @override
    def opened(self, opened: Opened) -> None:
        self._watched.user_agent = opened.user_agent
        self._channel.resumed(time.monotonic())

    @override
    def segment(self, start: SegmentStart) -> None:
        self._channel.segment(start, time.monotonic())

    @override
    def chunk(self, chunk: TakenChunk) -> None:
        self._channel.chunk(chunk, time.monotonic())

    @override
    def gap(self, gap: Gap) -> None:
        self._channel.gap(gap, time.monotonic())

    @override
    def muted(self, muted: Muted) -> None:
        self._channel.muted(muted.muted, time.monotonic())

    @override
    def ended(self, ended: Ended) -> None:
        self._channel.ended(ended, time.monotonic())

    @override
    def closed(self, reason: ClosedReason) -> None:
        self._hub.close(self._watched, reason)
