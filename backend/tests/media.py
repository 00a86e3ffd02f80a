"""Segments as phones make them, and their way to the backend."""

import subprocess
from pathlib import Path
from typing import Final

import imageio_ffmpeg  # type: ignore[import-untyped]  # it has no types

from tests.wire import Phone, frame, segment_message
from twincast import StreamKind

SPEECH: Final = Path(__file__).parent / "voice" / "speech.wav"
"""A person says one short sentence, which fills most of one second."""

FRAGMENTED: Final = ["-f", "mp4", "-movflags", "+frag_keyframe+empty_moov"]
OPUS: Final = ["-f", "webm", "-c:a", "libopus", "-live", "1"]
FORMS: Final[dict[str, tuple[StreamKind, str, list[str]]]] = {
    "vp8": ("video", "video/webm", ["-f", "webm", "-c:v", "libvpx", "-deadline", "realtime", "-live", "1"]),
    "h264": ("video", "video/mp4", [*FRAGMENTED, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "5"]),
    "opus": ("audio", "audio/webm", OPUS),
    "aac": ("audio", "audio/mp4", [*FRAGMENTED, "-c:a", "aac", "-frag_duration", "100000"]),
}


def ffmpeg(*arguments: str, data: bytes = b"") -> bytes:
    """What ffmpeg writes to `-`."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments, "-"]
    return subprocess.run(command, check=True, capture_output=True, input=data).stdout


def record(form: str, seconds: int) -> bytes:
    """A segment as an encoder makes it: 20 pictures or 48,000 samples a second."""
    kind, _, options = FORMS[form]
    source = f"testsrc=size=160x120:rate=20:duration={seconds}"
    if kind == "audio":
        source = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    return ffmpeg("-f", "lavfi", "-i", source, *options)


def record_scene(*sounds: str) -> bytes:
    """Opus of what is heard in each second: `speech`, or a source of ffmpeg's."""
    inputs: list[str] = []
    for sound in sounds:
        inputs += ["-i", str(SPEECH)] if sound == "speech" else ["-f", "lavfi", "-t", "1", "-i", sound]
    parts = [f"[{index}]aresample=48000,aformat=channel_layouts=mono[s{index}];" for index in range(len(sounds))]
    joined = "".join(f"[s{index}]" for index in range(len(sounds)))
    graph = f"{''.join(parts)}{joined}concat=n={len(sounds)}:v=0:a=1"
    return ffmpeg(*inputs, "-filter_complex", graph, *OPUS)


async def send_segment(one: Phone, number: int, mime_type: str, seq: int, data: bytes) -> int:
    """Sends a whole segment in chunks from `seq` on; returns the next seq."""
    await one.send(segment_message(number, mime_type))
    for start in range(0, len(data), 2_000):
        await one.send(frame(seq, data[start : start + 2_000], number, first=start == 0))
        seq += 1
    return seq
