"""Calls of foreign code, the sinks and their factories, whatever they do."""

import asyncio
from collections.abc import Awaitable
from typing import assert_never, cast

from twincast.sinks.sink import FailurePolicy, Pending, Sink, SinkFactory
from twincast.streams.events import Event, Opened, SegmentStart, TakenChunk
from twincast.wire.message_types import Ended, Gap, Muted

_METHODS = ("opened", "segment", "chunk", "gap", "muted", "ended", "closed")


def check_sink(made: object) -> Sink:
    """What a factory returned, if it has all that a sink has. Raises `TypeError`."""
    missing = [method for method in _METHODS if not callable(getattr(made, method, None))]
    if missing:
        raise TypeError(f"A {type(made).__name__} has no {', '.join(missing)}; derive it from twincast.Sink.")
    policy = getattr(made, "on_failure", None)
    if policy not in ("detach", "close"):
        raise TypeError(f"on_failure must be 'detach' or 'close', not {policy!r}.")
    return cast("Sink", made)


async def outcome(pending: Awaitable[None]) -> BaseException | None:
    """What `pending` raised. In a task of its own, so that a sink that cancels "the current task" cancels itself."""
    try:
        await pending
    except BaseException as error:
        return error
    return None


def result(task: asyncio.Task[BaseException | None]) -> BaseException | None:
    """What the task of `outcome` found; a task that was cancelled before it began counts as `CancelledError`."""
    return asyncio.CancelledError() if task.cancelled() else task.result()


def tell(sink: Sink, event: Event) -> Pending:
    """Calls the method that belongs to the event."""
    match event:
        case TakenChunk():
            return sink.chunk(event)
        case SegmentStart():
            return sink.segment(event)
        case Opened():
            return sink.opened(event)
        case Gap():
            return sink.gap(event)
        case Muted():
            return sink.muted(event)
        case Ended():
            return sink.ended(event)
        case _:
            assert_never(event)


def policy_of(sink: Sink | SinkFactory) -> FailurePolicy:
    """What a sink or a factory says of its failures; `detach` where it cannot even say that.

    A functools.partial of a class has the policy of the class.
    """
    try:
        return "close" if getattr(getattr(sink, "func", sink), "on_failure", None) == "close" else "detach"
    except BaseException:
        return "detach"


def name_of(sink: Sink | SinkFactory) -> str:
    """For the log: the class of a sink, the name of a factory."""
    try:
        named = getattr(sink, "func", sink)
        return str(getattr(named, "__qualname__", type(named).__name__))
    except BaseException:
        return "a sink without a name"
