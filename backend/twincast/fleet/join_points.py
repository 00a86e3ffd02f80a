"""Where a decoder may begin in the middle of a segment, and what it must be given first. Pure.

A segment begins with a header (Matroska and WebM up to the first Cluster, MP4 up to the first `moof`), without which
nothing behind it decodes. Then come blocks of media, each of which can be decoded alone if it begins with a key frame.
"""

from typing import Final

import msgspec

from twincast.wire.message_types import Segment

MAX_HEADER_BYTES: Final = 64 * 1024
"""A longer one is no header: nobody may make the engine keep what it likes."""

_CLUSTER: Final = b"\x1f\x43\xb6\x75"
_TIMESTAMP: Final = 0xE7
"""The id of the element that RFC 9559 wants first in a Cluster."""

_MOOF: Final = b"moof"


class SegmentHeader(msgspec.Struct, frozen=True):
    """What is known of the beginning of a segment. `is_whole`: media follow behind `data`."""

    segment: Segment
    from_seq: int
    is_whole: bool
    data: bytes


def encode_header(header: SegmentHeader) -> bytes:
    """As the engine keeps it."""
    return msgspec.msgpack.encode(header)


def decode_header(data: bytes) -> SegmentHeader:
    """The inverse of `encode_header`."""
    return msgspec.msgpack.decode(data, type=SegmentHeader)


class JoinPoints:
    """Follows the chunks of one stream. `header` is that of the newest segment, and `changed` whether it just grew."""

    def __init__(self, header: SegmentHeader | None = None) -> None:
        self.header = header
        self.changed = False

    def begin(self, segment: Segment, from_seq: int, header_missing: bool) -> None:
        """A segment begins; `header_missing`: elsewhere."""
        self.header = None if header_missing else SegmentHeader(segment, from_seq, is_whole=False, data=b"")

    def add(self, payload: memoryview, key_frame: bool) -> int | None:
        """The next chunk: at which byte of it a decoder that was given the header may begin, if at any."""
        self.changed = False
        header = self.header
        if header is None:
            return None
        data = bytes(payload)
        if header.is_whole:
            if _is_cut_at_frames(header.segment):
                # Of the blocks not each begins with a key frame, and the flag tells which do.
                return 0 if key_frame and first_block(data) == 0 else None
            return last_block(data)
        begins_at = first_block(data)
        whole = header.data + (data if begins_at is None else data[:begins_at])
        if len(whole) > MAX_HEADER_BYTES:
            self.header = None
            return None
        self.header = SegmentHeader(header.segment, header.from_seq, begins_at is not None, whole)
        self.changed = True
        return None  # the segment's own beginning is no place to join in its middle


def first_block(data: bytes) -> int | None:
    """Where the first block of media begins, or None."""
    return _block(data, backwards=False)


def last_block(data: bytes) -> int | None:
    """Where the last block of media begins, or None."""
    return _block(data, backwards=True)


def _is_cut_at_frames(segment: Segment) -> bool:
    """Pictures of our own encoder are. A recorder cuts anywhere, and begins each block with a key frame."""
    by_us = segment.encoder is not None and segment.encoder.name == "webcodecs"
    return by_us and not segment.mime_type.startswith("audio/")


def _block(data: bytes, backwards: bool) -> int | None:
    find = data.rfind if backwards else data.find
    at = find(_CLUSTER)
    while at >= 0:
        if _is_cluster(data, at):
            return at
        at = data.rfind(_CLUSTER, 0, at) if backwards else data.find(_CLUSTER, at + 1)
    at = find(_MOOF)
    while at >= 4:
        if _is_moof(data, at):
            return at - 4
        at = data.rfind(_MOOF, 0, at) if backwards else data.find(_MOOF, at + 1)
    return None


def _is_cluster(data: bytes, at: int) -> bool:
    """Whether the size and the timestamp follow that a Cluster has: the four bytes also occur in media."""
    size_at = at + len(_CLUSTER)
    if size_at >= len(data) or data[size_at] == 0:
        return False
    timestamp_at = size_at + 9 - data[size_at].bit_length()  # an EBML number says its length by its leading zeros
    return timestamp_at < len(data) and data[timestamp_at] == _TIMESTAMP


def _is_moof(data: bytes, at: int) -> bool:
    """Whether a box of a possible size begins here, with an `mfhd` in it."""
    size = int.from_bytes(data[at - 4 : at])
    return 24 <= size < 2**20 and data[at + 8 : at + 12] == b"mfhd"
