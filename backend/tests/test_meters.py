"""Delays and rates: bounded, and right at the edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.run import quantile
from twincast.streams.meters import DELAY_WINDOW_CHUNKS, DelayWindow, RateMeter, nearest_rank

NEAREST_RANKS = [
    # values, share, the value at index ceil(share * n) - 1 of the sorted ones
    ([7], 0.5, 7),
    ([7], 0.95, 7),
    ([2, 1], 0.5, 1),
    ([2, 1], 0.95, 2),
    ([30, 10, 20], 0.5, 20),
    ([4, 3, 2, 1], 0.5, 2),
    ([5, 4, 3, 2, 1], 0.5, 3),
    ([*range(1, 20)], 0.95, 19),
    ([*range(1, 21)], 0.95, 19),
    ([*range(1, 22)], 0.95, 20),
    ([*range(100, 0, -1)], 0.5, 50),
    ([*range(100, 0, -1)], 0.95, 95),
    ([*range(100, 0, -1)], 0.99, 99),
    ([*range(100, 0, -1)], 1, 100),
]


@pytest.mark.parametrize(("values", "share", "is_"), NEAREST_RANKS)
def test_every_quantile_is_of_the_nearest_rank(values: list[float], share: float, is_: float) -> None:
    window = DelayWindow()
    for value in values:
        window.add(value)
    assert nearest_rank(values, share) == window.quantile_ms(share) == quantile(values, share) == is_


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_the_nearest_rank_is_the_smallest_value_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    found = nearest_rank(values, share)
    assert found is not None
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_nothing_has_no_quantile() -> None:
    assert nearest_rank([], 0.5) is None


def test_quantiles_of_a_small_window() -> None:
    window = DelayWindow()
    assert window.quantile_ms(0.5) is None
    for delay_ms in (30, 10, 20):
        window.add(delay_ms)
    assert (window.quantile_ms(0.5), window.quantile_ms(0.95), window.quantile_ms(1)) == (20, 30, 30)


def test_only_the_last_chunks_count() -> None:
    window = DelayWindow()
    for _ in range(DELAY_WINDOW_CHUNKS):
        window.add(1_000)
    for _ in range(DELAY_WINDOW_CHUNKS - 1):
        window.add(10)
    assert (window.quantile_ms(0.5), window.quantile_ms(1)) == (10, 1_000)
    window.add(10)
    assert window.quantile_ms(1) == 10


@pytest.mark.parametrize("cadence_ms", [20, 100, 250, 1000])
def test_a_steady_stream_shows_its_rate(cadence_ms: int) -> None:
    meter = RateMeter()
    now_ms = 1_763_836_800_000.0
    for _ in range(10_000 // cadence_ms):
        now_ms += cadence_ms
        meter.add(cadence_ms * 100, now_ms)
    assert meter.bytes_per_second(now_ms) == pytest.approx(100_000, rel=0.6)
    assert meter.bytes_per_second(now_ms + 10_000) == 0


def test_no_rate_before_the_first_byte_and_none_after_a_clock_that_was_set_back() -> None:
    meter = RateMeter()
    assert meter.bytes_per_second(5) == 0
    meter.add(1_000, 100_000)
    assert meter.bytes_per_second(100_000) == 4_000
    assert meter.bytes_per_second(50_000) == 0


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 1e12)), max_size=50))
def test_a_rate_is_never_negative_and_bounded_by_what_came(steps: list[tuple[int, float]]) -> None:
    meter = RateMeter()
    for size, now_ms in steps:
        meter.add(size, now_ms)
        assert 0 <= meter.bytes_per_second(now_ms) <= 4 * sum(size for size, _ in steps)
