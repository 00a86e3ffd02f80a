"""Whatever a log holds, and wherever one consumer takes over from another: every seq is told once, chunk or gap."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fleet.fed import CLUSTER, HEADER
from tests.wire import frame
from twincast.fleet.entries import ReadEntry, entry_fields, read_entry
from twincast.fleet.feed import Feed
from twincast.fleet.join_points import JoinPoints, SegmentHeader
from twincast.streams.events import Event, Opened, SegmentStart, StreamId, TakenChunk
from twincast.streams.stream import Stream
from twincast.wire.chunk import parse_chunk
from twincast.wire.message_types import Encoder, End, Ended, Gap, Muted, Segment

STREAM = StreamId("5d0c1a30-8f5b-4c3e-9d4a-0123456789ab", "video")


@dataclass
class Log:
    """Entries as the engine holds them, and what it knows of headers."""

    entries: list[ReadEntry] = field(default_factory=list)
    headers: dict[int, SegmentHeader] = field(default_factory=dict)
    _stream: Stream = field(default_factory=lambda: Stream(STREAM))
    _joins: JoinPoints = field(default_factory=lambda: JoinPoints("video"))
    _segment: int = 0

    def do(self, action: str) -> None:
        """One thing that a client does."""
        stream = self._stream
        match action:
            case "open":
                opening = stream.open(stream.next_seq)
                self._push(() if opening.event is None else (opening.event,), None)
                self._announce()
            case "lose":  # the engine came back older; the phone knows of more
                opening = stream.open(stream.next_seq + 3)
                self._push(() if opening.event is None else (opening.event,), None)
                self._segment += 1
                self._announce()
            case "chunk" | "key":
                is_first = stream.segment is None or stream.segment.segment != self._segment or not stream.chunks
                block = CLUSTER if action == "key" or is_first else b""
                payload = (HEADER if is_first else b"") + block + b"media"
                message = frame(
                    stream.next_seq, payload, self._segment, is_first, key_frame=bool(block),
                    captured_from_ms=1e12 + 100 * stream.next_seq, captured_to_ms=1e12 + 100 * stream.next_seq + 100,
                )  # fmt: skip
                self._push(stream.take_chunk(parse_chunk(message, 10_000), 2e12), message)
            case "gap":
                gap = Gap(stream.next_seq, stream.next_seq + 1, 200, "outbox-full")
                self._push(stream.take_gap(gap), None)
                self._segment += 1
                self._announce()
            case "mute":
                self._push(stream.take_muted(Muted(not stream.muted)), None)
            case _:
                self._segment += 1
                self._announce()

    def end(self) -> None:
        """The person presses Stop."""
        self._push(self._stream.take_end(End(self._stream.next_seq - 1, ())), None)

    def _announce(self) -> None:
        self._stream.announce(Segment(self._segment, "video/webm", 1e12, Encoder("webcodecs", "test")))

    def _push(self, events: tuple[Event, ...], message: bytes | None) -> None:
        join_at = None
        for event in events:
            if isinstance(event, SegmentStart):
                self._joins.begin(event.segment, event.from_seq, event.header_missing)
            elif isinstance(event, TakenChunk):
                join_at = self._joins.add(event.payload)
                if self._joins.header is not None:
                    self.headers[event.segment.segment] = self._joins.header
        if events:
            fields = entry_fields(events, message, 2e12, 5.0, join_at)
            entry_id = b"%d-%d" % (self._stream.next_seq, len(self.entries) + 1)
            self.entries.append(read_entry(entry_id, dict(zip(fields[::2], fields[1::2], strict=True))))


def told(feed: Feed, log: Log, entries: list[ReadEntry]) -> list[Event]:
    """What sinks are told of `entries`."""
    events: list[Event] = []
    for entry in entries:
        header = None
        if entry.chunk is not None and feed.needs_header(entry):
            header = log.headers.get(entry.chunk.segment)
        events += feed.events(entry, header)
    return events


ACTIONS = st.lists(
    st.sampled_from(["open", "chunk", "chunk", "chunk", "chunk", "key", "key", "gap", "mute", "segment", "lose"]),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(ACTIONS, st.data())
def test_every_seq_is_told_once_whoever_reads(actions: list[str], data: st.DataObject) -> None:
    log = Log()
    log.do("open")
    for action in actions:
        log.do(action)
    log.end()
    # The first consumer reads up to somewhere, then retention takes some of what the second has not read.
    stops = data.draw(st.integers(0, len(log.entries)))
    trimmed = data.draw(st.integers(stops, len(log.entries) - 1)) if stops < len(log.entries) else stops
    first = told(Feed(0), log, log.entries[:stops])
    position = log.entries[stops - 1].next_seq if stops else 0
    second_feed = Feed(position)
    second = told(second_feed, log, log.entries[trimmed:])
    next_seq = 0
    for part in (first, second):
        for event in part:
            match event:
                case TakenChunk():
                    assert event.seq == next_seq
                    next_seq += 1
                case Gap():
                    assert event.from_seq == next_seq
                    assert event.ms >= 0
                    next_seq = event.to_seq + 1
                case _:
                    pass
    assert next_seq == log.entries[-1].next_seq
    if stops < len(log.entries):
        assert isinstance(second[0], Opened)
        assert isinstance(second[-1], Ended)
    if trimmed == stops:
        assert not any(isinstance(event, Gap) and event.reason == "trimmed" for event in first + second)


@settings(max_examples=200, deadline=None)
@given(ACTIONS, st.data())
def test_what_a_late_one_is_told_decodes_from_each_header_on(actions: list[str], data: st.DataObject) -> None:
    log = Log()
    log.do("open")
    for action in actions:
        log.do(action)
    begins = data.draw(st.integers(0, len(log.entries)))
    events = told(Feed(None), log, log.entries[begins:])
    start: SegmentStart | None = None
    is_first = True
    for event in events:
        match event:
            case SegmentStart():
                start, is_first = event, True
            case Gap():
                start = None
            case TakenChunk():
                assert start is not None, "a chunk without a segment"
                assert start.segment.segment == event.segment.segment
                if is_first:
                    assert event.seq == start.from_seq
                    if not start.header_missing:
                        payload = bytes(event.payload[start.skip_bytes :])
                        assert (start.header + payload).startswith(HEADER + CLUSTER)
                is_first = False
            case _:
                pass
