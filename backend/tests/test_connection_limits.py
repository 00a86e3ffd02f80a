"""Which connection goes where there is one too many, and what counts as a frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import masked
from twincast.access.connection_limits import ConnectionLimits, ConnectionState, ConnectionTable, TrustedProxies
from twincast.access.frame_limits import FrameLimitError, FrameLimits
from twincast.access.held_bytes import HeldBytes


def table(**changed: int) -> ConnectionTable[str]:
    limits = {"max_waiting": 3, "max_per_address": 2, "max_connections": 100, **changed}
    return ConnectionTable(ConnectionLimits(1, 1, 100, max_held_bytes_per_address=1, max_held_bytes=1, **limits))


def test_of_those_that_wait_the_oldest_of_the_greatest_crowd_goes() -> None:
    connections = table()
    assert connections.add("phone", "a") == []
    for name in ("one", "two"):
        assert connections.add(name, "b") == []
    assert connections.add("three", "b") == ["one"]
    assert connections.add("four", "b") == ["two"]
    assert connections.count(ConnectionState.WAITING) == 3


def test_an_address_has_room_for_what_is_refused_and_streams_never_go() -> None:
    connections = table(max_waiting=1_000)
    for number in range(2):
        connections.add(f"stream {number}", "a")
        connections.move(f"stream {number}", ConnectionState.STREAMING)
    for number in range(32):
        assert connections.add(f"other {number}", "a") == []
    assert connections.move("other 5", ConnectionState.CLOSING) == []
    assert connections.add("one more", "a") == ["other 5"]
    assert connections.add("another", "a") == ["other 0"]
    assert connections.add("of somebody else", "b") == []


def test_what_a_proxy_brings_is_counted_when_its_client_is_known() -> None:
    connections = table(max_waiting=1_000)
    for number in range(100):
        assert connections.add(str(number), None) == []
    gone = [one for number in range(100) for one in connections.identify(str(number), "a")]
    assert gone == [str(number) for number in range(66)]
    assert len(connections) == 34


def test_the_process_keeps_files_for_itself() -> None:
    connections = table(max_connections=3, max_waiting=1_000, max_per_address=1_000)
    for name in ("stream", "answer", "wait"):
        connections.add(name, "a")
    connections.move("stream", ConnectionState.STREAMING)
    connections.move("answer", ConnectionState.ANSWERING)
    assert connections.add("b", "b") == ["wait"]
    assert connections.add("c", "c") == ["b"]
    connections.move("c", ConnectionState.STREAMING)
    assert connections.add("d", "d") == ["answer"]
    connections.move("d", ConnectionState.STREAMING)
    assert connections.add("e", "e") == ["e"]


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abc"), st.sampled_from([*ConnectionState, None]))))
def test_no_bound_is_ever_passed(steps: list[tuple[int, str, ConnectionState | None]]) -> None:
    connections = table(max_connections=20)
    known: set[int] = set()
    held: ConnectionTable[int] = connections  # type: ignore[assignment]  # any hashable will do
    for number, address, state in steps:
        if number not in known:
            known.add(number)
            gone = held.add(number, address)
        elif state is None:
            held.remove(number)
            known.discard(number)
            gone = []
        else:
            gone = held.move(number, state)
        known -= set(gone)
        assert len(held) == len(known) <= 20
        assert held.count(ConnectionState.WAITING) <= 3 or state is not ConnectionState.WAITING


@pytest.mark.parametrize(
    ("allowed", "host", "trusted"),
    [
        ("127.0.0.1,::1", "127.0.0.1", True),
        ("127.0.0.1,::1", "127.0.0.2", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("*", "anything", True),
        ("", "127.0.0.1", False),
        ("10.0.0.0/8", "no address", False),
    ],
)
def test_proxies_are_believed_as_uvicorn_believes_them(allowed: str, host: str, trusted: bool) -> None:
    assert (host in TrustedProxies(allowed)) is trusted


@given(st.lists(st.integers(0, 70_000), max_size=12), st.lists(st.integers(1, 40_000), max_size=30), st.integers(1, 5))
def test_slices_hold_so_many_frames_wherever_the_bytes_were_cut(
    sizes: list[int], cuts: list[int], max_frames: int
) -> None:
    sizes = [0, *sizes]  # the first message has a bound of its own
    data = b"".join(masked(0x2, bytes(size)) for size in sizes)
    ends = [len(b"".join(masked(0x2, bytes(size)) for size in sizes[: number + 1])) for number in range(len(sizes))]
    frames = FrameLimits(0)
    at = offset = 0
    for cut in [*cuts, len(data)]:
        piece = data[offset : offset + cut]
        start = 0
        while start < len(piece):
            end = frames.slice(piece, start, max_frames, 10_000, 0)
            assert start < end <= start + 10_000
            begun = sum(at <= begin < offset + end for begin in [0, *ends][: len(sizes)])
            assert begun <= max_frames + 1  # the first may have begun in the slice before, but for its header
            start = end
            at = offset + end
        offset += len(piece)
    assert at == len(data)


def test_control_frames_and_fragments_and_first_messages_have_bounds() -> None:
    def passes(data: bytes) -> None:
        frames = FrameLimits(0)
        at = 0
        while at < len(data):
            at = frames.slice(data, at, 32, 65_536, 0)

    passes(masked(0x9) * 20)
    with pytest.raises(FrameLimitError, match="control"):
        passes(masked(0x9) * 21)
    fragment = b"\x00\x80\0\0\0\0"
    passes(b"\x02\x80\0\0\0\0" + fragment * 1_023)
    with pytest.raises(FrameLimitError, match="fragments"):
        passes(b"\x02\x80\0\0\0\0" + fragment * 1_024)
    passes(masked(0x1, b"hello") + masked(0x2, bytes(70_000)))
    for first in (masked(0x2, bytes(70_000)), b"\x01\x80\0\0\0\0" + fragment + masked(0x0, bytes(70_000))):
        with pytest.raises(FrameLimitError, match="first"):
            passes(first)


@given(st.lists(st.tuples(st.sampled_from([0x1, 0x2, 0x0, 0x9]), st.booleans(), st.integers(0, 300)), max_size=12))
def test_what_has_come_of_an_unfinished_message_is_known_after_every_byte(
    shapes: list[tuple[int, bool, int]],
) -> None:
    frames = FrameLimits(0)
    message_bytes = 0
    is_open = False
    for opcode, is_final, size in shapes:
        if opcode == 0x9:
            for byte in masked(opcode, bytes(size % 126)):
                frames.slice(bytes([byte]), 0, 4, 10_000, 0)
                assert message_bytes - 125 <= frames.unfinished_bytes <= message_bytes
        elif is_open == (opcode == 0x0):  # else the library refuses it
            data = bytearray(masked(opcode, bytes(size)))
            data[0] &= 0xFF if is_final else 0x7F
            for number, byte in enumerate(data, 1 - (len(data) - size)):
                frames.slice(bytes([byte]), 0, 4, 10_000, 0)
                is_complete = is_final and number == size
                assert frames.unfinished_bytes == (0 if is_complete else message_bytes + max(0, number))
            is_open = not is_final
            message_bytes = message_bytes + size if is_open else 0


def test_who_holds_most_goes_where_an_address_or_the_process_holds_too_much() -> None:
    held: HeldBytes[str] = HeldBytes(max_per_address=100, max_bytes=150)
    assert held.count("phone", "a", 10) == []
    assert held.count("flood 0", "a", 60) == []
    assert held.count("flood 1", "a", 20) == []
    assert held.count("phone", "a", 30) == ["flood 0"]
    assert held.total == 50
    assert held.count("other", "b", 90) == []
    assert held.count("phone", "a", 65) == ["other"]
    assert held.count("behind a proxy", None, 140) == ["behind a proxy"]
    for name in ("phone", "flood 1", "nobody"):
        held.release(name)
    assert held.total == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["a", "b", "c", None]), st.integers(0, 80))))
def test_never_more_is_held_than_the_bounds_allow(steps: list[tuple[int, str | None, int]]) -> None:
    held: HeldBytes[int] = HeldBytes(max_per_address=100, max_bytes=180)
    known: dict[int, tuple[str | None, int]] = {}
    for connection, address, size in steps:
        known[connection] = (address, size)
        for gone in held.count(connection, address, size):
            assert known[gone][1] == max(other for where, other in known.values() if where == known[gone][0])
            del known[gone]
        assert held.total == sum(size for _, size in known.values()) <= 180
        for one in "abc":
            assert sum(size for where, size in known.values() if where == one) <= 100
