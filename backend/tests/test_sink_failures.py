"""Whatever a sink does, it is that sink's own affair: every method, every kind of failure, at once or late."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.conftest import Serve
from tests.wire import claim, eventually, frame, phone, segment_message
from twincast import ClosedReason, Ended, Gap, Muted, Opened, Segment, SegmentStart, Sink, StreamId, TakenChunk
from twincast.sinks import delivery as delivery_module
from twincast.sinks.delivery import Delivery
from twincast.sinks.sink import FailurePolicy, Pending, SinkFactory
from twincast.streams.events import Event

ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")
SEGMENT = Segment(0, "video/webm", 0)


class OddError(BaseException):
    """Neither an Exception nor known to anybody."""


ERRORS: tuple[type[BaseException], ...] = (
    ValueError,
    asyncio.CancelledError,
    SystemExit,
    KeyboardInterrupt,
    GeneratorExit,
    StopIteration,
    OddError,
)
TOLD = ("opened", "segment", "chunk", "gap", "muted", "ended")
METHODS = ("factory", *TOLD, "closed")
Way = Literal["fine", "fine late", "raises", "raises late", "cancels itself", "awaits a cancelled task", "hangs"]
FAILING: tuple[Way, ...] = ("raises", "raises late", "cancels itself", "awaits a cancelled task")
FAILURES = [(way, error) for way in ("raises", "raises late") for error in ERRORS] + [
    (way, asyncio.CancelledError) for way in ("cancels itself", "awaits a cancelled task")
]


async def misbehave(way: Way, error: type[BaseException]) -> None:
    match way:
        case "fine late":
            await asyncio.sleep(0)
        case "raises late":
            await asyncio.sleep(0)
            raise error
        case "cancels itself":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
        case "awaits a cancelled task":
            auxiliary = asyncio.ensure_future(asyncio.Event().wait())
            auxiliary.cancel()
            await auxiliary
        case "hangs":
            await asyncio.Event().wait()
        case "fine" | "raises":
            raise AssertionError(way)


@dataclass
class Script:
    """How one sink behaves at each call, and what it was told."""

    policy: FailurePolicy = "detach"
    ways: dict[str, Way] = field(default_factory=dict)
    error: type[BaseException] = ValueError
    told: list[str] = field(default_factory=list)
    made: int = 0
    busy: bool = False

    @property
    def on_failure(self) -> FailurePolicy:
        """The factory's own policy."""
        return self.policy

    def __call__(self, stream: StreamId) -> Sink:
        way = self.ways.get("factory", "fine")
        if way in FAILING:
            raise self.error
        self.made += 1
        return Scripted(stream, self)

    def call(self, name: str) -> Pending:
        assert not self.busy, "calls overlap"
        assert "closed" not in self.told, "told something after closed"
        self.told.append(name)
        way = self.ways.get(name, "fine")
        match way:
            case "fine":
                return None
            case "raises":
                raise self.error
            case _:
                return self._late(way)

    async def _late(self, way: Way) -> None:
        self.busy = True
        try:
            await misbehave(way, self.error)
        finally:
            self.busy = False


class Scripted(Sink):
    def __init__(self, stream: StreamId, script: Script) -> None:
        super().__init__(stream)
        self.on_failure = script.policy
        self._script = script

    def opened(self, opened: Opened) -> Pending:
        return self._script.call("opened")

    def segment(self, start: SegmentStart) -> Pending:
        return self._script.call("segment")

    def chunk(self, chunk: TakenChunk) -> Pending:
        return self._script.call("chunk")

    def gap(self, gap: Gap) -> Pending:
        return self._script.call("gap")

    def muted(self, muted: Muted) -> Pending:
        return self._script.call("muted")

    def ended(self, ended: Ended) -> Pending:
        return self._script.call("ended")

    def closed(self, reason: ClosedReason) -> Pending:
        return self._script.call("closed")


def event(name: str, seq: int = 0) -> Event:
    match name:
        case "opened":
            return Opened("new", 0, None)
        case "segment":
            return SegmentStart(SEGMENT, 0, header_missing=False)
        case "chunk":
            return TakenChunk(seq, SEGMENT, False, False, False, 0, 0, memoryview(b"x"), 0, None, 0, 1, 1)
        case "gap":
            return Gap(seq, seq, 1, "outbox-full")
        case "muted":
            return Muted(True)
        case "ended":
            return Ended(0, 0, (), True, ())
        case _:
            raise AssertionError(name)


