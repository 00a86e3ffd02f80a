"""From the stream state to the sinks: in order, bounded, and a failing sink stays its own problem."""

import asyncio
from typing import Any

import pytest

from twincast.sinks.delivery import Delivery
from twincast.sinks.sink import ClosedReason, Pending, Sink, SinkFactory
from twincast.streams.events import Event, StreamId, TakenChunk
from twincast.wire.message_types import Muted, Segment

ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "audio")


def taken(seq: int, size: int = 10) -> TakenChunk:
    segment = Segment(0, "audio/webm", 0)
    return TakenChunk(seq, segment, False, False, False, 0, 0, memoryview(b"x" * size), 0, None, 0, seq + 1, 0)


class Recorder(Sink):
    """Notes seqs; `gate` makes it wait, `fail_at` makes it raise."""

    def __init__(self, gate: asyncio.Event | None = None, fail_at: int | None = None) -> None:
        super().__init__(ID)
        self.seen: list[Any] = []
        self.gate = gate
        self.fail_at = fail_at

    def chunk(self, chunk: TakenChunk) -> Pending:
        if self.gate is not None:
            return self._wait(self.gate, chunk)
        self._take(chunk)
        return None

    def muted(self, muted: Muted) -> None:
        self.seen.append("muted" if muted.muted else "unmuted")

    def closed(self, reason: ClosedReason) -> None:
        self.seen.append(reason)

    async def _wait(self, gate: asyncio.Event, chunk: TakenChunk) -> None:
        await gate.wait()
        self._take(chunk)

    def _take(self, chunk: TakenChunk) -> None:
        if chunk.seq == self.fail_at:
            raise ValueError("no")
        self.seen.append(chunk.seq)


def maker(sink: Sink) -> SinkFactory:
    return lambda _: sink


class Outcome:
    """What the delivery reports back."""

    def __init__(self, *sinks: Sink) -> None:
        self.taken: list[Event] = []
        self.refused = 0
        self.delivery = Delivery(ID, [maker(sink) for sink in sinks], self.taken.append, self._refuse)

    def _refuse(self) -> None:
        self.refused += 1

    @property
    def seqs(self) -> list[int]:
        return [event.seq for event in self.taken if isinstance(event, TakenChunk)]


def test_fast_sinks_are_called_at_once_without_an_event_loop() -> None:
    sinks = [Recorder(), Recorder()]
    outcome = Outcome(*sinks)
    for seq in range(3):
        outcome.delivery.push(taken(seq))
    outcome.delivery.close("ended")
    assert [sink.seen for sink in sinks] == [[0, 1, 2, "ended"]] * 2
    assert outcome.seqs == [0, 1, 2]


async def test_a_slow_sink_sees_everything_in_order_and_is_acknowledged_only_then() -> None:
    gate = asyncio.Event()
    fast, slow, last = Recorder(), Recorder(gate), Recorder()
    outcome = Outcome(fast, slow, last)
    for seq in range(3):
        outcome.delivery.push(taken(seq, 1_000))
    outcome.delivery.push(Muted(True))
    assert outcome.taken == []
    assert (fast.seen, last.seen) == ([0], [])
    assert outcome.delivery.queued_bytes > 2_000
    gate.set()
    await outcome.delivery.drained()
    assert fast.seen == slow.seen == last.seen == [0, 1, 2, "muted"]
    assert outcome.seqs == [0, 1, 2]
    assert outcome.delivery.queued_bytes == 0
    outcome.delivery.push(taken(3))
    await outcome.delivery.drained()
    assert last.seen[-1] == 3


async def test_the_queue_says_when_there_is_room() -> None:
    gate = asyncio.Event()
    outcome = Outcome(Recorder(gate))
    for seq in range(3):
        outcome.delivery.push(taken(seq, 1_000))
    waiting = asyncio.create_task(outcome.delivery.room(2_000))
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    await asyncio.wait_for(waiting, 1)
    await outcome.delivery.drained()


async def test_small_events_fill_the_queue_too() -> None:
    outcome = Outcome(Recorder(asyncio.Event()))
    outcome.delivery.push(taken(0))
    for _ in range(100):
        outcome.delivery.push(Muted(True))
    assert outcome.delivery.queued_bytes >= 25_000


@pytest.mark.parametrize("slow", [False, True])
async def test_a_sink_that_raises_is_detached_and_the_others_go_on(slow: bool) -> None:
    gate = asyncio.Event()
    gate.set()
    bad, good = Recorder(gate if slow else None, fail_at=1), Recorder()
    outcome = Outcome(bad, good)
    for seq in range(4):
        outcome.delivery.push(taken(seq))
    outcome.delivery.close("ended")
    await outcome.delivery.drained()
    assert bad.seen == [0, "failed"]
    assert good.seen == [0, 1, 2, 3, "ended"]
    assert outcome.seqs == [0, 1, 2, 3]


@pytest.mark.parametrize("slow", [False, True])
async def test_a_sink_may_refuse_the_stream_and_then_nothing_more_is_acknowledged(slow: bool) -> None:
    gate = asyncio.Event()
    gate.set()
    bad, good = Recorder(gate if slow else None, fail_at=1), Recorder()
    bad.on_failure = "close"
    outcome = Outcome(bad, good)
    for seq in range(4):
        outcome.delivery.push(taken(seq))
    await outcome.delivery.room(0 if not slow else 1)
    await outcome.delivery.drained()
    outcome.delivery.close("forgotten")
    await outcome.delivery.drained()
    assert outcome.seqs == [0]
    assert outcome.refused == 1
    assert bad.seen == [0, "failed"]
    assert good.seen == [0, "failed"]


async def test_a_fault_in_closed_is_only_reported() -> None:
    class Rude(Recorder):
        on_failure = "close"

        def closed(self, reason: ClosedReason) -> None:
            raise RuntimeError("no")

    outcome = Outcome(Rude(), good := Recorder())
    outcome.delivery.close("shutdown")
    outcome.delivery.close("forgotten")
    outcome.delivery.push(taken(0))
    assert good.seen == ["shutdown"]
    assert outcome.refused == 0
