"""`twincast.decode`: what phones send becomes pictures and PCM, whatever happens on the way."""

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Serve
from tests.media import FORMS, FRAGMENTED, ffmpeg, record, send_segment
from tests.wire import T0_MS, eventually, phone
from twincast import Segment, SegmentStart, Sink, StreamId, StreamKind, TakenChunk
from twincast.decode import DecodeSink, Picture, Sound
from twincast.decode.pipe import MAX_WAITING_CHUNKS, Pipe

SESSION = "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3"


class Seen:
    """What the sinks that it makes decode, by segment."""

    def __init__(self, **options: int) -> None:
        self.pictures: list[Picture] = []
        self.sounds: list[Sound] = []
        self.options = options

    def __call__(self, stream: StreamId) -> Sink:
        seen = self

        class Noting(DecodeSink):
            def picture(self, picture: Picture) -> None:
                seen.pictures.append(picture)

            def sound(self, sound: Sound) -> None:
                seen.sounds.append(sound)

        sink = Noting(stream)
        vars(sink).update(self.options)
        return sink

    @property
    def count(self) -> Counter[int]:
        return Counter(picture.segment.segment for picture in self.pictures)

    def pcm(self, segment: int = 0) -> np.ndarray[Any, Any]:
        pieces = [sound.pcm for sound in self.sounds if sound.segment.segment == segment]
        return np.concatenate(pieces, axis=1) if pieces else np.empty((1, 0))


def start_of(kind: StreamKind = "video", **fields: Any) -> SegmentStart:
    return SegmentStart(Segment(0, f"{kind}/webm", T0_MS), 0, header_missing=False, **fields)


def chunk_of(payload: bytes, seq: int = 0) -> TakenChunk:
    segment = start_of().segment
    return TakenChunk(seq, segment, False, False, False, 0, 0, memoryview(payload), 0, None, 0, 0, 0)


def decoding_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "twincast.decode"]


@pytest.mark.parametrize("form", FORMS)
async def test_decodes_live_chunks_across_segments_and_gaps(serve: Serve, form: str) -> None:
    kind, mime_type, _ = FORMS[form]
    seen = Seen()
    server = await serve([seen], remember_stream_s=0)
    first, second = await asyncio.to_thread(record, form, 2), await asyncio.to_thread(record, form, 1)
    async with phone(server.port, kind) as one:
        await one.hello()
        seq = await send_segment(one, 0, mime_type, 0, first)
        if kind == "audio":
            await eventually(lambda: seen.pcm(0).size > 0)  # before the segment's end: it is live
        await one.send({"type": "gap", "from": seq, "to": seq + 4, "ms": 500, "reason": "too-far-behind"})
        seq = await send_segment(one, 2, mime_type, seq + 5, second)
        await one.acked(seq - 1)
    # The last frames come out when the stream is closed.
    if kind == "video":
        await eventually(lambda: seen.count == {0: 40, 2: 20})
        assert {picture.rgb().shape for picture in seen.pictures} == {(120, 160, 3)}
    else:
        await eventually(lambda: seen.pcm(2).size >= 45_000)
        assert seen.pcm(0).size == pytest.approx(96_000, abs=3_000)
        assert seen.pcm(2).size == pytest.approx(48_000, abs=3_000)
        assert {sound.sample_rate_hz for sound in seen.sounds} == {48_000}
        # ffmpeg's sine has an eighth of full scale.
        assert np.sqrt(np.mean(seen.pcm(0) ** 2)) == pytest.approx(0.125 / np.sqrt(2), rel=0.05)


async def test_says_when_everything_was_captured_by_the_phones_clock(serve: Serve) -> None:
    seen = Seen(sample_rate_hz=16_000, channels=2, block_samples=1_600)
    server = await serve([seen], remember_stream_s=0)
    for form in ("vp8", "opus"):
        kind, mime_type, _ = FORMS[form]
        async with phone(server.port, kind) as one:
            await one.hello()
            await one.acked(await send_segment(one, 0, mime_type, 0, await asyncio.to_thread(record, form, 1)) - 1)
    await eventually(lambda: len(seen.pictures) == 20 and seen.pcm().shape[1] >= 15_800)
    assert [picture.captured_at_ms - T0_MS for picture in seen.pictures] == [at_ms * 50 for at_ms in range(20)]
    blocks = [sound.captured_at_ms - T0_MS for sound in seen.sounds]
    assert blocks == pytest.approx([at_ms * 100 for at_ms in range(len(blocks))], abs=2)
    assert {sound.pcm.shape for sound in seen.sounds[:-1]} == {(2, 1_600)}
    assert seen.sounds[0].pcm.dtype == np.float32


