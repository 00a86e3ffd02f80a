"""Time as the process measures it."""

import time

import pytest

from twincast.server.clock import now_ms


@pytest.mark.parametrize("shift_s", [-3_600, 600])
def test_it_neither_leaps_nor_goes_back_when_the_system_clock_is_set(
    monkeypatch: pytest.MonkeyPatch, shift_s: float
) -> None:
    before_ms = now_ms()
    system_time = time.time
    monkeypatch.setattr(time, "time", lambda: system_time() + shift_s)
    assert 0 <= now_ms() - before_ms < 5_000


def test_it_counts_from_the_epoch() -> None:
    assert abs(now_ms() - time.time() * 1000) < 5_000
