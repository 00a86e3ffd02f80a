"""Files as encoders make them, live: those of browsers, and ffmpeg's for the forms that no browser here makes."""

import functools
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg  # type: ignore[import-untyped]  # it has no types

from twincast import Segment, StreamKind
from twincast.wire.message_types import Encoder

BROWSERS = Path(__file__).parents[3] / "frontend/twincast/src/watch/container/testing"

FORMS: dict[str, tuple[StreamKind, str]] = {
    "media-recorder-h264.mkv": ("video", "video/x-matroska;codecs=avc1"),
    "media-recorder-vp8.webm": ("video", "video/webm;codecs=vp8"),
    "media-recorder-opus.webm": ("audio", "audio/webm;codecs=opus"),
    "webcodecs-h264.mkv": ("video", "video/x-matroska;codecs=avc1.42C01E"),
    "webcodecs-opus.webm": ("audio", "audio/webm;codecs=opus"),
    "fragments-h264.mp4": ("video", "video/mp4;codecs=avc1.42E01E"),
    "fragments-aac.mp4": ("audio", "audio/mp4;codecs=mp4a.40.2"),
}

_PICTURES = "-i testsrc=size=64x48:rate=10:duration=3 -c:v libx264 -pix_fmt yuv420p -bf 0 -g 10 -keyint_min 10"
_SOUND = "-i sine=frequency=440:sample_rate=48000:duration=2 -c:a aac"
_FRAGMENTS = "-movflags +empty_moov+default_base_moof -frag_duration"
_FFMPEG = {
    # A key frame every second, a fragment every half: every other one is no place to begin.
    "fragments-h264.mp4": f"{_PICTURES} {_FRAGMENTS} 500000",
    "fragments-aac.mp4": f"{_SOUND} {_FRAGMENTS} 250000",
}


@functools.cache
def recording(form: str) -> bytes:
    """The bytes of one of `FORMS`."""
    if form not in _FFMPEG:
        return (BROWSERS / form).read_bytes()
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", *_FFMPEG[form].split(), "-f", "mp4", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def segment_of(form: str, number: int = 0, **fields: Any) -> Segment:
    """As a phone would announce it."""
    return Segment(number, FORMS[form][1], 1_763_836_800_000.0, Encoder("webcodecs", "test"), **fields)


def join_points(form: str) -> list[int]:
    """Where a decoder can begin, found by walking through the whole file from its first byte."""
    data = recording(form)
    return _moofs(data) if form.endswith("mp4") else _clusters(data, FORMS[form][0])


def _clusters(data: bytes, kind: StreamKind) -> list[int]:
    found: list[int] = []
    cluster: int | None = None
    at = 0
    while at < len(data):
        length = 9 - data[at].bit_length()
        name, start = int.from_bytes(data[at : at + length]), at
        at += length
        length = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + length]) & (1 << 7 * length) - 1
        at += length
        if name == 0x18538067:  # Segment: its children follow
            continue
        if name == 0x1F43B675:
            cluster = start
            continue
        if name == 0xA3 and cluster is not None:
            if kind == "audio" or data[at + 3] & 0x80:
                found.append(cluster)
            cluster = None
        at += size
    return found


def _moofs(data: bytes) -> list[int]:
    """Those whose `mdat` begins with an IDR picture (an AVCC sample whose NAL unit type is 5), or all of sound."""
    found: list[int] = []
    at = 0
    moof = None
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if name == b"moof":
            moof = at
        if name == b"mdat" and moof is not None and (b"avc1" not in data[:2_000] or _has_idr(data[at + 8 : at + size])):
            found.append(moof)
        at += size
    return found


def _has_idr(samples: bytes) -> bool:
    """Whether the first sample holds one. x264 puts an SEI in front of the first."""
    at = 0
    while at + 5 <= len(samples):
        kind = samples[at + 4] & 0x1F
        if kind in (1, 5):
            return kind == 5
        at += 4 + int.from_bytes(samples[at : at + 4])
    return False
