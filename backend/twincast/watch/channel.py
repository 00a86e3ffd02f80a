"""One stream as its viewers get it. Pure; time is given."""

from twincast.streams.events import SegmentStart, TakenChunk
from twincast.watch.join_point import JoinPoint
from twincast.watch.outgoing import Outgoing
from twincast.watch.viewer_queue import ViewerQueue
from twincast.wire.chunk import HEADER_BYTES, Chunk, format_chunk
from twincast.wire.message_types import Ended, Gap, StreamKind
from twincast.wire.watch import (
    GONE,
    RESUMED,
    format_watched_ended,
    format_watched_gap,
    format_watched_muted,
    format_watched_segment,
)


class Channel:
    """Takes what happens to a stream, in order, and tells each viewer from where that one can begin."""

    def __init__(self, kind: StreamKind) -> None:
        self._kind = kind
        self._viewers: dict[ViewerQueue, None] = {}
        self._segment: Outgoing | None = None
        self._join: JoinPoint | None = None
        self._next_seq = 0
        self._head = b""
        self._skip_bytes = 0
        self.is_gone = False
        """Whether the phone has no connection."""
        self.is_muted = False
        self.clock_offset_ms: float | None = None
        """The backend's clock minus the phone's, as the newest chunk had it."""

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    @property
    def kept_bytes(self) -> int:
        """What is kept for who comes late."""
        return 0 if self._join is None else self._join.kept_bytes

    def add(self, viewer: ViewerQueue, now_s: float) -> None:
        """Somebody watches from now on: at once where a decoder can begin, else as soon as one can."""
        self._viewers[viewer] = None
        if self._join is None:
            return
        self._join.keeps_media = True
        self._begin(viewer, self._join.begin(), now_s)

    def remove(self, viewer: ViewerQueue) -> None:
        """It is gone. Media are kept for nobody who is not there."""
        self._viewers.pop(viewer, None)
        if self._join is not None and not self._viewers:
            self._join.keeps_media = False

    def segment(self, start: SegmentStart, now_s: float) -> None:
        """A range begins."""
        self._segment = Outgoing(format_watched_segment(start.segment, start.from_seq, start.header_missing))
        self._join = JoinPoint(start.segment, self._kind, start.header_missing)
        self._join.keeps_media = bool(self._viewers)
        self._next_seq = start.from_seq
        self._head = start.header
        self._skip_bytes = start.skip_bytes
        for viewer in self._viewers:
            viewer.begin(self._segment, (), start.from_seq, now_s)

    def chunk(self, chunk: TakenChunk, now_s: float) -> None:
        """The next chunk."""
        self._next_seq = chunk.seq + 1
        if chunk.delay_ms is not None:
            self.clock_offset_ms = chunk.received_at_ms - chunk.delay_ms - chunk.captured_from_ms
        if self._join is None:
            return
        message = message_of(chunk)
        if self._head or self._skip_bytes:
            # A log that is read from its middle on: what is known of the head goes in front.
            message = message[:HEADER_BYTES] + self._head + message[HEADER_BYTES + self._skip_bytes :]
            self._head = b""
            self._skip_bytes = 0
        can_begin = self._join.take(message)
        if not self._viewers:
            return
        outgoing = Outgoing(message, chunk.seq)
        for viewer in self._viewers:
            viewer.follow(outgoing, now_s)
            if can_begin and not viewer.is_following:
                self._begin(viewer, self._join.begin(), now_s)

    def gap(self, gap: Gap, now_s: float) -> None:
        """Chunks that will never come. What follows is a new segment: nobody can join the one before."""
        self._next_seq = gap.to_seq + 1
        self._join = None
        self._tell(format_watched_gap(gap), now_s)

    def muted(self, muted: bool, now_s: float) -> None:
        """The phone was muted or unmuted."""
        self.is_muted = muted
        self._tell(format_watched_muted(muted), now_s)

    def gone(self, now_s: float) -> None:
        """The phone has no connection."""
        if not self.is_gone:
            self.is_gone = True
            self._tell(GONE, now_s)

    def resumed(self, now_s: float) -> None:
        """It has one."""
        if self.is_gone:
            self.is_gone = False
            self._tell(RESUMED, now_s)

    def ended(self, ended: Ended, now_s: float) -> None:
        """The last that there is."""
        text = Outgoing(format_watched_ended(ended))
        for viewer in self._viewers:
            viewer.end(text, self._next_seq, now_s)

    def _begin(self, viewer: ViewerQueue, messages: list[bytes] | None, now_s: float) -> None:
        if messages is None or self._segment is None:
            return
        media = [Outgoing(message, seq_of(message)) for message in messages]
        viewer.begin(self._segment, media, self._next_seq, now_s)

    def _tell(self, text: str, now_s: float) -> None:
        outgoing = Outgoing(text)
        for viewer in self._viewers:
            viewer.tell(outgoing, now_s)


def message_of(chunk: TakenChunk) -> bytes:
    """The message that the chunk came in: what its payload is a view into."""
    message = chunk.payload.obj
    if isinstance(message, bytes) and len(message) == HEADER_BYTES + len(chunk.payload):
        return message
    return format_chunk(
        Chunk(
            chunk.seq,
            chunk.segment.segment,
            chunk.first,
            chunk.last,
            chunk.key_frame,
            chunk.captured_from_ms,
            chunk.captured_to_ms,
            chunk.payload,
        )
    )


def seq_of(message: bytes) -> int:
    """The number in a chunk's header."""
    return int.from_bytes(message[4:8])