@pytest.mark.parametrize("turned_by", [0, 90, 180, -90])
async def test_pictures_are_upright(turned_by: int) -> None:
    data = await asyncio.to_thread(record, "h264", 1)
    turn = ["-display_rotation", str(turned_by), "-i", "-", "-c", "copy", *FRAGMENTED]
    turned = await asyncio.to_thread(lambda: ffmpeg(*turn, data=data))
    expected = await asyncio.to_thread(
        lambda: ffmpeg("-i", "-", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", data=turned)
    )
    seen = Seen()
    sink = seen(StreamId(SESSION, "video"))
    await told(sink, start_of(), turned)
    picture = seen.pictures[0].rgb()
    assert picture.shape == ((120, 160, 3) if turned_by in (0, 180) else (160, 120, 3))
    difference = picture.astype(int) - np.frombuffer(expected, np.uint8).reshape(picture.shape)
    assert np.abs(difference).mean() < 1


async def told(sink: Sink, start: SegmentStart, *payloads: bytes) -> None:
    """Everything that a sink is told of one segment, and that it closes."""
    await done(sink.segment(start))
    for seq, payload in enumerate(payloads):
        await done(sink.chunk(chunk_of(payload, seq)))
    await done(sink.closed("ended"))


async def done(pending: Any) -> None:
    if pending is not None:
        await pending


async def test_a_segment_without_its_header_is_left_out_and_the_next_one_decodes(serve: Serve) -> None:
    seen = Seen()
    server = await serve([seen], remember_stream_s=0)
    data = await asyncio.to_thread(record, "vp8", 1)
    async with phone(server.port) as one:
        await one.hello(resume_from=7)
        seq = await send_segment(one, 0, "video/webm", 7, data[3_000:])
        seq = await send_segment(one, 1, "video/webm", seq, data)
        await one.acked(seq - 1)
    await eventually(lambda: seen.count == {1: 20})


async def test_a_process_that_comes_late_begins_with_the_header_and_within_the_first_chunk() -> None:
    data = await asyncio.to_thread(record, "vp8", 1)
    seen = Seen()
    header, rest = data[:300], data[300:]
    await told(seen(StreamId(SESSION, "video")), start_of(header=header, skip_bytes=5), b"other" + rest)
    assert len(seen.pictures) == 20


async def test_what_cannot_be_decoded_is_left_out_and_the_next_segment_decodes(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = Seen()
    server = await serve([seen], remember_stream_s=0)
    data = await asyncio.to_thread(record, "vp8", 1)
    async with phone(server.port) as one:
        await one.hello()
        seq = await send_segment(one, 0, "video/webm", 0, b"no media" * 40_000)
        seq = await send_segment(one, 1, "video/webm", seq, data)
        await one.acked(seq - 1)
    await eventually(lambda: seen.count == {1: 20})
    assert "the rest of a segment cannot be decoded" in capsys.readouterr().out


@pytest.mark.parametrize("policy", ["detach", "close"])
async def test_what_a_model_raises_is_a_failure_of_its_sink(serve: Serve, policy: Any) -> None:
    class Broken(DecodeSink):
        on_failure = policy

        def picture(self, picture: Picture) -> None:
            raise RuntimeError("the model has run out of memory")

    server = await serve([Broken])
    data = await asyncio.to_thread(record, "vp8", 1)
    async with phone(server.port) as one:
        await one.hello()
        seq = await send_segment(one, 0, "video/webm", 0, data)
        seq = await send_segment(one, 1, "video/webm", seq, data)
        if policy == "detach":
            await one.acked(seq - 1)
        else:
            assert (await one.closed())[1] == 4500
    await eventually(lambda: not decoding_threads())


async def test_a_stream_waits_for_a_model_that_is_far_behind() -> None:
    may_go_on = threading.Event()

    class Slow(DecodeSink):
        def picture(self, picture: Picture) -> None:
            may_go_on.wait()

    data = await asyncio.to_thread(record, "h264", 4)
    half = len(data) // 2  # more than FFmpeg wants to see before it decodes
    size = half // (2 * MAX_WAITING_CHUNKS)
    pieces = [data[:half], *(data[at : at + size] for at in range(half, len(data), size))]
    sink = Slow(StreamId(SESSION, "video"))
    await sink.segment(start_of())
    pending = None
    for piece in pieces:
        pending = sink.chunk(chunk_of(piece))
        if pending is not None:
            break
    assert isinstance(pending, asyncio.Future)
    assert not pending.done()
    may_go_on.set()
    await pending
    await sink.closed("ended")
    await eventually(lambda: not decoding_threads())


async def test_a_model_that_is_not_waited_for_any_longer_hears_no_more() -> None:
    entered, may_go_on = threading.Event(), threading.Event()
    pictures = []

    class Stuck(DecodeSink):
        def picture(self, picture: Picture) -> None:
            pictures.append(picture)
            entered.set()
            may_go_on.wait()

    sink = Stuck(StreamId(SESSION, "video"))
    data = await asyncio.to_thread(record, "vp8", 2)
    await sink.segment(start_of())
    for at in range(0, len(data), 2_000):
        await done(sink.chunk(chunk_of(data[at : at + 2_000])))
        if entered.is_set():
            break
    closing = asyncio.create_task(sink.closed("shutdown"))
    await eventually(entered.is_set)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    may_go_on.set()
    await eventually(lambda: not decoding_threads())
    assert len(pictures) == 1


async def test_an_abandoned_pipe_holds_nobody_up() -> None:
    pipe = Pipe()
    waiting = [pipe.write(b"media") for _ in range(MAX_WAITING_CHUNKS + 1)][-1]
    assert waiting is not None
    pipe.abandon()
    await waiting
    assert pipe.write(b"media") is None
    assert await asyncio.to_thread(pipe.read, 100) == b""


@pytest.mark.parametrize("missing", ["av", "numpy"])
def test_says_what_to_install_where_the_extras_are_missing(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import twincast; import twincast.decode"
    folder = Path(__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("ImportError: twincast.decode needs PyAV and NumPy (")
    assert "pip install -r backend/requirements-extras.txt" in last
    assert "pip install av numpy" in last
