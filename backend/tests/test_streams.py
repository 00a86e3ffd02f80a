"""What the backend knows of a stream: order, ranges, gaps, resumption, the end."""

from typing import Any

import msgspec
import pytest

from tests.wire import chain_of
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.streams.ranges import RangeLog
from twincast.streams.stream import Stream
from twincast.wire.chunk import Chunk
from twincast.wire.close_codes import ErrorCode, ProtocolError
from twincast.wire.message_types import MAX_RANGES, End, Ended, Gap, HashedRange, Muted, Ping, RangeResult, Segment

T0_MS = 1_763_836_800_000.0
ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")


def chunk(seq: int, payload: bytes = b"media", segment: int = 0, first: bool = False) -> Chunk:
    return Chunk(seq, segment, first, False, False, T0_MS, T0_MS, memoryview(payload))


def segment(number: int = 0) -> Segment:
    return Segment(number, "video/webm", T0_MS)


def hashed(number: int, from_seq: int, *payloads: bytes) -> HashedRange:
    return HashedRange(number, from_seq, sum(map(len, payloads)), chain_of(payloads))


def opened(resume_from: int = 0, announce: int | None = 0) -> Stream:
    stream = Stream(ID)
    stream.open(resume_from)
    if announce is not None:
        stream.announce(segment(announce))
    return stream


def take(stream: Stream, *chunks: Chunk) -> list[Any]:
    events: list[Any] = []
    for one in chunks:
        events += stream.take_chunk(one, T0_MS + 50)
        stream.taken(one.seq, T0_MS + 50)
    return events


def refused(code: ErrorCode, says: str) -> Any:
    return pytest.raises(ProtocolError, match=says, check=lambda error: error.code is code)


def test_a_new_stream_begins_where_the_client_says() -> None:
    opening = Stream(ID).open(0, "Mozilla/5.0")
    assert (opening.next_seq, opening.resumed) == (0, False)
    assert opening.event == Opened("new", 0, "Mozilla/5.0")


def test_an_unknown_stream_continues_at_resume_from_with_its_header_missing() -> None:
    stream = Stream(ID)
    opening = stream.open(10)
    assert (opening.next_seq, opening.resumed) == (10, False)
    assert opening.event == Opened("continued", 10, None)
    stream.announce(segment(3))
    start, taken = take(stream, chunk(10, segment=3))
    assert start == SegmentStart(segment(3), 10, header_missing=True)
    assert taken.seq == 10


def test_a_segment_that_begins_here_has_its_header() -> None:
    start, *_ = take(opened(), chunk(0, first=True))
    assert start == SegmentStart(segment(0), 0, header_missing=False)


def test_a_known_stream_resumes_after_the_last_chunk_that_sinks_took() -> None:
    stream = opened()
    take(stream, chunk(0), chunk(1))
    stream.take_chunk(chunk(2), T0_MS)  # received, but no sink has it yet
    opening = stream.open(1)
    assert (opening.next_seq, opening.resumed) == (2, True)
    assert stream.resumes == 1
    stream.announce(segment(0))
    assert take(stream, chunk(2)) == []  # what is queued already is not handed on twice
    assert [event.seq for event in take(stream, chunk(3))] == [3]


def test_resume_from_above_next_seq_means_that_another_process_has_the_chunks_between() -> None:
    stream = opened()
    take(stream, chunk(0), chunk(1))
    opening = stream.open(7)
    assert (opening.next_seq, opening.resumed) == (7, False)
    assert opening.event is not None
    assert opening.event.how == "continued"
    stream.announce(segment(0))
    start, taken = take(stream, chunk(7))
    assert isinstance(start, SegmentStart)
    assert (start.from_seq, start.header_missing, taken.seq) == (7, True, 7)


def test_chunks_come_once_and_in_order_with_running_totals() -> None:
    stream = opened()
    events = take(stream, chunk(0, b"ab"), chunk(1, b"cde"), chunk(1, b"cde"), chunk(0, b"ab"))
    taken = [event for event in events if isinstance(event, TakenChunk)]
    assert [bytes(event.payload) for event in taken] == [b"ab", b"cde"]
    assert [(event.chunks_total, event.bytes_total) for event in taken] == [(1, 2), (2, 5)]
    assert stream.duplicates == 2


