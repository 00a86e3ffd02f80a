"""For any order of chunks, gaps, cuts, lost acks, slow sinks and restarts: nothing is lost, doubled or out of order."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.wire import chain_of
from twincast.streams.events import Event, Opened, SegmentStart, StreamId, TakenChunk
from twincast.streams.stream import Stream
from twincast.wire.chunk import Chunk
from twincast.wire.message_types import End, Ended, Gap, HashedRange, Segment

ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "audio")


@dataclass
class Process:
    """A backend process: its stream state, what waits for its sink, and what its sink saw."""

    stream: Stream = field(default_factory=lambda: Stream(ID))
    queue: list[Event] = field(default_factory=list)
    seen: list[Event] = field(default_factory=list)

    def sink_takes(self, count: int) -> None:
        for event in self.queue[:count]:
            self.seen.append(event)
            match event:
                case TakenChunk():
                    self.stream.taken(event.seq, 0)
                case Gap():
                    self.stream.taken(event.to_seq, 0)
                case _:
                    pass
        del self.queue[:count]


@dataclass
class Kept:
    """A range as the client keeps it."""

    segment: int
    from_seq: int
    payloads: list[bytes] = field(default_factory=list)

    def claim(self) -> HashedRange:
        return HashedRange(self.segment, self.from_seq, sum(map(len, self.payloads)), chain_of(self.payloads))


class Delivery(RuleBasedStateMachine):
    """A correct client with a bounded outbox, against backend processes that come and go."""

    @initialize()
    def start(self) -> None:
        self.dead: list[Process] = []
        self.process = Process()
        self.outbox: list[Chunk | Gap] = []
        self.next_seq = 0
        self.acked = -1
        self.segment = 0
        self.connected = False
        self.unsent = 0  # index into the outbox of the first item not sent on this connection
        self.announced = -1
        self.ranges: list[Kept] = []
        self.range_is_open = False
        self.highest_sent = -1
        self.reckless = False

    @rule(size=st.integers(0, 3))
    def record(self, size: int) -> None:
        payload = bytes([self.next_seq % 256]) * size
        self.outbox.append(Chunk(self.next_seq, self.segment, False, False, False, 0, 0, memoryview(payload)))
        self.next_seq += 1

    @rule(step=st.integers(1, 3))
    def begin_segment(self, step: int) -> None:
        self.segment += step

    @precondition(lambda self: not self.connected)
    @rule()
    def connect(self) -> None:
        opening = self.process.stream.open(self.acked + 1)
        assert opening.event is not None
        self.process.queue.append(opening.event)
        assert opening.resumed or opening.next_seq == self.acked + 1
        self.receive_ack(opening.next_seq - 1)
        if not opening.resumed:
            self.range_is_open = False
        self.connected, self.unsent, self.announced = True, 0, -1

    @precondition(lambda self: self.connected and self.unsent < len(self.outbox))
    @rule(count=st.integers(1, 5))
    def send(self, count: int) -> None:
        for item in self.outbox[self.unsent : self.unsent + count]:
            self.give(item)
            self.unsent += 1

    @precondition(lambda self: self.connected and self.unsent > 0)
    @rule()
    def send_the_last_one_again(self) -> None:
        item = self.outbox[self.unsent - 1]
        if isinstance(item, Gap) or item.segment == self.announced:
            before = len(self.process.queue)
            self.give(item)
            assert len(self.process.queue) == before

    @rule(count=st.integers(1, 5))
    def sink_takes(self, count: int) -> None:
        self.process.sink_takes(count)

    @precondition(lambda self: self.connected)
    @rule()
    def ack_arrives(self) -> None:
        self.receive_ack(self.process.stream.taken_seq)

    @rule()
    def cut(self) -> None:
        self.connected = False

    @rule()
    def backend_restarts(self) -> None:
        self.dead.append(self.process)
        self.process = Process()
        self.connected = False

    @rule()
    def outbox_overflows(self) -> None:
        """Everything that was never sent becomes one gap, and a new segment begins."""
        self.drop_from(next((i for i, item in enumerate(self.outbox) if seq_of(item) > self.highest_sent), None))

    @rule()
    def outbox_overflows_recklessly(self) -> None:
        """A client that drops what it has sent, too: the backend may have some of it, and hashes can differ."""
        self.drop_from(self.unsent if self.connected else 0)
        self.reckless = True

    def drop_from(self, keep: int | None) -> None:
        if keep is None or not self.outbox[keep:]:
            return
        lost = self.outbox[keep:]
        self.outbox[keep:] = [Gap(seq_of(lost[0]), self.next_seq - 1, 100.0 * len(lost), "outbox-full")]
        self.segment += 1

    @invariant()
    def every_process_saw_a_row_without_holes_or_doubles(self) -> None:
        for process in [*self.dead, self.process]:
            expected = None
            segment = None
            for event in process.seen:
                match event:
                    case Opened(how, next_seq, _):
                        if how == "resumed":
                            assert expected is None or next_seq <= expected
                        else:
                            expected, segment = next_seq, None
                    case SegmentStart():
                        assert segment is None or event.segment.segment > segment
                        segment = event.segment.segment
                    case TakenChunk():
                        assert event.seq == expected
                        assert event.segment.segment == segment
                        expected = event.seq + 1
                    case Gap(from_seq, to_seq, _, _):
                        assert from_seq == expected
                        expected = to_seq + 1
                    case _:
                        pass

    def teardown(self) -> None:
        if not hasattr(self, "process"):
            return
        self.connected = False
        self.connect()
        while self.unsent < len(self.outbox):
            self.give(self.outbox[self.unsent])
            self.unsent += 1
        self.process.sink_takes(len(self.process.queue))
        self.every_process_saw_a_row_without_holes_or_doubles()
        self.every_seq_was_delivered_or_reported_somewhere()
        self.the_end_has_no_mismatch()

    def every_seq_was_delivered_or_reported_somewhere(self) -> None:
        told = set()
        for process in [*self.dead, self.process]:
            for event in process.seen:
                if isinstance(event, TakenChunk):
                    told.add(event.seq)
                elif isinstance(event, Gap):
                    told.update(range(event.from_seq, event.to_seq + 1))
        assert told == set(range(self.next_seq))

    def the_end_has_no_mismatch(self) -> None:
        self.receive_ack(self.process.stream.taken_seq)
        assert self.outbox == []
        claims = tuple(one.claim() for one in self.ranges)
        (ended,) = self.process.stream.take_end(End(self.next_seq - 1, claims))
        assert isinstance(ended, Ended)
        if self.reckless:
            return
        assert all(one.state != "mismatch" for one in ended.ranges)
        assert ended.verified == all(one.state == "verified" for one in ended.ranges)
        if not self.dead:
            assert ended.verified

    def give(self, item: Chunk | Gap) -> None:
        stream = self.process.stream
        self.highest_sent = max(self.highest_sent, seq_of(item, last=True))
        if isinstance(item, Gap):
            self.process.queue += stream.take_gap(item)
            return
        if item.segment != self.announced:
            stream.announce(Segment(item.segment, "audio/webm", 0))
            self.announced = item.segment
        self.process.queue += stream.take_chunk(item, 0)

    def receive_ack(self, seq: int) -> None:
        """What is acknowledged is hashed, as the client's range ledger does it."""
        while self.outbox and seq_of(self.outbox[0], last=True) <= seq:
            item = self.outbox.pop(0)
            self.unsent = max(0, self.unsent - 1)
            if isinstance(item, Gap):
                self.range_is_open = False
                continue
            if not self.range_is_open or self.ranges[-1].segment != item.segment:
                self.ranges.append(Kept(item.segment, item.seq))
                self.range_is_open = True
            self.ranges[-1].payloads.append(bytes(item.payload))
        self.acked = max(self.acked, seq)


def seq_of(item: Chunk | Gap, last: bool = False) -> int:
    """The first or the last seq of an item of the outbox."""
    if isinstance(item, Gap):
        return item.to_seq if last else item.from_seq
    return item.seq


Delivery.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestDelivery = Delivery.TestCase
