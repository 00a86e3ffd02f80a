"""Fragmented MP4 (ISO/IEC 14496-12): fragments, each a `moof` that describes the samples behind it."""

from typing import Final

from twincast.containers.container import Verdict
from twincast.wire.message_types import StreamKind

_MAX_MOOF_BYTES: Final = 64 * 1024
_NOT_A_SYNC_SAMPLE: Final = 0x10000


class Mp4:
    """A decoder can begin at a `moof` whose first sample is a sync sample; every sample of sound is one."""

    marker = b"moof"
    before_marker = 4
    max_element_bytes = _MAX_MOOF_BYTES

    def __init__(self, kind: StreamKind) -> None:
        self._needs_key_frame = kind == "video"
        self._default_flags = 0

    def read_head(self, head: bytes) -> None:
        """Learns the sample flags that hold where a fragment gives none: the `trex` of the `moov`."""
        moov = _child(head, 0, len(head), b"moov")
        mvex = moov and _child(head, *moov, b"mvex")
        trex = mvex and _child(head, *mvex, b"trex")
        if trex:
            self._default_flags = int.from_bytes(head[trex[0] + 20 : trex[0] + 24])

    def judge(self, data: bytes | bytearray, at: int) -> Verdict:
        """As `Container`."""
        size = int.from_bytes(data[at : at + 4])
        if data[at + 8 : at + 16] != b"\0\0\0\x10mfhd":
            return Verdict.UNDECIDED if len(data) < at + 16 else Verdict.NOTHING
        if not self._needs_key_frame or size > _MAX_MOOF_BYTES:
            return Verdict.JOIN
        if len(data) < at + size:
            return Verdict.UNDECIDED
        flags = self._first_sample_flags(data, at + 8, at + size)
        return Verdict.MEDIA if flags & _NOT_A_SYNC_SAMPLE else Verdict.JOIN

    def _first_sample_flags(self, data: bytes | bytearray, start: int, end: int) -> int:
        traf = _child(data, start, end, b"traf")
        tfhd = traf and _child(data, *traf, b"tfhd")
        trun = traf and _child(data, *traf, b"trun")
        if not tfhd or not trun:
            return 0
        in_run = int.from_bytes(data[trun[0] + 1 : trun[0] + 4])
        at = trun[0] + 8 + 4 * bool(in_run & 0x1)
        if in_run & 0x4:
            return int.from_bytes(data[at : at + 4])
        if in_run & 0x400:
            at += 4 * (bool(in_run & 0x100) + bool(in_run & 0x200))
            return int.from_bytes(data[at : at + 4])
        in_header = int.from_bytes(data[tfhd[0] + 1 : tfhd[0] + 4])
        if in_header & 0x20:
            at = tfhd[0] + 8 + 8 * bool(in_header & 0x1)
            at += 4 * (bool(in_header & 0x2) + bool(in_header & 0x8) + bool(in_header & 0x10))
            return int.from_bytes(data[at : at + 4])
        return self._default_flags


def _child(data: bytes | bytearray, start: int, end: int, name: bytes) -> tuple[int, int] | None:
    """Where the content of the first box called `name` between `start` and `end` begins and ends."""
    while start + 8 <= end:
        size = int.from_bytes(data[start : start + 4])
        if size < 8:
            return None
        if data[start + 4 : start + 8] == name:
            return start + 8, min(end, start + size)
        start += size
    return None