def test_a_chunk_from_the_future_is_refused_and_changes_nothing() -> None:
    stream = opened()
    take(stream, chunk(0))
    with refused(ErrorCode.BAD_MESSAGE, "Chunk 2 is from the future: the next one is 1"):
        stream.take_chunk(chunk(2), T0_MS)
    assert take(stream, chunk(1))[0].seq == 1


def test_a_chunk_must_belong_to_the_segment_announced_last_on_this_connection() -> None:
    stream = opened(announce=None)
    with refused(ErrorCode.BAD_MESSAGE, "which was not the last announced here"):
        stream.take_chunk(chunk(0), T0_MS)
    stream.announce(segment(4))
    with refused(ErrorCode.BAD_MESSAGE, "Chunk 0 belongs to segment 0"):
        stream.take_chunk(chunk(0), T0_MS)


@pytest.mark.parametrize("again", [1, 2])
def test_announced_numbers_grow_on_a_connection(again: int) -> None:
    stream = opened(announce=2)
    with refused(ErrorCode.BAD_MESSAGE, f"Segment {again} was announced after segment 2"):
        stream.announce(segment(again))


def test_segments_never_go_back_even_across_connections() -> None:
    stream = opened(announce=2)
    take(stream, chunk(0, segment=2))
    stream.open(1)
    stream.announce(segment(1))
    with refused(ErrorCode.BAD_MESSAGE, "the lowest that may come is 2"):
        stream.take_chunk(chunk(1, segment=1), T0_MS)


def test_a_gap_is_reported_and_the_next_chunk_begins_a_new_segment() -> None:
    stream = opened()
    take(stream, chunk(0))
    gap = Gap(1, 5, 500, "outbox-full")
    assert stream.take_gap(gap) == (gap,)
    assert stream.next_seq == 6
    with refused(ErrorCode.BAD_MESSAGE, "the lowest that may come is 1"):
        stream.take_chunk(chunk(6), T0_MS)
    stream.announce(segment(1))
    assert [type(event) for event in take(stream, chunk(6, segment=1))] == [SegmentStart, TakenChunk]


def test_a_gap_may_come_before_any_segment() -> None:
    stream = opened()
    stream.take_gap(Gap(0, 1, 0, "too-large"))
    assert take(stream, chunk(2))[-1].seq == 2


def test_a_gap_that_was_taken_before_is_not_reported_again() -> None:
    stream = opened()
    stream.take_gap(Gap(0, 4, 1, "outbox-full"))
    assert stream.take_gap(Gap(0, 4, 1, "outbox-full")) == ()
    assert len(stream.gaps) == 1


def test_what_arrived_of_a_gap_is_cut_off_it_with_its_share_of_the_time() -> None:
    stream = opened()
    take(stream, chunk(0), chunk(1))
    assert stream.take_gap(Gap(0, 7, 800, "outbox-full")) == (Gap(2, 7, 600, "outbox-full"),)


def test_a_gap_from_the_future_is_refused() -> None:
    with refused(ErrorCode.BAD_MESSAGE, "The gap begins at 3: the next chunk is 0"):
        opened().take_gap(Gap(3, 4, 1, "outbox-full"))


def test_gaps_and_runs_are_bounded() -> None:
    stream = opened()
    for seq in range(MAX_RANGES):
        stream.take_gap(Gap(seq, seq, 1, "too-large"))
    with refused(ErrorCode.BAD_MESSAGE, "4096 gaps"):
        stream.take_gap(Gap(MAX_RANGES, MAX_RANGES, 1, "too-large"))
    ranges = RangeLog()
    for number in range(MAX_RANGES):
        ranges.begin(number, number)
    with refused(ErrorCode.BAD_MESSAGE, "4096 ranges"):
        ranges.begin(MAX_RANGES, MAX_RANGES)


def test_a_run_must_be_open_to_grow() -> None:
    with pytest.raises(RuntimeError):
        RangeLog().add(memoryview(b"x"))


def test_the_delay_uses_the_clients_clock_offset_and_is_unknown_before() -> None:
    stream = opened()
    (_, before) = stream.take_chunk(chunk(0), T0_MS + 80)
    stream.take_ping(Ping(T0_MS, offset_ms=-20, rtt_ms=12))
    stream.take_ping(Ping(T0_MS))
    (after,) = stream.take_chunk(chunk(1), T0_MS + 80)
    assert isinstance(before, TakenChunk)
    assert isinstance(after, TakenChunk)
    assert (before.delay_ms, after.delay_ms) == (None, 100)
    assert (stream.delays.quantile_ms(0.5), stream.rtt_ms, stream.offset_ms) == (100, 12, -20)


