"""Matroska and WebM (RFC 9559): Clusters, each a timestamp and then blocks."""

from typing import Final

from twincast.containers.container import Verdict
from twincast.wire.message_types import StreamKind

_CLUSTER: Final = b"\x1f\x43\xb6\x75"
_MAX_CLUSTER_HEAD_BYTES: Final = 64
"""From the Cluster's id to its first block: the timestamp, and the few small elements that may stand beside it."""

_TIMESTAMP: Final = 0xE7
_BETWEEN: Final = (0xA7, 0xAB, 0xBF, 0xEC)  # Position, PrevSize, CRC-32, Void
_KEY_FRAME: Final = 0x80


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
            case 0xA0:  # BlockGroup
                # Whether its frame refers to another stands behind the frame; muxers begin with a key frame.
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
