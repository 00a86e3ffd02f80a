"""Figures for Prometheus: plain integers on the path of a chunk, turned into metrics when somebody asks."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, Literal

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from twincast.sinks.sink import Sink
from twincast.streams.events import Opened, StreamId, TakenChunk
from twincast.wire.message_types import Ended, Gap, StreamKind

DELAY_BUCKETS_MS: Final = (10, 25, 50, 100, 150, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)
_KINDS: Final[tuple[StreamKind, ...]] = ("video", "audio")


class _Kind:
    """The figures of all streams of one kind."""

    def __init__(self) -> None:
        self.chunks = 0
        self.bytes = 0
        self.gaps: Counter[str] = Counter()
        self.gap_ms = 0.0
        self.opened: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.delay_counts = [0] * (len(DELAY_BUCKETS_MS) + 1)
        self.delay_sum_ms = 0.0


class _MetricsSink(Sink):
    """Counts what the sinks see of one stream. It never fails and never waits."""

    def __init__(self, stream: StreamId, figures: _Kind) -> None:
        super().__init__(stream)
        self._figures = figures

    def opened(self, opened: Opened) -> None:
        """Counts how streams begin."""
        self._figures.opened[opened.how] += 1

    def chunk(self, chunk: TakenChunk) -> None:
        """Counts chunks, bytes and delays."""
        figures = self._figures
        figures.chunks += 1
        figures.bytes += len(chunk.payload)
        delay_ms = chunk.delay_ms
        if delay_ms is not None:
            figures.delay_counts[bisect_left(DELAY_BUCKETS_MS, delay_ms)] += 1
            figures.delay_sum_ms += delay_ms

    def gap(self, gap: Gap) -> None:
        """Counts gaps."""
        self._figures.gaps[gap.reason] += 1
        self._figures.gap_ms += gap.ms

    def ended(self, ended: Ended) -> None:
        """Counts verdicts."""
        self._figures.ended["verified" if ended.verified else "not-verified"] += 1


class Metrics(Collector):
    """Everything that /metrics shows. `gauges` are read when it is asked."""

    def __init__(self) -> None:
        self._kinds: dict[StreamKind, _Kind] = {kind: _Kind() for kind in _KINDS}
        self.refusals: Counter[str] = Counter()
        self.duplicates = 0
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def sink(self, stream: StreamId) -> Sink:
        """The sink that counts one stream: a `SinkFactory`."""
        return _MetricsSink(stream, self._kinds[stream.kind])

    def collect(self) -> Iterable[Metric]:
        """The metric families of this moment."""
        for name, (help_text, gauge) in self.gauges.items():
            yield GaugeMetricFamily(f"twincast_{name}", help_text, value=gauge())
        yield CounterMetricFamily("twincast_duplicates", "Chunks that came again.", value=self.duplicates)
        yield self._labelled("twincast_refusals", "Connections ended with an error.", "code", self.refusals)
        kinds = self._kinds
        yield self._per_kind("twincast_chunks", "Chunks taken.", lambda kind: kind.chunks)
        yield self._per_kind("twincast_bytes", "Payload bytes taken.", lambda kind: kind.bytes)
        yield self._per_kind("twincast_gap_seconds", "Media that will never come.", lambda kind: kind.gap_ms / 1000)
        yield self._labelled_per_kind("twincast_opened", "Connections by how their stream began.", "how", "opened")
        yield self._labelled_per_kind("twincast_gaps", "Gaps by reason.", "reason", "gaps")
        yield self._labelled_per_kind("twincast_ended", "Streams that ended, by verdict.", "verdict", "ended")
        delays = HistogramMetricFamily("twincast_delay_seconds", "From capture to this process.", labels=["stream"])
        for stream, kind in kinds.items():
            delays.add_metric([stream], _cumulative(kind.delay_counts), kind.delay_sum_ms / 1000)
        yield delays

    def _per_kind(self, name: str, help_text: str, read: Callable[[_Kind], float]) -> Metric:
        family = CounterMetricFamily(name, help_text, labels=["stream"])
        for stream, kind in self._kinds.items():
            family.add_metric([stream], read(kind))
        return family

    def _labelled_per_kind(
        self, name: str, help_text: str, label: str, field: Literal["opened", "gaps", "ended"]
    ) -> Metric:
        family = CounterMetricFamily(name, help_text, labels=["stream", label])
        for stream, kind in self._kinds.items():
            counts: Counter[str] = getattr(kind, field)
            for value, count in counts.items():
                family.add_metric([stream, value], count)
        return family

    @staticmethod
    def _labelled(name: str, help_text: str, label: str, counts: Counter[str]) -> Metric:
        family = CounterMetricFamily(name, help_text, labels=[label])
        for value, count in counts.items():
            family.add_metric([value], count)
        return family


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    buckets: list[tuple[str, float]] = []
    total = 0
    for upper_ms, count in zip((*DELAY_BUCKETS_MS, None), counts, strict=True):
        total += count
        buckets.append(("+Inf" if upper_ms is None else str(upper_ms / 1000), total))
    return buckets