class Outcome:
    """One delivery with its sinks, and what it reports."""

    def __init__(self, *factories: SinkFactory) -> None:
        self.taken: list[Event] = []
        self.refused = 0
        self.delivery = Delivery(ID, factories, self.taken.append, self._refuse)

    def _refuse(self) -> None:
        self.refused += 1


def failures(logs: list[Any]) -> list[Any]:
    return [entry for entry in logs if entry["event"] == "sink failed"]


@pytest.mark.parametrize("policy", ["detach", "close"])
@pytest.mark.parametrize(("way", "error"), FAILURES)
@pytest.mark.parametrize("method", METHODS)
async def test_a_failure_is_logged_and_handled_by_its_policy_and_closed_comes_once(
    error: type[BaseException], method: str, way: Way, policy: FailurePolicy
) -> None:
    bad, before, after = Script(policy, {method: way}, error), Script(), Script()
    events = [event(name, seq) for seq, name in enumerate(TOLD)]
    with capture_logs() as logs:
        outcome = Outcome(before, bad, after)
        for one in events:
            outcome.delivery.push(one)
        outcome.delivery.close("shutdown")
        await asyncio.wait_for(outcome.delivery.finished(), 5)
    assert [(entry["on"].lower(), entry["policy"]) for entry in failures(logs)] == [
        ({"segment": "segmentstart", "chunk": "takenchunk"}.get(method, method), None if method == "closed" else policy)
    ]
    refused = policy == "close" and method != "closed"
    assert outcome.refused == refused
    position = TOLD.index(method) if method in TOLD else 0
    assert outcome.taken == (events[:position] if refused else events)
    if not refused:
        assert before.told == after.told == [*TOLD, "closed"]
    for script in (before, bad, after):
        assert script.told.count("closed") == script.made
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


WAYS = st.sampled_from(cast("tuple[Way, ...]", ("fine", "fine late", *FAILING)))
SCRIPTS = st.builds(
    Script,
    policy=st.sampled_from(cast("tuple[FailurePolicy, ...]", ("detach", "detach", "close"))),
    ways=st.dictionaries(st.sampled_from(METHODS), WAYS, max_size=3),
    error=st.sampled_from(ERRORS),
)
STEPS = st.lists(st.sampled_from([*TOLD[:-1], "chunk", "let go on"]), max_size=12)
ENDS: tuple[str, ...] = ("ended", "forgotten", "unused", "shutdown", "give up", "ended, then forgotten")


def fails_at(script: Script, told: set[str]) -> bool:
    return any(script.ways.get(name) in FAILING for name in told)


@settings(max_examples=1_000, deadline=None)
@given(st.lists(SCRIPTS, min_size=1, max_size=4), STEPS, st.sampled_from(ENDS))
def test_in_any_schedule_good_sinks_see_everything_in_order_and_every_sink_is_closed_once(
    scripts: list[Script], steps: list[str], end: str
) -> None:
    for script in scripts:  # hypothesis gives the same objects again
        script.told, script.made, script.busy = [], 0, False
    with capture_logs():  # to print so many traces takes most of the time
        asyncio.run(one_schedule(scripts, steps, end))


async def one_schedule(scripts: list[Script], steps: list[str], end: str) -> None:
    good = Script()
    outcome = Outcome(*scripts, good)
    pushed: list[Event] = []
    for step in steps:
        if step == "let go on":
            await asyncio.sleep(0)
        else:
            pushed.append(event(step, len(pushed)))
            outcome.delivery.push(pushed[-1])
    if end.startswith("ended"):
        pushed.append(event("ended"))
        outcome.delivery.push(pushed[-1])
    if end == "ended, then forgotten":
        outcome.delivery.close("forgotten")
    elif end == "give up":
        outcome.delivery.close("shutdown")
        outcome.delivery.give_up()
    elif end != "ended":
        outcome.delivery.close(cast("ClosedReason", end))
    await asyncio.wait_for(outcome.delivery.finished(), 5)
    for script in (*scripts, good):
        assert script.told.count("closed") == script.made
        assert not script.made or script.told[-1] == "closed"
    told = {name for script in scripts for name in script.told} | {"factory"}
    closing = [script for script in scripts if script.policy == "close" and fails_at(script, told - {"closed"})]
    assert outcome.taken == pushed[: len(outcome.taken)]
    assert outcome.refused <= 1
    if not closing and end != "give up":
        assert outcome.refused == 0
        assert outcome.taken == pushed
        assert good.made == 1
    assert outcome.delivery.queued_bytes == 0
    outcome.delivery.push(event("chunk"))
    assert len(outcome.taken) <= len(pushed)