def test_mutes_are_told_on_change_only() -> None:
    stream = opened()
    assert stream.take_muted(Muted(True)) == (Muted(True),)
    assert stream.take_muted(Muted(True)) == ()
    stream.open(0)
    assert stream.take_muted(Muted(True)) == ()
    assert stream.muted


def test_a_run_goes_on_unmuted_after_a_reconnect_without_a_word() -> None:
    stream = opened()
    take(stream, chunk(0))
    stream.take_muted(Muted(True))
    stream.open(1)
    stream.announce(segment())
    assert [type(event) for event in take(stream, chunk(1))] == [Muted, TakenChunk]


@pytest.mark.parametrize("what", ["chunk", "gap", "end"])
def test_media_without_a_word_after_a_reconnect_mean_unmuted(what: str) -> None:
    stream = opened()
    stream.take_muted(Muted(True))
    stream.open(0)
    stream.announce(segment())
    match what:
        case "chunk":
            events: tuple[Any, ...] = stream.take_chunk(chunk(0), T0_MS)
        case "gap":
            events = stream.take_gap(Gap(0, 0, 1, "too-large"))
        case _:
            events = stream.take_end(End(-1, ()))
    assert events[0] == Muted(False)
    assert not stream.muted


def test_the_end_is_verified_when_every_run_has_the_clients_length_and_hash() -> None:
    stream = opened()
    take(stream, chunk(0, b"ab"), chunk(1, b"cd"))
    gap = Gap(2, 3, 200, "too-far-behind")
    stream.take_gap(gap)
    stream.announce(segment(1))
    take(stream, chunk(4, b"ef", segment=1))
    (ended,) = stream.take_end(End(4, (hashed(0, 0, b"ab", b"cd"), hashed(1, 4, b"ef"))))
    assert ended == Ended(3, 6, (gap,), True, (RangeResult(0, 0, "verified"), RangeResult(1, 4, "verified")))


def test_a_stream_that_had_nothing_ends_verified() -> None:
    assert opened(announce=None).take_end(End(-1, ())) == (Ended(0, 0, (), True, ()),)


@pytest.mark.parametrize(
    ("claims", "state"),
    [
        ((hashed(0, 0, b"abXd"),), [(0, 0, "mismatch")]),
        ((hashed(0, 0, b"abc"),), [(0, 0, "mismatch")]),
        ((hashed(0, 0, b"ab", b"cd"),), [(0, 0, "mismatch")]),
        ((), [(0, 0, "mismatch")]),
        ((hashed(0, 0, b"abcd"), hashed(9, 9, b"x")), [(0, 0, "verified"), (9, 9, "unknown")]),
    ],
    ids=[
        "other bytes",
        "fewer bytes",
        "cut elsewhere",
        "a range that the client does not know",
        "a range that this process never saw",
    ],
)
def test_an_end_that_does_not_agree_is_not_verified(claims: tuple[HashedRange, ...], state: Any) -> None:
    stream = opened()
    take(stream, chunk(0, b"abcd"))
    (ended,) = stream.take_end(End(0, claims))
    assert isinstance(ended, Ended)
    assert not ended.verified
    assert list(ended.ranges) == state


def test_a_run_that_went_on_elsewhere_may_be_longer_here_than_the_client_knows() -> None:
    stream = opened()
    take(stream, chunk(0, b"ab"), chunk(1, b"cd"))
    stream.open(9)  # the client never saw the ack of chunk 1: its range ends at chunk 0
    (ended,) = stream.take_end(End(8, (hashed(0, 0, b"ab"), hashed(0, 1, b"cdef"))))
    assert isinstance(ended, Ended)
    assert list(ended.ranges) == [(0, 0, "unknown"), (0, 1, "unknown")]


@pytest.mark.parametrize("claims", [(hashed(0, 0, b"ab"),), ()], ids=["ends early", "is lost"])
def test_a_run_before_a_lost_worker_is_not_held_against_the_client(claims: tuple[HashedRange, ...]) -> None:
    stream = opened()
    take(stream, chunk(0, b"ab"), chunk(1, b"cd"))
    stream.take_gap(Gap(2, 4, 3_000, "worker-lost"))
    stream.announce(segment(1))
    take(stream, chunk(5, b"ef", segment=1))
    (ended,) = stream.take_end(End(5, (*claims, hashed(1, 5, b"ef"))))
    assert isinstance(ended, Ended)
    assert not ended.verified
    assert list(ended.ranges) == [(0, 0, "unknown"), (1, 5, "verified")]


