"""The examples of docs/own-sink.md do what the page says, and are what it shows."""

import asyncio
import re
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import imageio_ffmpeg  # type: ignore[import-untyped]  # it has no types
import pytest
from av import AudioFrame, VideoFrame
from fastapi import FastAPI

from examples.append_sink import AppendSink
from examples.counting_sink import CountingSink
from examples.decode_sink import DecodeSink
from tests.conftest import Serve
from tests.wire import Phone, claim, eventually, frame, phone, segment_message
from twincast import Segment, SegmentStart, StreamId, StreamKind, TakenChunk

BACKEND = Path(__file__).parents[1]
FRAGMENTED = ["-f", "mp4", "-movflags", "+frag_keyframe+empty_moov"]
FORMS: dict[str, tuple[StreamKind, str, list[str]]] = {
    "vp8": ("video", "video/webm", ["-f", "webm", "-c:v", "libvpx", "-deadline", "realtime", "-live", "1"]),
    "h264": ("video", "video/mp4", [*FRAGMENTED, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "5"]),
    "opus": ("audio", "audio/webm", ["-f", "webm", "-c:a", "libopus", "-live", "1"]),
    "aac": ("audio", "audio/mp4", [*FRAGMENTED, "-c:a", "aac", "-frag_duration", "100000"]),
}


def record(form: str, seconds: int) -> bytes:
    """A segment as an encoder makes it: 20 pictures or 48,000 samples a second."""
    kind, _, options = FORMS[form]
    source = f"testsrc=size=160x120:rate=20:duration={seconds}"
    if kind == "audio":
        source = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, *options, "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


async def send_segment(one: Phone, number: int, mime_type: str, seq: int, data: bytes) -> int:
    await one.send(segment_message(number, mime_type))
    for start in range(0, len(data), 2_000):
        await one.send(frame(seq, data[start : start + 2_000], number, first=start == 0))
        seq += 1
    return seq


class Frames:
    """What the decoding sink hands out."""

    def __init__(self) -> None:
        self.count: Counter[int] = Counter()
        self.samples: Counter[int] = Counter()
        self.shapes: set[Any] = set()

    def take(self, _stream: StreamId, start: SegmentStart, one: AudioFrame | VideoFrame) -> None:
        self.count[start.segment.segment] += 1
        if isinstance(one, AudioFrame):
            self.samples[start.segment.segment] += one.samples
        else:
            self.shapes.add(one.to_ndarray(format="rgb24").shape)


@pytest.mark.parametrize("form", FORMS)
async def test_decodes_live_chunks_across_segments_and_gaps(serve: Serve, form: str) -> None:
    kind, mime_type, _ = FORMS[form]
    frames = Frames()
    server = await serve([partial(DecodeSink, on_frame=frames.take)], remember_stream_s=0)
    first, second = await asyncio.to_thread(record, form, 2), await asyncio.to_thread(record, form, 1)
    async with phone(server.port, kind) as one:
        await one.hello()
        seq = await send_segment(one, 0, mime_type, 0, first)
        if kind == "audio":
            await eventually(lambda: frames.count[0] > 0)  # before the segment's end: it is live
        await one.send({"type": "gap", "from": seq, "to": seq + 4, "ms": 500, "reason": "too-far-behind"})
        seq = await send_segment(one, 2, mime_type, seq + 5, second)
        await one.acked(seq - 1)
    # The last frames come out when the stream is closed.
    if kind == "video":
        await eventually(lambda: (frames.count[0], frames.count[2]) == (40, 20))
        assert frames.shapes == {(120, 160, 3)}
    else:
        await eventually(lambda: frames.samples[2] >= 45_000)
        assert frames.samples[0] == pytest.approx(96_000, abs=3_000)
        assert frames.samples[2] == pytest.approx(48_000, abs=3_000)


async def test_a_segment_without_its_header_is_left_out_and_the_next_one_decodes(serve: Serve) -> None:
    frames = Frames()
    server = await serve([partial(DecodeSink, on_frame=frames.take)], remember_stream_s=0)
    data = await asyncio.to_thread(record, "vp8", 1)
    async with phone(server.port) as one:
        await one.hello(resume_from=7)
        await one.send(segment_message(0))
        await one.send(frame(7, data[3_000:]))
        seq = await send_segment(one, 1, "video/webm", 8, data)
        await one.acked(seq - 1)
    await eventually(lambda: frames.count == {1: 20})


async def test_what_cannot_be_decoded_is_left_out_and_the_next_segment_decodes(serve: Serve) -> None:
    frames = Frames()
    server = await serve([partial(DecodeSink, on_frame=frames.take)], remember_stream_s=0)
    data = await asyncio.to_thread(record, "vp8", 1)
    async with phone(server.port) as one:
        await one.hello()
        seq = await send_segment(one, 0, "video/webm", 0, b"no media" * 40_000)
        seq = await send_segment(one, 1, "video/webm", seq, data)
        await one.acked(seq - 1)
    await eventually(lambda: frames.count == {1: 20})


async def test_appends_every_range_to_a_file(serve: Serve, tmp_path: Path) -> None:
    server = await serve([partial(AppendSink, folder=tmp_path)])
    async with phone(server.port) as one:
        await one.hello()
        seq = await send_segment(one, 0, "video/webm", 0, b"a" * 5_000)
        seq = await send_segment(one, 1, "video/webm", seq, b"b" * 100)
        claims = [claim(0, 0, b"a" * 2_000, b"a" * 2_000, b"a" * 1_000), claim(1, 3, b"b" * 100)]
        await one.acked(seq - 1)
        await one.send({"type": "end", "lastSeq": seq - 1, "segments": claims})
        (ended,), _ = await one.closed()
    assert ended["verified"]
    assert (tmp_path / f"{one.session}-video-0-0").read_bytes() == b"a" * 5_000
    assert (tmp_path / f"{one.session}-video-1-3").read_bytes() == b"b" * 100


async def test_counts_what_came_and_what_is_missing(serve: Serve) -> None:
    made: list[CountingSink] = []

    def count(stream: StreamId) -> CountingSink:
        made.append(CountingSink(stream))
        return made[-1]

    server = await serve([count])
    async with phone(server.port) as one:
        await one.hello()
        await one.send({"type": "gap", "from": 0, "to": 3, "ms": 400, "reason": "outbox-full"})
        seq = await send_segment(one, 0, "video/webm", 4, b"a" * 5_000)
        await one.acked(seq - 1)
    assert [(sink.bytes, sink.missing_ms) for sink in made] == [(5_000, 400)]


def test_the_readme_shows_a_sink_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    page = (BACKEND.parent / "README.md").read_text().partition("## Your own processing")[2]
    (code,) = re.findall(r"```python\n(.*?)```", page.partition("\n## ")[0], re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  the page's own code
    sink = names["Printer"](StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video"))
    segment = Segment(0, "video/webm", 0)
    sink.chunk(TakenChunk(7, segment, False, False, False, 0, 0, memoryview(b"media"), 0, 12.5, 0, 8, 40))
    assert capsys.readouterr().out == "video 7 5 12.5\n"
    assert isinstance(names["app"], FastAPI)


def test_the_page_shows_the_examples_as_they_are() -> None:
    page = (BACKEND.parent / "docs" / "own-sink.md").read_text()
    shown = re.findall(r"```python\n# (backend/examples/\w+\.py)\n(.*?)```", page, re.DOTALL)
    assert {name for name, _ in shown} == {
        f"backend/examples/{path.name}" for path in (BACKEND / "examples").glob("*_sink.py")
    }
    for name, code in shown:
        assert code == (BACKEND.parent / name).read_text()
