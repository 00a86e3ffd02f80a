"""Where a decoder may begin in the middle of a segment: tried on files of browsers and of ffmpeg, cut anywhere."""

import io
import random
from collections.abc import Iterator
from typing import cast

import av
import pytest
from av.container import InputContainer

from tests.watch.recordings import FORMS, join_points, recording, segment_of
from twincast.fleet.join_points import MAX_HEADER_BYTES, JoinPoints, decode_header, encode_header
from twincast.wire.message_types import Segment

EVERY_FORM = pytest.mark.parametrize("form", FORMS)


def begun(form: str) -> JoinPoints:
    points = JoinPoints(FORMS[form][0])
    points.begin(segment_of(form), 0, header_missing=False)
    return points


def cut(data: bytes, chance: random.Random, longest: int) -> Iterator[bytes]:
    """Anywhere, as a recorder's chunks are."""
    at = 0
    while at < len(data):
        size = chance.randint(1, longest)
        yield data[at : at + size]
        at += size


def joins_of(points: JoinPoints, chunks: list[bytes]) -> list[int]:
    """The places that are found, counted from the segment's first byte."""
    found = []
    begins_at = 0
    for chunk in chunks:
        at = points.add(memoryview(chunk))
        if at is not None:
            found.append(begins_at + at)
        begins_at += len(chunk)
    return found


def decoded(data: bytes) -> int:
    with cast("InputContainer", av.open(io.BytesIO(data))) as container:
        return sum(1 for _ in container.decode(container.streams[0]))


@EVERY_FORM
def test_knows_the_header_wherever_the_bytes_are_cut(form: str) -> None:
    data, begins_at = recording(form), join_points(form)[0]
    for at in range(1, begins_at + 100):
        points = begun(form)
        joins_of(points, [data[:at], data[at : at + 40_000], data[at + 40_000 :]])
        assert points.header is not None, at
        assert points.header.is_whole, at
        assert points.header.data == data[:begins_at], at


@EVERY_FORM
@pytest.mark.parametrize("longest", [300, 6_000, 40_000])
def test_names_only_places_where_a_decoder_can_begin(form: str, longest: int) -> None:
    data, places = recording(form), join_points(form)
    for seed in range(10):
        assert set(joins_of(begun(form), list(cut(data, random.Random(seed), longest)))) <= set(places[1:])


@EVERY_FORM
def test_names_the_newest_place_of_each_chunk_that_holds_one_whole(form: str) -> None:
    data, places = recording(form), join_points(form)
    ends = [*places[1:], len(data)]
    chunks = [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert joins_of(begun(form), chunks) == places[1:]
    middle = len(places) // 2
    assert joins_of(begun(form), [data[: places[middle]], data[places[middle] :]]) == places[-1:]


@EVERY_FORM
def test_a_decoder_begins_at_every_place(form: str) -> None:
    data = recording(form)
    points = begun(form)
    joins = joins_of(points, list(cut(data, random.Random(1), len(data) // 5)))
    assert joins
    assert points.header is not None
    whole = decoded(data)
    rests = [decoded(points.header.data + data[at:]) for at in joins]
    assert rests == sorted(rests, reverse=True)
    assert all(0 < rest < whole for rest in rests)


@EVERY_FORM
def test_goes_on_with_a_header_that_another_process_has_read_so_far(form: str) -> None:
    data, places = recording(form), join_points(form)
    for at in (1, places[0] - 1, places[0], places[0] + 2, places[0] + 5, places[1] - 1, places[1]):
        first = begun(form)
        first.add(memoryview(data[:at]))
        assert first.header is not None
        second = JoinPoints(FORMS[form][0], decode_header(encode_header(first.header)))
        joins = joins_of(second, [data[at : places[-1]], data[places[-1] :]])
        assert second.header is not None
        assert second.header.is_whole
        assert second.header.data == data[: places[0]]
        assert at + joins[-1] == places[-1]


def test_a_segment_that_began_elsewhere_has_no_joins() -> None:
    form = "media-recorder-vp8.webm"
    points = JoinPoints("video")
    points.begin(segment_of(form), 0, header_missing=True)
    assert points.add(memoryview(recording(form))) is None
    assert points.header is None


def test_a_container_that_nobody_here_knows_has_no_joins() -> None:
    points = JoinPoints("video")
    points.begin(Segment(0, "video/ogg", 0.0), 0, header_missing=False)
    assert points.add(memoryview(recording("media-recorder-vp8.webm"))) is None
    assert points.header is None


@EVERY_FORM
@pytest.mark.parametrize("size", [1, 900, MAX_HEADER_BYTES])
def test_keeps_no_header_without_an_end(form: str, size: int) -> None:
    points = begun(form)
    for _ in range(1 + 2 * MAX_HEADER_BYTES // size):
        assert points.add(memoryview(b"\x1a" * size)) is None
    assert points.header is None


def test_says_that_the_header_changed_only_when_it_did() -> None:
    form = "webcodecs-h264.mkv"
    data, places = recording(form), join_points(form)
    points = begun(form)
    changes = []
    for chunk in (data[:10], data[10 : places[1]], data[places[1] :]):
        points.add(memoryview(chunk))
        changes.append(points.changed)
    assert changes == [True, True, False]
