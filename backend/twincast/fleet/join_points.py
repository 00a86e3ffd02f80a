"""Where a decoder may begin in the middle of a segment, and what it must be given first. Pure.

A segment begins with a header (Matroska and WebM up to the first Cluster, MP4 up to the first `moof`), without which
nothing behind it decodes.
"""

from typing import Final

import msgspec

from twincast.containers import Container, container_of, find_media, find_newest_join
from twincast.wire.message_types import Segment, StreamKind

MAX_HEADER_BYTES: Final = 64 * 1024
"""A longer one is no header: nobody may make the engine keep what it likes."""


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

    def __init__(self, kind: StreamKind, header: SegmentHeader | None = None) -> None:
        self.header: SegmentHeader | None = None
        self.changed = False
        self._kind = kind
        self._container: Container | None = None
        self._searched = 0
        if header is not None:
            self._follow(header)

    def begin(self, segment: Segment, from_seq: int, header_missing: bool) -> None:
        """A segment begins; `header_missing`: elsewhere."""
        self.header = None
        if not header_missing:
            self._follow(SegmentHeader(segment, from_seq, is_whole=False, data=b""))

    def add(self, payload: memoryview) -> int | None:
        """The next chunk: at which byte of it a decoder that was given the header may begin, if at any.

        A place whose bytes are shared by two chunks is not named: an entry of the log stands for one chunk.
        """
        self.changed = False
        header, container = self.header, self._container
        if header is None or container is None:
            return None
        if header.is_whole:
            return find_newest_join(container, bytes(payload))[0]
        data = header.data + payload
        begins_at, self._searched = find_media(container, data, self._searched)
        if len(data if begins_at is None else data[:begins_at]) > MAX_HEADER_BYTES:
            self.header = None
            return None
        self.changed = True
        self._keep(SegmentHeader(header.segment, header.from_seq, begins_at is not None, data[:begins_at]))
        return None  # the segment's own beginning is no place to join in its middle

    def _follow(self, header: SegmentHeader) -> None:
        self._container = container_of(header.segment, self._kind)
        self._searched = 0
        if self._container is not None:
            self._keep(header)

    def _keep(self, header: SegmentHeader) -> None:
        self.header = header
        if header.is_whole and self._container is not None:
            self._container.read_head(header.data)