async def test_a_sink_that_never_finishes_is_given_up_when_the_stream_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery_module, "_FINISH_TIMEOUT_S", 0.01)
    hanging, good = Script(ways={"chunk": "hangs"}), Script()
    outcome = Outcome(hanging, good)
    outcome.delivery.push(event("chunk"))
    outcome.delivery.push(event("muted"))
    with capture_logs() as logs:
        outcome.delivery.close("forgotten")
        await asyncio.wait_for(outcome.delivery.finished(), 5)
    assert (hanging.told, good.told) == (["chunk", "closed"], ["closed"])
    assert [entry["event"] for entry in logs] == ["sinks did not finish in time"]
    assert outcome.taken == []  # nothing of it is acknowledged


async def test_a_sink_that_defies_being_cancelled_keeps_nobody_else_from_closed() -> None:
    go = asyncio.Event()

    class Defiant(Sink):
        async def chunk(self, chunk: TakenChunk) -> None:
            while not go.is_set():
                try:
                    await go.wait()
                except asyncio.CancelledError:
                    continue

    good = Script()
    outcome = Outcome(Defiant, good)
    outcome.delivery.push(event("chunk"))
    await asyncio.sleep(0)
    outcome.delivery.close("shutdown")
    outcome.delivery.give_up()
    assert good.told == ["closed"]
    go.set()
    await outcome.delivery.finished()


async def test_what_is_no_sink_is_a_failure_of_its_factory() -> None:
    with capture_logs() as logs:
        outcome = Outcome(cast("SinkFactory", lambda _: object()), good := Script())
        outcome.delivery.push(event("chunk"))
    assert [(entry["on"], entry["policy"]) for entry in failures(logs)] == [("factory", "detach")]
    assert "has no opened, segment, chunk" in str(failures(logs)[0]["exc_info"])
    assert good.told == ["chunk"]


async def test_a_factory_that_cannot_even_be_asked_is_left_out() -> None:
    class Evil:
        def __call__(self, stream: StreamId) -> Sink:
            raise SystemExit

        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    with capture_logs() as logs:
        outcome = Outcome(Evil(), good := Script())
        outcome.delivery.push(event("chunk"))
    assert [(entry["sink"], entry["policy"]) for entry in failures(logs)] == [("a sink without a name", "detach")]
    assert good.told == ["chunk"]


async def test_a_misspelt_policy_is_told_at_once() -> None:
    class Misspelt(Sink):
        on_failure = "closed"  # type: ignore[assignment]  # that is the point

    with capture_logs() as logs:
        Outcome(Misspelt)
    assert "'detach' or 'close', not 'closed'" in str(failures(logs)[0]["exc_info"])


async def test_what_is_no_awaitable_is_a_failure() -> None:
    class Wrong(Sink):
        def chunk(self, chunk: TakenChunk) -> Pending:
            return cast("Pending", 5)

    with capture_logs() as logs:
        outcome = Outcome(Wrong, good := Script())
        outcome.delivery.push(event("chunk"))
        await outcome.delivery.finished()
        outcome.delivery.push(event("muted"))
    assert [entry["on"] for entry in failures(logs)] == ["TakenChunk"]
    assert good.told == ["chunk", "muted"]


def test_a_partial_of_a_class_has_the_policy_of_the_class() -> None:
    class Strict(Sink):
        on_failure = "close"

        def __init__(self, stream: StreamId, folder: str) -> None:
            raise OSError(folder)

    assert Outcome(partial(Strict, folder="no disk")).refused == 1


