"""The way in for a developer's own processing.

docs/own-sink.md shows complete ones.
"""

from collections.abc import Awaitable
from typing import Literal, Protocol

from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Ended, Gap, Muted

Pending = Awaitable[None] | None
"""What a sink's method returns: None when it is done, or an awaitable (`async def`) that the stream waits for."""

ClosedReason = Literal["ended", "forgotten", "unused", "shutdown", "failed"]
"""`unused`: the connection went before anything came, so that there is nothing to resume."""


class Sink(Protocol):
    """Sees every stream's events in order, each chunk exactly once. Derive from it and define what you need.

    A method that returns None is the fast path: no task, no queue. One that returns an awaitable is waited for before
    the next event of the same stream; meanwhile at most `window_bytes` of that stream queue up, and then its socket is
    no longer read. Other streams do not notice. A chunk is acknowledged to the phone when every sink has taken it.

    `on_failure` says what an exception means. `detach`: this sink sees no more of that stream, everything else goes on.
    `close`: the stream is refused with close code 4500.
    """

    on_failure: Literal["detach", "close"] = "detach"

    def opened(self, stream: StreamId, opened: Opened) -> Pending:
        """A connection opened the stream or took it up again."""
        return None

    def segment(self, stream: StreamId, start: SegmentStart) -> Pending:
        """A run begins; the chunks that follow belong to this segment."""
        return None

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> Pending:
        """The next chunk."""
        return None

    def gap(self, stream: StreamId, gap: Gap) -> Pending:
        """Chunks that will never come. What follows is a new segment."""
        return None

    def muted(self, stream: StreamId, muted: Muted) -> Pending:
        """The microphone or camera was muted or unmuted."""
        return None

    def ended(self, stream: StreamId, ended: Ended) -> Pending:
        """The person pressed Stop and everything arrived."""
        return None

    def closed(self, stream: StreamId, reason: ClosedReason) -> Pending:
        """Nothing more will come of this stream: let go of what is held for it. A detached sink is not called."""
        return None
