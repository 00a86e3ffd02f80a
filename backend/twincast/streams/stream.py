"""What the backend knows of one stream: which chunk comes next, what was lost, what was taken. Pure.

Every `take_*` method returns what the sinks are to be told, in order, and raises `ProtocolError` for what breaks the
rules of protocol/README.md, leaving the state as it was. `next_seq` counts what was received; `taken_seq` what the
sinks took, and only that is acknowledged.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

import msgspec

from twincast.streams.events import Event, Opened, SegmentStart, StreamId, TakenChunk
from twincast.streams.meters import DelayWindow, RateMeter
from twincast.streams.ranges import RangeLog
from twincast.streams.stream_state import Counters, Structure
from twincast.wire.chunk import Chunk
from twincast.wire.close_codes import ErrorCode, ProtocolError, bad_message
from twincast.wire.message_types import MAX_RANGES, End, Ended, Gap, Muted, Ping, Segment


@dataclass(frozen=True, slots=True)
class Opening:
    """What `ready` says, and the event for the sinks (None where the stream has ended)."""

    next_seq: int
    resumed: bool
    event: Opened | None


class Stream:
    """One stream of one session, across all its connections to this process."""

    def __init__(self, stream_id: StreamId) -> None:
        self.id = stream_id
        self.next_seq = 0
        self.taken_seq = -1
        self.taken_at_ms: float | None = None
        """When what is at `taken_seq` arrived; None where nothing of it was taken by this process."""
        self.chunks = 0
        self.bytes = 0
        self.duplicates = 0
        self.resumes = 0
        self.gaps: list[Gap] = []
        self.muted = False
        self.offset_ms: float | None = None
        self.rtt_ms: float | None = None
        self.delays = DelayWindow()
        self.rate = RateMeter()
        self.segment: Segment | None = None
        """The segment of the newest range."""
        self.ended: Ended | None = None
        """Without ranges and gaps once its connection is gone: the client can ask for them by the same end."""
        self.verdict: Ended | None = None
        """For the connection that asked for it."""
        self._end_digest = b""
        self._ranges = RangeLog()
        self._known = False
        self._announced: Segment | None = None
        self._lowest_segment = 0
        self._muted_is_stale = False

    @classmethod
    def restore(cls, stream_id: StreamId, counters: bytes, structure: bytes) -> "Stream":
        """The stream that had these `counters` and this `structure`, in whatever process, for its next `open`.

        Everything that it had received counts as taken. What belongs to a connection or to a process starts anew: the
        announced segment, clock offset, delays, rate, duplicates, resumes. Raises ValueError where one of the two was
        not written by this version.
        """
        counted, built = Counters.read(counters), Structure.read(structure)
        stream = cls(stream_id)
        stream.next_seq, stream.chunks, stream.bytes = counted.next_seq, counted.chunks, counted.bytes_total
        stream.taken_seq = counted.next_seq - 1
        stream.gaps, stream.muted, stream.segment = built.gaps, built.muted, built.segment
        stream._ranges = built.range_log(counted)
        stream._lowest_segment = built.lowest_segment
        stream._known = True
        if built.verified is not None:
            stream._end_digest = built.end_digest
            stream.ended = Ended(counted.chunks, counted.bytes_total, (), built.verified, ())
        return stream

    def counters(self) -> bytes:
        """What changes with every chunk. With `structure`, all that another process needs for `restore`."""
        one = self._ranges.open
        return Counters(
            self.next_seq, self.chunks, self.bytes, None if one is None else (one.bytes, one.chain)
        ).written()

    def structure(self) -> bytes:
        """What changes only where a `take_*` or `open` returns another event than a chunk. It may be long."""
        ended = None if self.ended is None else self.ended.verified
        return Structure(
            self.gaps, self._ranges.outlines, self.muted, self.segment, self._lowest_segment, ended, self._end_digest
        ).written()

    @property
    def remembered_items(self) -> int:
        """How many ranges and gaps this stream makes the process remember."""
        return len(self._ranges) + len(self.gaps)

    @property
    def is_unused(self) -> bool:
        """Whether nothing but hellos came, so that there is nothing to resume."""
        return self.chunks == 0 and not self.gaps and self.ended is None and not self.muted

    def open(self, resume_from: int, user_agent: str | None = None) -> Opening:
        """A connection said hello. Raises `already-ended` where another process took chunks after this one's end."""
        resumed = self._known and resume_from <= self.next_seq
        if self.ended is not None:
            if not resumed:
                raise self._already_ended()
            self._announced = None
            return Opening(self.taken_seq + 1, resumed, None)
        how: Literal["new", "resumed", "continued"]
        if resumed:
            self.resumes += 1
            how = "resumed"
        else:
            how = "continued" if resume_from > 0 else "new"
            self._ranges.close(maybe_shorter=True)
            self.next_seq = resume_from
            self.taken_seq = resume_from - 1
            self.taken_at_ms = None
        self._known = True
        self._announced = None
        self._muted_is_stale = self.muted
        next_seq = self.taken_seq + 1
        return Opening(next_seq, resumed, Opened(how, next_seq, user_agent))

    def announce(self, segment: Segment) -> None:
        """The client announced the segment of the chunks that follow on this connection."""
        if self._announced is not None and segment.segment <= self._announced.segment:
            raise bad_message(
                f"Segment {segment.segment} was announced after segment {self._announced.segment}; numbers must grow."
            )
        if self.ended is not None and (self.segment is None or segment.segment > self.segment.segment):
            raise self._already_ended()
        self._announced = segment

    def take_chunk(self, chunk: Chunk, now_ms: float) -> tuple[Event, ...]:
        """Takes the next chunk; one that was received before returns nothing and counts as a duplicate."""
        seq = chunk.seq
        announced = self._announced
        if announced is None or announced.segment != chunk.segment:
            raise bad_message(
                f"Chunk {seq} belongs to segment {chunk.segment}, which was not the last announced here.", seq
            )
        if seq < self.next_seq:
            self.duplicates += 1
            return ()
        if self.ended is not None:
            raise self._already_ended()
        if seq > self.next_seq:
            raise bad_message(f"Chunk {seq} is from the future: the next one is {self.next_seq}.", seq)
        if self.segment is not None and self._ranges.open is not None and chunk.segment == self.segment.segment:
            if self._muted_is_stale:
                return (*self._unmuted(), self._taken(chunk, self.segment, now_ms))
            return (self._taken(chunk, self.segment, now_ms),)
        if chunk.segment < self._lowest_segment:
            raise bad_message(
                f"Chunk {seq} belongs to segment {chunk.segment}; the lowest that may come is {self._lowest_segment}.",
                seq,
            )
        self._ranges.begin(chunk.segment, seq)
        self.segment = announced
        self._lowest_segment = chunk.segment
        start = SegmentStart(announced, seq, header_missing=not chunk.first)
        return (*self._unmuted(), start, self._taken(chunk, announced, now_ms))

    def take_gap(self, gap: Gap) -> tuple[Event, ...]:
        """Takes a gap. What of it was received before is cut off, its ms in proportion; all of it: nothing."""
        if gap.to_seq < self.next_seq:
            return ()
        if self.ended is not None:
            raise self._already_ended()
        if gap.from_seq > self.next_seq:
            raise bad_message(f"The gap begins at {gap.from_seq}: the next chunk is {self.next_seq}.")
        if len(self.gaps) >= MAX_RANGES:
            raise bad_message(f"The stream has {MAX_RANGES} gaps; no more are taken.")
        if gap.from_seq < self.next_seq:
            missing = gap.to_seq - self.next_seq + 1
            ms = gap.ms * missing / (gap.to_seq - gap.from_seq + 1)
            gap = Gap(self.next_seq, gap.to_seq, ms, gap.reason)
        # What kept the client's record of this range was lost with what it kept.
        self._ranges.close(maybe_shorter=gap.reason == "worker-lost")
        if self.segment is not None:
            self._lowest_segment = self.segment.segment + 1
        self.gaps.append(gap)
        self.next_seq = gap.to_seq + 1
        return (*self._unmuted(), gap)

    def take_muted(self, message: Muted) -> tuple[Event, ...]:
        """Takes a mute or unmute; nothing new returns nothing."""
        self._muted_is_stale = False
        if message.muted == self.muted or self.ended is not None:
            return ()
        self.muted = message.muted
        return (message,)

    def take_ping(self, ping: Ping) -> None:
        """Notes the client's estimate of its clock and its round trip, where it has one."""
        if ping.offset_ms is not None:
            self.offset_ms = ping.offset_ms
        if ping.rtt_ms is not None:
            self.rtt_ms = ping.rtt_ms

    def take_end(self, end: End) -> tuple[Event, ...]:
        """Ends the stream and compares its ranges. The same end again (its answer was lost) returns nothing."""
        if self.ended is not None:
            if _digest(end) != self._end_digest:
                raise self._already_ended()
            self.verdict = self._compare(end)
            return ()
        if end.last_seq != self.next_seq - 1:
            raise bad_message(f"The stream ends at {end.last_seq}, but the next chunk here is {self.next_seq}.")
        unmuted = self._unmuted()
        self._end_digest = _digest(end)
        self.ended = self.verdict = self._compare(end)
        return (*unmuted, self.ended)

    def left(self) -> None:
        """Its connection is gone. What the client can say again is not kept: the same end gets the same verdict."""
        self._announced = None
        self.verdict = None
        if self.ended is not None:
            self.ended = Ended(self.ended.chunks, self.ended.bytes, (), self.ended.verified, ())

    def taken(self, seq: int, received_at_ms: float) -> None:
        """The sinks took everything up to `seq`, which arrived at `received_at_ms`."""
        if seq > self.taken_seq:
            self.taken_seq = seq
            self.taken_at_ms = received_at_ms

    def _taken(self, chunk: Chunk, segment: Segment, now_ms: float) -> TakenChunk:
        size = len(chunk.payload)
        self._ranges.add(chunk.payload)
        self.next_seq = chunk.seq + 1
        self.chunks += 1
        self.bytes += size
        bytes_per_second = self.rate.add(size, now_ms)
        delay_ms = None
        if self.offset_ms is not None:
            delay_ms = now_ms - (chunk.captured_from_ms + self.offset_ms)
            self.delays.add(delay_ms)
        return TakenChunk(
            chunk.seq,
            segment,
            chunk.first,
            chunk.last,
            chunk.key_frame,
            chunk.captured_from_ms,
            chunk.captured_to_ms,
            chunk.payload,
            now_ms,
            delay_ms,
            bytes_per_second,
            self.chunks,
            self.bytes,
        )

    def _unmuted(self) -> tuple[Event, ...]:
        # A muted client says so after every `ready`; media without that word mean that it was unmuted meanwhile.
        if not self._muted_is_stale:
            return ()
        self._muted_is_stale = False
        self.muted = False
        return (Muted(False),)

    def _compare(self, end: End) -> Ended:
        ranges = self._ranges.compare(end.segments)
        verified = all(one.state == "verified" for one in ranges)
        return Ended(self.chunks, self.bytes, tuple(self.gaps), verified, ranges)

    def _already_ended(self) -> ProtocolError:
        return ProtocolError(
            ErrorCode.ALREADY_ENDED, f"The {self.id.kind} stream of this session has ended at {self.next_seq - 1}."
        )


def _digest(end: End) -> bytes:
    """Enough to know the same end again: with all that it says about ranges, it may have half a megabyte."""
    return hashlib.sha256(msgspec.json.encode(end)).digest()
