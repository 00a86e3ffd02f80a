"""Where a decoder may begin in the middle of a segment: tried with a decoder, on files that a muxer wrote."""

import io
import random
from collections.abc import Iterator
from functools import cache
from typing import cast

import av
import numpy as np
import pytest
from av import VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from twincast.fleet.join_points import MAX_HEADER_BYTES, JoinPoints, decode_header, encode_header, first_block
from twincast.wire.message_types import Encoder, Segment

FRAMES = 60
KEY_FRAME_EVERY = 12
RECORDER = Encoder("media-recorder", "test")
WEBCODECS = Encoder("webcodecs", "test")


@cache
def recorded(kind: str) -> bytes:
    """A file of moving noise, as a recorder writes it: forwards only, and each block begins with a key frame."""
    container, codec, options = FILES[kind]
    return _recorded(container, codec, options)


def _recorded(container: str, codec: str, options: dict[str, str]) -> bytes:
    file = io.BytesIO()
    file.seekable = lambda: False  # type: ignore[method-assign]  # a live muxer cannot go back
    with av.open(file, "w", format=container, options=options) as output:
        stream = cast("VideoStream", output.add_stream(codec, rate=30))
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.gop_size = KEY_FRAME_EVERY
        noise = np.random.default_rng(1)
        for _ in range(FRAMES):
            picture = av.VideoFrame.from_ndarray(noise.integers(0, 255, (64, 64, 3), dtype=np.uint8), format="rgb24")
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return file.getvalue()


FILES = {
    "webm": ("webm", "libvpx", {"live": "1", "cluster_time_limit": "60000"}),
    "mp4": ("mp4", "libx264", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
}


def frames_of(data: bytes) -> list[VideoFrame]:
    with cast("InputContainer", av.open(io.BytesIO(data))) as container:
        return list(container.decode(video=0))


def cut(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Anywhere, as a recorder's chunks are."""
    at = 0
    while at < len(data):
        size = chance.randint(1, 6_000)
        yield data[at : at + size]
        at += size


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("seed", range(3))
def test_a_decoder_begins_at_every_join_of_a_recorders_file(kind: str, seed: int) -> None:
    data = recorded(kind)
    chunks = list(cut(data, random.Random(seed)))
    points = JoinPoints()
    points.begin(Segment(0, f"video/{kind}", 0, RECORDER), 0, header_missing=False)
    found = [(number, points.add(memoryview(one), False)) for number, one in enumerate(chunks)]
    joins = [(number, at) for number, at in found if at is not None]
    whole = [frame.pts for frame in frames_of(data)]
    assert len(whole) == FRAMES
    assert points.header is not None
    assert points.header.is_whole
    assert points.header.data == data[: first_block(data)]
    assert len(joins) >= 2
    for number, at in joins:
        joined = points.header.data + b"".join([chunks[number][at:], *chunks[number + 1 :]])
        frames = frames_of(joined)
        assert frames[0].key_frame
        assert [frame.pts for frame in frames] == whole[-len(frames) :]


def test_goes_on_with_a_header_that_another_process_began() -> None:
    data = recorded("webm")
    first = JoinPoints()
    first.begin(Segment(0, "video/webm", 0, RECORDER), 0, header_missing=False)
    first.add(memoryview(data[:50]), False)
    assert first.header is not None
    second = JoinPoints(decode_header(encode_header(first.header)))
    second.add(memoryview(data[50:]), False)
    assert second.header is not None
    assert second.header.is_whole
    assert second.header.data == data[: first_block(data)]


def test_of_our_own_encoders_chunks_only_those_that_begin_with_a_key_frame_are_joins() -> None:
    data = recorded("webm")
    begin = first_block(data)
    assert begin is not None
    points = JoinPoints()
    points.begin(Segment(0, "video/webm", 0, WEBCODECS), 0, header_missing=False)
    points.add(memoryview(data), True)
    assert points.add(memoryview(data[begin:]), False) is None
    assert points.add(memoryview(data[begin:]), True) == 0
    assert points.add(memoryview(data[begin + 30 : begin + 60]), True) is None


def test_a_segment_that_began_elsewhere_has_no_joins() -> None:
    data = recorded("webm")
    points = JoinPoints()
    points.begin(Segment(0, "video/webm", 0, RECORDER), 0, header_missing=True)
    assert points.add(memoryview(data), True) is None
    assert points.header is None


def test_keeps_no_header_without_an_end() -> None:
    points = JoinPoints()
    points.begin(Segment(0, "video/webm", 0, RECORDER), 0, header_missing=False)
    for _ in range(4):
        points.add(memoryview(bytes(MAX_HEADER_BYTES // 3)), False)
    assert points.header is None


def test_takes_four_bytes_in_the_middle_of_media_for_no_block() -> None:
    assert first_block(b"media\x1f\x43\xb6\x75media" * 100) is None
    assert first_block(b"....moof....media" * 100) is None
