"""The smallest useful sink: how much came of each stream, and how much of it is missing."""

from collections import Counter

from twincast import Gap, Sink, StreamId, TakenChunk


class CountingSink(Sink):
    """Counts bytes, and milliseconds that will never come."""

    def __init__(self) -> None:
        self.bytes: Counter[StreamId] = Counter()
        self.missing_ms: Counter[StreamId] = Counter()

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> None:
        """Returns None: the fast path."""
        self.bytes[stream] += len(chunk.payload)

    def gap(self, stream: StreamId, gap: Gap) -> None:
        """What is lost is told with its length."""
        self.missing_ms[stream] += round(gap.ms)
