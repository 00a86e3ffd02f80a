"""Where in a live file a decoder can begin: Matroska and WebM (RFC 9559), and fragmented MP4 (ISO/IEC 14496-12). Pure.

Nothing here follows a file from its first byte: a place is found by its marker and by what stands behind it, so that
somebody can come at any time, and nobody who watches not costs anything. Four bytes alone turn up in compressed media
every few hours; the ten and more that are looked at here do not.
"""

from enum import Enum
from typing import Final, Protocol

from twincast.wire.message_types import Segment, StreamKind

_CLUSTER: Final = b"\x1f\x43\xb6\x75"
_MAX_CLUSTER_HEAD_BYTES: Final = 64
"""From the Cluster's id to its first block: the timestamp, and the few small elements that may stand beside it."""

_TIMESTAMP: Final = 0xE7
_BETWEEN: Final = (0xA7, 0xAB, 0xBF, 0xEC)  # Position, PrevSize, CRC-32, Void
_KEY_FRAME: Final = 0x80

_MAX_MOOF_BYTES: Final = 64 * 1024
_NOT_A_SYNC_SAMPLE: Final = 0x10000


class Verdict(Enum):
    """What stands at a marker."""

    NOTHING = "nothing"
    """The bytes only look like it."""
    UNDECIDED = "undecided"
    """More has to come first."""
    MEDIA = "media"
    """Media begin here, but no decoder can."""
    JOIN = "join"


class Container(Protocol):
    """How one kind of file is looked through."""

    marker: bytes
    before_marker: int
    """Bytes of the element in front of its marker."""
    max_element_bytes: int
    """How much of the element has to be there before there is a verdict."""

    def judge(self, data: bytes | bytearray, at: int) -> Verdict:
        """What begins at `at`, where the marker was found `before_marker` bytes later."""

    def read_head(self, head: bytes) -> None:
        """The bytes in front of all media are known."""


def container_of(segment: Segment, kind: StreamKind) -> Container | None:
    """How to look through the files of `segment`; None where nobody here knows."""
    subtype = segment.mime_type.partition(";")[0].rpartition("/")[2].strip().lower()
    match subtype:
        case "webm" | "x-matroska" | "matroska":
            return Matroska(kind)
        case "mp4":
            return Mp4(kind)
        case _:
            return None


class Matroska:
    """A decoder can begin at a Cluster whose first block is a key frame; every block of sound is one."""

    marker = _CLUSTER
    before_marker = 0
    max_element_bytes = _MAX_CLUSTER_HEAD_BYTES

    def __init__(self, kind: StreamKind) -> None:
        self._needs_key_frame = kind == "video"

    def read_head(self, head: bytes) -> None:
        """Says nothing of use."""

    def judge(self, data: bytes | bytearray, at: int) -> Verdict:
        """As `Container`."""
        try:
            at = _after_size(data, at + len(_CLUSTER))
            if data[at] != _TIMESTAMP or not 0x81 <= data[at + 1] <= 0x88:
                return Verdict.NOTHING
            at += 2 + (data[at + 1] & 0x0F)
            end = at + _MAX_CLUSTER_HEAD_BYTES - 24
            while data[at] in _BETWEEN and at < end:
                size = data[at + 1]
                if size < 0x80:
                    return Verdict.NOTHING
                at += 2 + (size & 0x7F)
            return self._judge_block(data, at)
        except IndexError:
            return Verdict.UNDECIDED

    def _judge_block(self, data: bytes | bytearray, at: int) -> Verdict:
        match data[at]:
            case (
                0xA0
            ):  # BlockGroup: whether its frame refers to another stands behind the frame. Muxers begin with a key frame
                return Verdict.JOIN
            case 0xA3:  # SimpleBlock
                track = _after_size(data, at + 1)
                flags = data[_after_size(data, track) + 2]
                return Verdict.JOIN if flags & _KEY_FRAME or not self._needs_key_frame else Verdict.MEDIA
            case _:
                return Verdict.NOTHING


def _after_size(data: bytes | bytearray, at: int) -> int:
    """Where an EBML variable-size integer (RFC 8794, 4) that begins at `at` ends."""
    return at + 9 - data[at].bit_length()


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