def by_kind(bad: Script) -> Callable[[StreamId], Sink]:
    return lambda stream: bad(stream) if stream.kind == "video" else Sink(stream)


@pytest.mark.parametrize("way", ["raises", "raises late"])
@pytest.mark.parametrize("error", ERRORS)
async def test_the_process_and_the_other_stream_go_on_and_the_phone_hears_4500(
    serve: Serve, error: type[BaseException], way: Way
) -> None:
    bad = Script("close", {"chunk": way}, error)
    server = await serve([by_kind(bad)])
    async with phone(server.port) as video, phone(server.port, "audio", video.session) as audio:
        await video.hello()
        await video.send(segment_message())
        await video.send(frame(0))
        messages, code = await video.closed()
        assert (messages[-1]["code"], code) == ("sink-failed", 4500)
        await eventually(lambda: bad.told[-1] == "closed")
        async with phone(server.port, session=video.session) as again:
            assert (await again.hello(0))["code"] == "sink-failed"
        await audio.hello()
        await audio.send(segment_message(0, "audio/webm"))
        await audio.send(frame(0))
        await audio.acked(0)


@pytest.mark.parametrize(("way", "error"), FAILURES)
async def test_a_detached_sink_stops_nothing_not_even_its_own_stream(
    serve: Serve, error: type[BaseException], way: Way
) -> None:
    bad = Script("detach", {"segment": way}, error)
    server = await serve([bad])
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        for seq in range(3):
            await one.send(frame(seq))
        await one.acked(2)
        await one.send({"type": "end", "lastSeq": 2, "segments": [claim(0, 0, *[b"media"] * 3)]})
        messages, code = await one.closed()
    assert (messages[-1]["type"], messages[-1]["verified"], code) == ("ended", True, 1000)
    assert bad.told == ["opened", "segment", "closed"]


@pytest.mark.parametrize("policy", ["detach", "close"])
async def test_a_factory_that_raises_refuses_or_is_left_out(serve: Serve, policy: FailurePolicy) -> None:
    server = await serve([Script(policy, {"factory": "raises"}, KeyboardInterrupt)])
    async with phone(server.port) as one:
        if policy == "close":
            assert (await one.hello())["code"] == "sink-failed"
            assert (await one.closed())[1] == 4500
            assert server.sink.of(one.session, "closed") == ["failed"]
        else:
            await one.hello()
            await one.send(segment_message())
            await one.send(frame(0))
            await one.acked(0)


async def test_every_stream_has_a_sink_of_its_own_and_every_end_closes_it(serve: Serve) -> None:
    server = await serve(max_streams=2, remember_stream_s=900)
    async with phone(server.port) as ended:
        await ended.hello()
        await ended.send({"type": "end", "lastSeq": -1, "segments": []})
        await ended.closed()
    assert server.sink.of(ended.session, "closed") == ["ended"]
    async with phone(server.port) as unused:
        await unused.hello()
    await eventually(lambda: server.sink.of(unused.session, "closed") == ["unused"])
    async with phone(server.port) as evicted:
        await evicted.hello()
        await evicted.send(segment_message())
        await evicted.send(frame(0))
        await evicted.acked(0)
    for _ in range(2):  # the ended stream is pushed out first
        async with phone(server.port) as newer:
            await newer.hello()
            await newer.send(segment_message())
            await newer.send(frame(0))
            await newer.acked(0)
    assert server.sink.of(evicted.session, "closed") == ["forgotten"]
    server.uvicorn.should_exit = True
    await eventually(lambda: server.sink.of(newer.session, "closed") == ["shutdown"])
    assert len(server.sink.of(ended.session, "closed")) == 1


async def test_a_sink_that_hangs_delays_the_end_of_the_process_and_everybody_is_closed(serve: Serve) -> None:
    hanging = Script(ways={"chunk": "hangs"})
    server = await serve([hanging])
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        await one.send(frame(0))
        await eventually(lambda: "chunk" in hanging.told)
        server.uvicorn.should_exit = True
        await one.closed()
        await eventually(lambda: hanging.told[-1] == "closed")
        await eventually(lambda: server.sink.of(one.session, "closed") == ["shutdown"])
