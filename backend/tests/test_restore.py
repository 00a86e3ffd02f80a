"""A stream that another process goes on with is the same stream: restored at any moment equals never restored."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.wire import chain_of
from twincast.streams.events import Event, StreamId, TakenChunk
from twincast.streams.stream import Opening, Stream
from twincast.wire.chunk import Chunk
from twincast.wire.close_codes import ProtocolError
from twincast.wire.message_types import End, Gap, GapReason, HashedRange, Muted, Segment

ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")
REASONS: list[GapReason] = ["outbox-full", "too-far-behind", "too-large", "worker-lost"]


class Log:
    """What an engine keeps of a stream: `structure` only when an event says that it may have changed."""

    def __init__(self) -> None:
        self.stream = Stream(ID)
        self.counters: bytes | None = None
        self.structure = b""

    def keep(self, events: Sequence[Event]) -> None:
        if not events:
            return
        if not all(isinstance(event, TakenChunk) for event in events):
            self.structure = self.stream.structure()
        self.counters = self.stream.counters()
        self.stream.taken(self.stream.next_seq - 1, 0)

    def move(self) -> None:
        """Another process goes on."""
        if self.counters is not None:
            self.stream = Stream.restore(ID, self.counters, self.structure)


class Moves(RuleBasedStateMachine):
    """One stream stays in its process, the other one moves to another process before any of its connections."""

    @initialize()
    def begin(self) -> None:
        self.stays, self.moves = Log(), Log()
        self.segment = 0
        self.sent: list[tuple[int, int, bytes]] = []  # segment, from, payload
        self.open(0, True)

    def both(self, action: Callable[[Stream], Any]) -> Any:
        results = [self._result(log, action) for log in (self.stays, self.moves)]
        assert results[0] == results[1]
        return results[0]

    @staticmethod
    def _result(log: Log, action: Callable[[Stream], Any]) -> Any:
        try:
            result = action(log.stream)
        except ProtocolError as error:
            return error.code, error.message
        if isinstance(result, Opening):
            log.keep(() if result.event is None else (result.event,))
            return result
        log.keep(result or ())
        # What a process measures itself is its own.
        return [
            one._replace(delay_ms=None, bytes_per_second=0) if isinstance(one, TakenChunk) else one
            for one in result or ()
        ]

    @rule(back=st.integers(-2, 3), moved=st.booleans())
    def open(self, back: int, moved: bool) -> None:
        if moved:
            self.moves.move()
        for log in (self.stays, self.moves):
            log.stream.left()
        resume_from = max(0, self.stays.stream.next_seq - back)
        self.both(lambda stream: stream.open(resume_from))

    @rule(step=st.integers(-1, 2))
    def announce(self, step: int) -> None:
        self.segment = max(0, self.segment + step)
        self.both(lambda stream: stream.announce(Segment(self.segment, f"video/{self.segment}", 0.0)))

    @rule(size=st.integers(0, 3), skip=st.sampled_from([0, 0, 0, 0, 1, -1]), segment=st.sampled_from([0, 0, 0, 1]))
    def chunk(self, size: int, skip: int, segment: int) -> None:
        seq = max(0, self.stays.stream.next_seq + skip)
        payload = bytes([seq % 256]) * size
        chunk = Chunk(seq, self.segment + segment, False, False, False, 0, 0, memoryview(payload))
        self.both(lambda stream: stream.take_chunk(chunk, 0))

    @rule(back=st.integers(-1, 2), length=st.integers(1, 4), reason=st.sampled_from(REASONS))
    def gap(self, back: int, length: int, reason: GapReason) -> None:
        first = max(0, self.stays.stream.next_seq - back)
        self.both(lambda stream: stream.take_gap(Gap(first, first + length - 1, 100.0, reason)))

    @rule(muted=st.booleans())
    def mute(self, muted: bool) -> None:
        self.both(lambda stream: stream.take_muted(Muted(muted)))

    @rule(honest=st.sampled_from([True, True, False]), moved=st.booleans())
    def end(self, honest: bool, moved: bool) -> None:
        claims = tuple(
            HashedRange(one.segment, one.from_seq, one.bytes, one.chain.hex() if honest else chain_of([b"no"]))
            for one in self.stays.stream._ranges._ranges
        )
        end = End(self.stays.stream.next_seq - 1, claims)
        self.both(lambda stream: stream.take_end(end))
        if moved:
            self.open(0, True)
            self.both(lambda stream: stream.take_end(end))
        assert self.stays.stream.verdict == self.moves.stream.verdict

    @invariant()
    def same(self) -> None:
        if hasattr(self, "stays"):
            for name in ("next_seq", "taken_seq", "chunks", "bytes", "gaps", "muted", "segment"):
                assert getattr(self.stays.stream, name) == getattr(self.moves.stream, name), name
            assert self.stays.stream.counters() == self.moves.stream.counters()
            assert self.stays.stream.structure() == self.moves.stream.structure() == self.moves.structure


TestMoves = Moves.TestCase
TestMoves.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_what_is_no_state_is_refused_with_a_value_error(counters: bytes, structure: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # msgspec's own, of many messages
        Stream.restore(ID, counters, structure)
