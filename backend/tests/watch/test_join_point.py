"""Who joins late begins where a decoder can begin, wherever the bytes were cut."""

import io
import random
from itertools import pairwise

import av
import pytest

from tests.watch.recordings import FORMS, join_points, recording, segment_of
from tests.wire import frame
from twincast.watch.join_point import MAX_HEAD_BYTES, MAX_SINCE_JOIN_BYTES, JoinPoint
from twincast.wire.chunk import HEADER_BYTES
from twincast.wire.message_types import Segment

EVERY_FORM = pytest.mark.parametrize("form", FORMS)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Chunks that end at `cuts`."""
    return [
        frame(seq, data[start:end], first=seq == 0) for seq, (start, end) in enumerate(pairwise([0, *cuts, len(data)]))
    ]


def element_bytes(data: bytes, at: int) -> int:
    """How much of a cluster, or of a `moof`, has to be there."""
    return int.from_bytes(data[at : at + 4]) if data[at + 4 : at + 8] == b"moof" else 24


def payloads(messages: list[bytes] | None) -> bytes | None:
    return None if messages is None else b"".join(message[HEADER_BYTES:] for message in messages)


def watched(form: str) -> JoinPoint:
    join = JoinPoint(segment_of(form), FORMS[form][0])
    join.keeps_media = True
    return join


@EVERY_FORM
def test_the_recordings_have_places_to_begin_and_the_fragments_others_too(form: str) -> None:
    assert len(join_points(form)) >= 2
    if form == "fragments-h264.mp4":
        assert recording(form).count(b"moof") > len(join_points(form))


@EVERY_FORM
def test_begins_at_the_newest_join_point_wherever_the_bytes_are_cut(form: str) -> None:
    data, points = recording(form), join_points(form)
    head = data[: points[0]]
    # Each cut splits the file in two; what stands at a marker may be known with the second part only.
    for cut in range(1, len(data)):
        join = watched(form)
        first, second = pieces(data, [cut])
        join.take(first)
        begun = payloads(join.begin())
        known = [point for point in points if head + data[point:cut] == begun]
        assert begun is None or known, cut
        join.take(second)
        assert payloads(join.begin()) == head + data[points[-1] :], cut


@EVERY_FORM
@pytest.mark.parametrize("size", [1, 2, 7, 24, 100, 1_000, 5_000])
def test_begins_at_a_join_point_after_every_chunk_whatever_its_size(form: str, size: int) -> None:
    data, points = recording(form), join_points(form)
    head = data[: points[0]]
    join = watched(form)
    end, told = 0, 0
    for message in pieces(data, list(range(size, len(data), size))):
        is_new = join.take(message)
        end += len(message) - HEADER_BYTES
        told += is_new
        if size < 10 and not is_new and end % 97 and all(abs(end - point) > 30 for point in points):
            continue  # far from where anything changes, a look now and then is enough
        begun = payloads(join.begin())
        # To know one takes some twenty bytes, or the whole `moof`.
        known = [point for point in points if point + element_bytes(data, point) <= end]
        assert begun is not None or not known
        if begun is not None:
            assert begun in [head + data[point:end] for point in points if point >= max(known, default=0)]
    assert payloads(join.begin()) == head + data[points[-1] :]
    assert told <= len(points)


@EVERY_FORM
def test_what_begins_late_decodes_to_the_last_frame(form: str) -> None:
    data = recording(form)

    def frames(bytes_: bytes) -> int:
        with av.open(io.BytesIO(bytes_), "r") as file:
            return len(list(file.decode(file.streams[0])))

    whole = frames(data)
    join = watched(form)
    counts = []
    end = 0
    for message in pieces(data, list(range(500, len(data), 500))):
        is_new = join.take(message)
        end += len(message) - HEADER_BYTES
        begun = payloads(join.begin())
        if is_new and begun is not None:
            counts.append(frames(begun + data[end:]))
    assert counts[0] == whole
    assert counts == sorted(counts, reverse=True)
    assert 0 < counts[-1] < whole


@EVERY_FORM
def test_holds_across_random_cuts_and_viewers_that_come_and_go(form: str) -> None:
    data, points = recording(form), join_points(form)
    head = data[: points[0]]
    chance = random.Random(14)
    for _ in range(60):
        join = JoinPoint(segment_of(form), FORMS[form][0])
        cuts = sorted(chance.sample(range(1, len(data)), min(40, len(data) - 1)))
        end, kept_since = 0, 0
        for message in pieces(data, cuts):
            if chance.random() < 0.1:
                join.keeps_media = not join.keeps_media
                kept_since = end
            join.take(message)
            end += len(message) - HEADER_BYTES
            begun = payloads(join.begin())
            if begun is not None:
                assert join.keeps_media
                assert begun in [head + data[point:end] for point in points if point >= kept_since]


def test_keeps_nothing_but_the_head_while_nobody_watches() -> None:
    form = "webcodecs-h264.mkv"
    data = recording(form)
    join = JoinPoint(segment_of(form), "video")
    for message in pieces(data, list(range(1_000, len(data), 1_000))):
        join.take(message)
    assert join.kept_bytes == join_points(form)[0]
    assert join.begin() is None


def test_looks_like_a_join_point_but_is_none() -> None:
    form = "webcodecs-h264.mkv"
    data, points = recording(form), join_points(form)
    fake = b"\x1f\x43\xb6\x75" + b"\xff\xe6\x81\x00\xa3\x85\x81\x00\x00\x80"
    join = watched(form)
    join.take(frame(0, data, first=True))
    join.take(frame(1, b"\x00" * 50 + fake + b"\x00" * 200))
    assert payloads(join.begin()) == data[: points[0]] + data[points[-1] :] + b"\x00" * 50 + fake + b"\x00" * 200


def test_a_cluster_that_begins_in_the_middle_of_a_group_of_pictures_is_none() -> None:
    form = "webcodecs-h264.mkv"
    data, points = recording(form), join_points(form)
    cluster = b"\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x84\x81\x00\x00"
    join = watched(form)
    join.take(frame(0, data, first=True))
    assert not join.take(frame(1, cluster + b"\x00" + b"p" * 99))
    begun = join.begin()
    assert begun is not None
    assert join.take(frame(2, cluster + b"\x80" + b"k" * 99))
    assert payloads(join.begin()) == data[: points[0]] + cluster + b"\x80" + b"k" * 99


@pytest.mark.parametrize("size", [1, 900, 65_536])
def test_a_head_without_an_end_is_given_up(size: int) -> None:
    join = watched("media-recorder-vp8.webm")
    for seq in range(2 * MAX_HEAD_BYTES // size):
        assert not join.take(frame(seq, b"\x1a" * size))
    assert join.kept_bytes < size + 1_000
    assert join.begin() is None


def test_media_without_another_join_point_are_given_up_until_there_is_one() -> None:
    form = "webcodecs-h264.mkv"
    data, points = recording(form), join_points(form)
    join = watched(form)
    join.take(frame(0, data, first=True))
    for seq in range(1, 2 + MAX_SINCE_JOIN_BYTES // 100_000):
        join.take(frame(seq, b"\x00" * 100_000))
        assert join.kept_bytes < MAX_SINCE_JOIN_BYTES + 100_000
    assert join.begin() is None
    assert join.kept_bytes < 200_000
    assert join.take(frame(seq + 1, data[points[1] :]))
    assert payloads(join.begin()) == data[: points[0]] + data[points[1] :]


def test_small_messages_have_a_bound_too() -> None:
    form = "webcodecs-h264.mkv"
    join = watched(form)
    join.take(frame(0, recording(form), first=True))
    for seq in range(1, 40_000):
        join.take(frame(seq, b""))
    assert join.begin() is None


def test_there_is_no_late_join_to_what_nobody_knows() -> None:
    for segment, header_missing in ((Segment(0, "video/ogg", 0.0), False), (segment_of("webcodecs-h264.mkv"), True)):
        join = JoinPoint(segment, "video", header_missing)
        join.keeps_media = True
        assert not join.take(frame(0, recording("webcodecs-h264.mkv"), first=True))
        assert join.begin() is None
        assert join.kept_bytes == 0


def test_the_first_chunk_of_a_late_join_has_the_header_of_the_chunk_it_begins_in() -> None:
    form = "webcodecs-h264.mkv"
    data, points = recording(form), join_points(form)
    join = watched(form)
    cut = points[1] - 5
    messages = [frame(0, data[:cut], first=True), frame(1, data[cut:], key_frame=True, captured_from_ms=7.0)]
    for message in messages:
        join.take(message)
    begun = join.begin()
    assert begun is not None
    assert begun[0][:HEADER_BYTES] == messages[1][:HEADER_BYTES]
    assert len(begun) == 1


def test_a_file_that_begins_with_its_media_has_an_empty_head() -> None:
    cluster = b"\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x84\x81\x00\x00\x80"
    media = cluster + b"k" * 2 * MAX_HEAD_BYTES
    join = watched("webcodecs-h264.mkv")
    assert join.take(frame(0, media, first=True))
    assert payloads(join.begin()) == media
