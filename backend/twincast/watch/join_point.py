"""What somebody who comes late needs of a segment: its head, and its media from the newest place to begin at. Pure."""

from collections import deque
from typing import Final

from twincast.containers import Container, container_of, find_media, find_newest_join
from twincast.wire.chunk import HEADER_BYTES
from twincast.wire.message_types import Segment, StreamKind

MAX_HEAD_BYTES: Final = 64 * 1024
"""Of what stands in front of all media. That of a browser's encoder has half a kilobyte."""

MAX_SINCE_JOIN_BYTES: Final = 4 * 2**20
"""Kept since the newest join point. Encoders make one every two seconds, which is 0.05 to 0.3 MB for most."""

_MESSAGE_BYTES: Final = 128
"""What a message weighs beside its bytes, so that many small ones have a bound too."""


class JoinPoint:
    """Of one segment. `take` each of its chunks, in order, as they came: with their header of 24 bytes.

    The head is kept always; media only while `keeps_media`, and from the next join point on after that was set.
    """

    def __init__(self, segment: Segment, kind: StreamKind, header_missing: bool = False) -> None:
        self._container: Container | None = None if header_missing else container_of(segment, kind)
        self._head: bytes | None = None
        self._head_so_far = bytearray()
        self._searched = 0
        self._keeps_media = False
        # What is kept, by places in the stream of bytes since media are kept.
        self._recent: deque[tuple[int, bytes]] = deque()  # where a message's payload begins, and the message
        self._recent_bytes = 0
        self._end = 0
        self._unjudged = b""  # the last bytes, in which a marker may stand that is not decided yet
        self._join_at: int | None = None

    @property
    def keeps_media(self) -> bool:
        """Whether somebody may come."""
        return self._keeps_media

    @keeps_media.setter
    def keeps_media(self, keeps: bool) -> None:
        if keeps != self._keeps_media:
            self._keeps_media = keeps
            self._forget_media()

    @property
    def kept_bytes(self) -> int:
        """What this holds."""
        return len(self._head or self._head_so_far) + len(self._unjudged) + self._recent_bytes

    def take(self, message: bytes) -> bool:
        """The next chunk. Returns whether `begin` begins at another place than before."""
        container = self._container
        if container is None:
            return False
        had_head = self._head is not None
        if not had_head:
            self._read_head(container, message)
        if not self._keeps_media or self._container is None:
            return False
        self._recent.append((self._end, message))
        self._recent_bytes += len(message) + _MESSAGE_BYTES
        found = self._find(container, message)
        if self._recent_bytes > MAX_SINCE_JOIN_BYTES:
            self._join_at = None
        self._drop_what_nobody_needs()
        return (found or not had_head) and self._join_at is not None and self._head is not None

    def begin(self) -> list[bytes] | None:
        """The messages with which a decoder begins now: the first holds the head. None where it has to wait."""
        if self._head is None or self._join_at is None:
            return None
        (start, first), *rest = self._recent
        cut = HEADER_BYTES + self._join_at - start
        return [first[:HEADER_BYTES] + self._head + first[cut:], *(message for _, message in rest)]

    def _read_head(self, container: Container, message: bytes) -> None:
        data = self._head_so_far
        data += memoryview(message)[HEADER_BYTES:]
        begins_at, self._searched = find_media(container, data, self._searched)
        if begins_at is not None:
            self._head = bytes(data[:begins_at])
            self._head_so_far = bytearray()
            container.read_head(self._head)
        if self._head is None:
            is_too_long = len(data) > MAX_HEAD_BYTES + container.max_element_bytes
        else:
            is_too_long = len(self._head) > MAX_HEAD_BYTES
        if is_too_long:
            self._container = self._head = None
            self._head_so_far = bytearray()
            self._forget_media()

    def _find(self, container: Container, message: bytes) -> bool:
        """Looks for the newest join point in what has come last. Returns whether there is a newer one."""
        data = self._unjudged + memoryview(message)[HEADER_BYTES:]
        begins_at = self._end - len(self._unjudged)
        self._end += len(message) - HEADER_BYTES
        join_at, undecided_from = find_newest_join(container, data)
        self._unjudged = data[undecided_from:]
        if join_at is None or (self._join_at is not None and begins_at + join_at <= self._join_at):
            return False
        self._join_at = begins_at + join_at
        return True

    def _drop_what_nobody_needs(self) -> None:
        """Messages that end in front of the join point, and of what may still become one."""
        needed_from = self._end - len(self._unjudged) if self._join_at is None else self._join_at
        while self._recent:
            start, message = self._recent[0]
            if start + len(message) - HEADER_BYTES > needed_from:
                break
            self._recent.popleft()
            self._recent_bytes -= len(message) + _MESSAGE_BYTES

    def _forget_media(self) -> None:
        self._recent.clear()
        self._recent_bytes = 0
        self._unjudged = b""
        self._join_at = None
