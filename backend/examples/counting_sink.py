"""The smallest useful sink: how much came of a stream, and how much of it is missing."""

import logging

from twincast import ClosedReason, Gap, Sink, StreamId, TakenChunk

_log = logging.getLogger("counting")


class CountingSink(Sink):
    """Counts bytes, and milliseconds that will never come."""

    def __init__(self, stream: StreamId) -> None:
        super().__init__(stream)
        self.bytes = 0
        self.missing_ms = 0.0

    def chunk(self, chunk: TakenChunk) -> None:
        """Returns None: the fast path."""
        self.bytes += len(chunk.payload)

    def gap(self, gap: Gap) -> None:
        """What is lost is told with its length."""
        self.missing_ms += gap.ms

    def closed(self, reason: ClosedReason) -> None:
        """Always the last call."""
        _log.info("%s of %s: %d B, %d ms missing", self.stream.kind, self.stream.short, self.bytes, self.missing_ms)
