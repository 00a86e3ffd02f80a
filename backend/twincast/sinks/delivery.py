"""Hands the events of one stream to its sinks, in order, and says when each was taken.

Sinks are foreign code: whatever one raises, at once or late (`CancelledError` and `SystemExit` as well), is a failure
of that sink and of nothing else.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, assert_never

import structlog

from twincast.sinks.calls import check_sink, name_of, outcome, policy_of, result, tell
from twincast.sinks.sink import ClosedReason, FailurePolicy, Sink, SinkFactory
from twincast.streams.events import Event, StreamId, TakenChunk
from twincast.wire.message_types import Ended

_log = structlog.get_logger("twincast.sinks")

_EVENT_BYTES: Final = 256
"""What a queued event weighs beside its payload, so that a flood of small ones fills the queue too."""

_FINISH_TIMEOUT_S: Final = 30.0
"""How long slow sinks may take for what is queued once the stream is forgotten. Then they are cancelled."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A sink is busy with `event`; `rest` will be told after it."""

    task: asyncio.Task[BaseException | None]
    sink: Sink
    event: Event
    rest: Sequence[Sink]


class Delivery:
    """The ordered way of one stream's events through its sinks, which `factories` make here.

    While every sink returns None, `push` is a plain call. Where one returns an awaitable, events queue until it is
    done. `on_taken(event)` is called when all sinks took an event; `on_refused()` when a sink with
    `on_failure = "close"` failed, after which everything else is dropped. Neither may raise.
    """

    def __init__(
        self,
        stream_id: StreamId,
        factories: Sequence[SinkFactory],
        on_taken: Callable[[Event], None],
        on_refused: Callable[[], None],
    ) -> None:
        self._id = stream_id
        self._on_taken = on_taken
        self._on_refused = on_refused
        self._sinks: list[Sink] = []  # replaced, never changed: it may be being walked through
        self._queue: deque[tuple[Event, int]] = deque()
        self._waiting: _Waiting | None = None
        self._closing_tasks: set[asyncio.Task[BaseException | None]] = set()
        # closing: nothing more is taken, what is queued still goes to the sinks; closed: they were told `_reason`.
        self._phase: Literal["open", "closing", "closed"] = "open"
        self._reason: ClosedReason = "forgotten"
        self._deadline: asyncio.TimerHandle | None = None
        self._room = asyncio.Event()
        self.queued_bytes = 0
        self._make_sinks(factories)

    @property
    def is_idle(self) -> bool:
        """Whether events go to the sinks at once."""
        return self._waiting is None and self._phase == "open"

    @property
    def is_finished(self) -> bool:
        """Whether every sink was told `closed` and is done with it."""
        return self._phase == "closed" and self._waiting is None and not self._closing_tasks

    @property
    def _is_closed(self) -> bool:
        return self._phase == "closed"

    def push(self, event: Event) -> None:
        """Hands over one event: now, where no sink is waited for. After `Ended` nothing more is taken."""
        if self._phase != "open":
            return
        if self._waiting is None:
            self._deliver(event, self._sinks)
        else:
            size = _EVENT_BYTES + (len(event.payload) if isinstance(event, TakenChunk) else 0)
            self.queued_bytes += size
            self._queue.append((event, size))
        if isinstance(event, Ended):
            self._begin_to_close("ended")

    def close(self, reason: ClosedReason) -> None:
        """Tells the sinks, after what is queued, that nothing more will come. Safe to call again."""
        self._begin_to_close(reason)
        if self._phase == "closing" and self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(_FINISH_TIMEOUT_S, self.give_up)

    def cut_short(self) -> None:
        """Hands over nothing more: drops what is queued, and tells the sinks `closed` after what they are at."""
        if self._phase == "closed":
            return
        if any(isinstance(event, Ended) for event, _ in self._queue):
            self._reason = "shutdown"  # not "ended": of that they will hear nothing
        self._queue.clear()
        self.queued_bytes = 0
        self._room.set()
        self.close("shutdown")

    def give_up(self) -> None:
        """Waits for no sink any longer: cancels what they are at, drops what is queued, and tells them `closed`."""
        late = [*self._closing_tasks] if self._waiting is None else [self._waiting.task, *self._closing_tasks]
        if late:
            _log.warning("sinks did not finish in time", stream=self._id.kind, session=self._id.short)
        if self._phase != "closed":
            self._close_now(self._reason)
        loop = asyncio.get_running_loop()
        for task in late:
            loop.call_soon(task.cancel)  # not before it has begun: what it would await is then never awaited

    async def room(self, limit_bytes: int) -> None:
        """Waits until less than `limit_bytes` are queued."""
        while self.queued_bytes >= limit_bytes and self._phase != "closed":
            self._room.clear()
            await self._room.wait()

    async def drained(self) -> None:
        """Waits until nothing is queued."""
        while self._waiting is not None:
            await asyncio.wait([self._waiting.task])

    async def finished(self) -> None:
        """Waits until nothing is queued, and every sink that was told `closed` is done with that too."""
        await self.drained()
        while self._closing_tasks:
            await asyncio.wait(self._closing_tasks)

    def _make_sinks(self, factories: Sequence[SinkFactory]) -> None:
        for factory in factories:
            try:
                self._sinks = [*self._sinks, check_sink(factory(self._id))]
            except BaseException as error:
                policy = policy_of(factory)
                self._log_failure(factory, "factory", policy, error)
                if policy == "close":
                    self._refuse()
                    return

    def _deliver(self, event: Event, sinks: Sequence[Sink]) -> None:
        """Tells `sinks` in turn, as far as the first that is waited for."""
        for index, sink in enumerate(sinks):
            try:
                pending = tell(sink, event)
            except BaseException as error:
                self._failed(sink, event, error)
                if self._is_closed:
                    return
            else:
                if pending is not None:
                    task = asyncio.create_task(outcome(pending))
                    self._waiting = waiting = _Waiting(task, sink, event, sinks[index + 1 :])
                    task.add_done_callback(partial(self._resume, waiting))
                    return
        self._on_taken(event)

    def _resume(self, waiting: _Waiting, task: asyncio.Task[BaseException | None]) -> None:
        self._waiting = None
        if self._phase == "closed":
            self._close_sink(waiting.sink, self._reason)
            return
        try:
            failure = result(task)
            if failure is not None:
                self._failed(waiting.sink, waiting.event, failure)
            if not self._is_closed:
                self._deliver(waiting.event, waiting.rest)
                self._advance()
        except BaseException as error:
            # No sink's doing. The stream must not stand still without a word.
            _log.error("fault in the delivery", stream=self._id.kind, session=self._id.short, exc_info=error)
            self._refuse()

    def _advance(self) -> None:
        while self._waiting is None and self._queue:
            event, size = self._queue.popleft()
            self.queued_bytes -= size
            self._room.set()
            self._deliver(event, self._sinks)
        if self._waiting is None and self._phase == "closing":
            self._close_now(self._reason)

    def _begin_to_close(self, reason: ClosedReason) -> None:
        if self._phase == "open":
            self._phase = "closing"
            self._reason = reason
            self._advance()

    def _close_now(self, reason: ClosedReason) -> None:
        self._phase = "closed"
        self._reason = reason
        self._queue.clear()
        self.queued_bytes = 0
        self._room.set()
        if self._deadline is not None:
            self._deadline.cancel()
        for sink in self._sinks:
            # A busy one is told when that has come to its end: calls of one sink never overlap.
            if self._waiting is None or sink is not self._waiting.sink:
                self._close_sink(sink, reason)

    def _close_sink(self, sink: Sink, reason: ClosedReason) -> None:
        """Tells one sink `closed`. Only `finished` waits for it."""
        self._sinks = [other for other in self._sinks if other is not sink]
        try:
            pending = sink.closed(reason)
        except BaseException as error:
            self._log_failure(sink, "closed", None, error)
            return
        if pending is not None:
            task = asyncio.create_task(outcome(pending))
            self._closing_tasks.add(task)
            task.add_done_callback(partial(self._has_closed, sink))

    def _has_closed(self, sink: Sink, task: asyncio.Task[BaseException | None]) -> None:
        self._closing_tasks.discard(task)
        failure = result(task)
        if failure is not None:
            self._log_failure(sink, "closed", None, failure)

    def _failed(self, sink: Sink, event: Event, error: BaseException) -> None:
        policy = policy_of(sink)
        self._log_failure(sink, type(event).__name__, policy, error)
        match policy:
            case "detach":
                self._close_sink(sink, "failed")
            case "close":
                self._refuse()
            case _:
                assert_never(policy)

    def _refuse(self) -> None:
        self._close_now("failed")
        self._on_refused()

    def _log_failure(
        self, sink: Sink | SinkFactory, on: str, policy: FailurePolicy | None, error: BaseException
    ) -> None:
        _log.error(
            "sink failed",
            sink=name_of(sink),
            on=on,
            policy=policy,
            stream=self._id.kind,
            session=self._id.short,
            exc_info=error,
        )
