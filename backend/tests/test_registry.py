"""How many streams are remembered, and for how long."""

import pytest

from twincast.streams.registry import Registry
from twincast.wire.close_codes import ErrorCode, ProtocolError


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def make(max_entries: int = 2) -> tuple[Registry[str, object], Clock]:
    clock = Clock()
    return Registry(max_entries, remember_s=60, now_s=clock), clock


def test_a_stream_that_comes_back_in_time_is_known() -> None:
    registry, clock = make()
    entry, _ = registry.connect("a", object)
    registry.leave("a")
    clock.now_s = 59
    assert registry.expire() == []
    assert registry.connect("a", object) == (entry, [])
    assert registry.connect("a", object) == (entry, [])
    clock.now_s = 1_000
    assert registry.expire() == []  # it is connected


def test_a_stream_that_does_not_come_back_is_forgotten() -> None:
    registry, clock = make()
    entry, _ = registry.connect("a", object)
    registry.leave("a")
    clock.now_s = 60
    assert registry.expire() == [entry]
    assert "a" not in registry
    assert registry.connect("a", object)[0] is not entry


def test_the_one_that_has_been_gone_longest_makes_room() -> None:
    registry, _ = make()
    first, _ = registry.connect("a", object)
    registry.connect("b", object)
    registry.leave("a")
    registry.leave("b")
    assert registry.connect("c", object)[1] == [first]
    assert "b" in registry
    assert (len(registry), registry.connected) == (2, 1)


def test_connected_streams_are_never_pushed_out() -> None:
    registry, _ = make()
    registry.connect("a", object)
    registry.connect("b", object)
    with pytest.raises(ProtocolError, match="2 streams are connected") as caught:
        registry.connect("c", object)
    assert caught.value.code is ErrorCode.TOO_MANY


def test_clear_forgets_everything_and_late_leavers_are_no_news() -> None:
    registry, _ = make()
    entries = [registry.connect(key, object)[0] for key in "ab"]
    registry.leave("a")
    assert set(registry.clear()) == set(entries) == set(entries)
    registry.leave("b")
    assert list(registry) == []


def test_what_is_not_worth_remembering_is_forgotten_at_once() -> None:
    registry, _ = make()
    registry.connect("a", object)
    assert registry.forget("a")
    assert not registry.forget("a")
    assert "a" not in registry
