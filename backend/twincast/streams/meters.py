"""Bounded statistics of a stream: delays of the last chunks, and bytes per second. Pure; time is an argument."""

import math
from array import array
from collections.abc import Iterable
from typing import Final

DELAY_WINDOW_CHUNKS: Final = 600
"""One minute at the default cadence of 100 ms, and 4.8 kB per stream."""

_BUCKET_MS: Final = 250.0
_BUCKETS: Final = 8


def nearest_rank(values: Iterable[float], share: float) -> float | None:
    """The quantile of nearest rank (0.5: median, 0.95: 95th percentile): item ceil(share * n) - 1 of the n sorted.

    The smallest value that at least this share of all does not exceed, so always one that was measured. `share` is
    above 0 and at most 1. None where there are no values.
    """
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


class DelayWindow:
    """The delays of the last `DELAY_WINDOW_CHUNKS` chunks, in ms."""

    def __init__(self) -> None:
        self._delays_ms = array("d")
        self._oldest = 0

    def add(self, delay_ms: float) -> None:
        """Takes one delay; the oldest one goes where the window is full."""
        if len(self._delays_ms) < DELAY_WINDOW_CHUNKS:
            self._delays_ms.append(delay_ms)
        else:
            self._delays_ms[self._oldest] = delay_ms
            self._oldest = (self._oldest + 1) % DELAY_WINDOW_CHUNKS

    def quantile_ms(self, share: float) -> float | None:
        """As `nearest_rank`, of the delays in the window."""
        return nearest_rank(self._delays_ms, share)


class RateMeter:
    """Bytes per second over the last two seconds, in steps of 250 ms."""

    def __init__(self) -> None:
        self._bytes = [0] * _BUCKETS
        self._step = 0
        self._first_ms: float | None = None

    def add(self, size_bytes: int, now_ms: float) -> float:
        """Counts `size_bytes` at `now_ms`, and returns the rate with them."""
        if self._first_ms is None:
            self._first_ms = now_ms
        self._advance(now_ms)
        self._bytes[self._step % _BUCKETS] += size_bytes
        return self._mean(self._first_ms, now_ms)

    def bytes_per_second(self, now_ms: float) -> float:
        """The mean over the window, or over the time since the first byte where that is shorter."""
        if self._first_ms is None:
            return 0.0
        self._advance(now_ms)
        return self._mean(self._first_ms, now_ms)

    def _mean(self, first_ms: float, now_ms: float) -> float:
        window_ms = (_BUCKETS - 1) * _BUCKET_MS + now_ms % _BUCKET_MS
        elapsed_ms = max(_BUCKET_MS, min(window_ms, now_ms - first_ms))
        return sum(self._bytes) * 1000 / elapsed_ms

    def _advance(self, now_ms: float) -> None:
        step = int(now_ms // _BUCKET_MS)
        if step == self._step:
            return
        if step < self._step:
            self._bytes[:] = [0] * _BUCKETS  # the clock was set back: what is in the window has no time any more
            self._first_ms = now_ms
        for passed in range(max(self._step + 1, step - _BUCKETS + 1), step + 1):
            self._bytes[passed % _BUCKETS] = 0
        self._step = step