@pytest.mark.parametrize(
    ("claims", "states"),
    [
        ((hashed(0, 0, b"ab"), hashed(1, 2)), ["unknown", "unknown"]),
        ((hashed(0, 0, b"ab", b"cd"), hashed(1, 2, b"ef")), ["verified", "unknown"]),
        ((hashed(0, 0, b"ab", b"cd"), hashed(1, 2, b"ef", b"")), ["verified", "verified"]),
        ((hashed(0, 0, b"ab", b"cd", b"x"), hashed(1, 2, b"ef", b"x")), ["mismatch", "mismatch"]),
    ],
    ids=["chunks are missing", "an empty chunk is", "nothing is", "it has more"],
)
def test_a_record_that_a_lost_worker_cut_short_is_not_held_against_the_client(
    claims: tuple[HashedRange, ...], states: list[str]
) -> None:
    stream = opened()
    take(stream, chunk(0, b"ab"), chunk(1, b"cd"))
    stream.announce(segment(1))
    take(stream, chunk(2, b"ef", segment=1), chunk(3, b"", segment=1))
    (ended,) = stream.take_end(End(3, tuple(msgspec.structs.replace(one, maybe_shorter=True) for one in claims)))
    assert isinstance(ended, Ended)
    assert [one.state for one in ended.ranges] == states
    assert ended.verified == (set(states) == {"verified"})


def test_an_empty_last_chunk_before_a_lost_worker_is_not_held_against_the_client() -> None:
    stream = opened()
    take(stream, chunk(0, b"ab"), chunk(1, b""))
    stream.take_gap(Gap(2, 4, 3_000, "worker-lost"))
    (ended,) = stream.take_end(End(4, (hashed(0, 0, b"ab"),)))
    assert isinstance(ended, Ended)
    assert [one.state for one in ended.ranges] == ["unknown"]


@pytest.mark.parametrize("last_seq", [-1, 1])
def test_the_end_must_name_the_last_chunk(last_seq: int) -> None:
    stream = opened()
    take(stream, chunk(0))
    with refused(ErrorCode.BAD_MESSAGE, f"ends at {last_seq}, but the next chunk here is 1"):
        stream.take_end(End(last_seq, ()))


def ended_stream() -> tuple[Stream, End]:
    stream = opened()
    take(stream, chunk(0, b"ab"))
    end = End(0, (hashed(0, 0, b"ab"),))
    stream.take_end(end)
    return stream, end


def test_after_the_end_a_lost_answer_can_be_asked_for_again() -> None:
    stream, end = ended_stream()
    opening = stream.open(0)
    assert (opening.next_seq, opening.resumed, opening.event) == (1, True, None)
    stream.announce(segment(0))
    assert stream.take_chunk(chunk(0, b"ab"), T0_MS) == ()
    assert stream.take_gap(Gap(0, 0, 1, "too-large")) == ()
    assert stream.take_muted(Muted(True)) == ()
    stream.take_ping(Ping(T0_MS))
    assert stream.take_end(end) == ()


def test_after_the_end_nothing_new_is_taken() -> None:
    stream, end = ended_stream()
    stream.open(0)
    with refused(ErrorCode.ALREADY_ENDED, "has ended"):
        stream.announce(segment(1))
    stream.announce(segment(0))
    with refused(ErrorCode.ALREADY_ENDED, "has ended"):
        stream.take_chunk(chunk(1), T0_MS)
    with refused(ErrorCode.ALREADY_ENDED, "has ended"):
        stream.take_gap(Gap(1, 2, 1, "outbox-full"))
    with refused(ErrorCode.ALREADY_ENDED, "has ended"):
        stream.take_end(End(end.last_seq, ()))
    with refused(ErrorCode.ALREADY_ENDED, "has ended"):
        stream.open(5)


def test_after_the_end_of_an_empty_stream_no_segment_is_taken() -> None:
    stream = opened(announce=None)
    stream.take_end(End(-1, ()))
    with refused(ErrorCode.ALREADY_ENDED, "has ended at -1"):
        stream.announce(segment(0))


def test_a_stream_is_used_once_anything_came() -> None:
    stream = opened()
    assert stream.is_unused
    take(stream, chunk(0))
    assert not stream.is_unused
