"""The way in for a developer's own processing.

docs/own-sink.md shows complete ones.
"""

from collections.abc import Awaitable, Callable
from typing import Literal

from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Ended, Gap, Muted

Pending = Awaitable[None] | None
"""What a sink's method returns: None when it is done, or an awaitable (`async def`) that the stream waits for."""

ClosedReason = Literal["ended", "forgotten", "unused", "shutdown", "failed"]
"""`unused`: the connection went before anything came. `failed`: this sink failed, or another refused the stream."""

FailurePolicy = Literal["detach", "close"]


class Sink:
    """Sees the events of one stream in order, each chunk exactly once. Derive from it and define what you need.

    There is one object per stream, made by a factory when the stream begins; the class itself is such a factory. Its
    calls never overlap, and `closed` is the last one, always.

    A method that returns None is the fast path: no task, no queue. One that returns an awaitable is waited for before
    the next event of the same stream; meanwhile at most `window_bytes` of that stream queue up, and then its socket is
    no longer read. Other streams do not notice. A chunk is acknowledged to the phone when every sink has taken it.

    `on_failure` says what it means when a method raises, whatever it raises. `detach`: this sink sees no more of the
    stream, everything else goes on. `close`: the stream is refused with close code 4500.
    """

    on_failure: FailurePolicy = "detach"

    def __init__(self, stream: StreamId) -> None:
        self.stream = stream

    def opened(self, opened: Opened) -> Pending:
        """A connection opened the stream or took it up again."""
        return None

    def segment(self, start: SegmentStart) -> Pending:
        """The chunks that follow belong to this segment."""
        return None

    def chunk(self, chunk: TakenChunk) -> Pending:
        """The next chunk."""
        return None

    def gap(self, gap: Gap) -> Pending:
        """Chunks that will never come. What follows is a new segment."""
        return None

    def muted(self, muted: Muted) -> Pending:
        """The microphone or camera was muted or unmuted."""
        return None

    def ended(self, ended: Ended) -> Pending:
        """The person pressed Stop and everything arrived."""
        return None

    def closed(self, reason: ClosedReason) -> Pending:
        """Nothing more will come: let go of everything. Called exactly once, also after a failure."""
        return None


SinkFactory = Callable[[StreamId], Sink]
"""Makes the sink of one stream. A failure of its own counts by its attribute `on_failure`, which a class has."""
