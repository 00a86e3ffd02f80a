"""One stream's entries as the events that sinks are told: in order, each once, with every hole told. Pure.

A consumer that goes on where another stopped, or comes late, has not seen the beginning of the segment. It gets a
`SegmentStart` without a header at once, and another with the header where a decoder may begin.
"""

from collections.abc import Iterator
from typing import Final

from twincast.fleet.entries import Note, ReadEntry
from twincast.fleet.join_points import SegmentHeader
from twincast.streams.events import Event, Opened, SegmentStart, TakenChunk
from twincast.streams.meters import RateMeter
from twincast.wire.chunk import Chunk
from twincast.wire.message_types import Ended, Gap, GapReason, Muted, Segment

_UNKNOWN: Final = Segment(0, "application/octet-stream", 0)
"""Of a segment whose announcement was trimmed, and which is not the newest any more."""


class Feed:
    """Where one consumer is in one stream.

    `next_seq`: the first chunk that was not handed on, or None of who comes late and takes what is there.
    """

    def __init__(self, next_seq: int | None) -> None:
        self.next_seq = next_seq
        self.has_ended = False
        self._is_new = True
        self._segment: Segment | None = None
        self._decodes = False
        self._captured_to_ms: float | None = None
        self._received_at_ms: float | None = None
        self._rate = RateMeter()
        self._chunks = 0
        self._bytes = 0

    def needs_header(self, entry: ReadEntry) -> bool:
        """Whether `events` should be given what is known of the newest segment's header."""
        chunk = entry.chunk
        if chunk is None or any(isinstance(note, SegmentStart) for note in entry.notes):
            return False
        return self._is_other_segment(chunk) or (not self._decodes and entry.join_at is not None)

    def events(self, entry: ReadEntry, header: SegmentHeader | None = None) -> Iterator[Event]:
        """What the sinks are to be told of `entry`, the next one in the log."""
        if self.has_ended:
            return
        first = _first_seq(entry)
        if self.next_seq is not None and entry.next_seq < self.next_seq:
            return  # handed on already: the engine came back older, and the phone sent it again
        yield from self._begin(entry, first)
        if self.next_seq is not None and first > self.next_seq:
            yield self._hole(first, entry)
        for note in entry.notes:
            yield from self._note(note)
        if entry.chunk is not None and (self.next_seq is None or entry.chunk.seq >= self.next_seq):
            yield from self._chunk(entry.chunk, entry, header)
        self.next_seq = entry.next_seq
        self._received_at_ms = entry.received_at_ms

    def rest(self, next_seq: int, ended: Ended | None) -> Iterator[Event]:
        """The log is gone, and the stream went on to `next_seq`: what is left to tell."""
        if self.has_ended:
            return
        if self._is_new:
            self._is_new = False
            yield Opened("continued", next_seq if self.next_seq is None else self.next_seq, None)
        if self.next_seq is not None and next_seq > self.next_seq:
            yield Gap(self.next_seq, next_seq - 1, 0.0, "trimmed")
            self._lose_segment()
        self.next_seq = next_seq
        if ended is not None:
            self.has_ended = True
            yield ended

    def _begin(self, entry: ReadEntry, first: int) -> Iterator[Event]:
        if not self._is_new:
            return
        self._is_new = False
        opened = next((note for note in entry.notes if isinstance(note, Opened)), None)
        if opened is not None and (self.next_seq is None or (self.next_seq == 0 and opened.how == "new")):
            return  # it says so itself
        if self.next_seq is None:
            self.next_seq = first
        yield Opened("continued", self.next_seq, None)

    def _note(self, note: Note) -> Iterator[Event]:
        match note:
            case Opened():
                yield note
            case SegmentStart():
                self._segment = note.segment
                self._decodes = not note.header_missing
                yield note
            case Gap():
                from_seq = note.from_seq if self.next_seq is None else max(note.from_seq, self.next_seq)
                if note.to_seq < from_seq:
                    return
                self._lose_segment()
                share = (note.to_seq - from_seq + 1) / (note.to_seq - note.from_seq + 1)
                yield Gap(from_seq, note.to_seq, note.ms * share, note.reason)
                self.next_seq = note.to_seq + 1
            case Muted():
                yield note
            case Ended():
                self.has_ended = True
                yield note

    def _chunk(self, chunk: Chunk, entry: ReadEntry, header: SegmentHeader | None) -> Iterator[Event]:
        known = header if header is not None and header.segment.segment == chunk.segment else None
        if self._is_other_segment(chunk):
            self._segment = known.segment if known is not None else _UNKNOWN
            self._decodes = False
            if not (known is not None and known.is_whole and entry.join_at is not None):
                yield SegmentStart(self._segment, chunk.seq, header_missing=True)
        if not self._decodes and known is not None and known.is_whole and entry.join_at is not None:
            self._segment = known.segment
            self._decodes = True
            yield SegmentStart(known.segment, chunk.seq, False, known.data, entry.join_at)
        yield self._taken(chunk, entry)

    def _taken(self, chunk: Chunk, entry: ReadEntry) -> TakenChunk:
        size = len(chunk.payload)
        self._chunks += 1
        self._bytes += size
        self._captured_to_ms = chunk.captured_to_ms
        at_ms, offset_ms = entry.received_at_ms, entry.offset_ms
        return TakenChunk(
            chunk.seq,
            self._segment or _UNKNOWN,
            chunk.first,
            chunk.last,
            chunk.key_frame,
            chunk.captured_from_ms,
            chunk.captured_to_ms,
            chunk.payload,
            at_ms,
            None if offset_ms is None else at_ms - (chunk.captured_from_ms + offset_ms),
            self._rate.add(size, at_ms),
            self._chunks,
            self._bytes,
        )

    def _hole(self, first: int, entry: ReadEntry) -> Gap:
        """What is missing before `entry`: lost where that says itself that it begins anew, else trimmed."""
        begins_anew = any(isinstance(note, Opened) and note.how == "continued" for note in entry.notes)
        return self._gap(first, entry, "lost" if begins_anew else "trimmed")

    def _gap(self, to_seq: int, entry: ReadEntry, reason: GapReason) -> Gap:
        from_seq = self.next_seq or 0
        self.next_seq = to_seq
        self._lose_segment()
        return Gap(from_seq, to_seq - 1, self._missing_ms(entry), reason)

    def _missing_ms(self, entry: ReadEntry) -> float:
        """By the times of capture on both sides of the hole, or else of arrival; 0 where one side is not known."""
        if entry.chunk is not None and self._captured_to_ms is not None:
            return max(0.0, entry.chunk.captured_from_ms - self._captured_to_ms)
        if self._received_at_ms is not None:
            return max(0.0, entry.received_at_ms - self._received_at_ms)
        return 0.0

    def _lose_segment(self) -> None:
        self._segment = None
        self._decodes = False

    def _is_other_segment(self, chunk: Chunk) -> bool:
        return self._segment is None or self._segment.segment != chunk.segment


def _first_seq(entry: ReadEntry) -> int:
    """The first seq that the entry is about; of one that is about none, the next one."""
    gap = next((note for note in entry.notes if isinstance(note, Gap)), None)
    if gap is not None:
        return gap.from_seq
    return entry.next_seq if entry.chunk is None else entry.chunk.seq
