"""A stream that this process serves: its state, its delivery to the sinks, and the connection that carries it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twincast.access.rate_limits import StreamRates
from twincast.server.clock import now_ms
from twincast.settings import Settings
from twincast.sinks.delivery import Delivery
from twincast.sinks.sink import SinkFactory
from twincast.streams.events import Event, TakenChunk
from twincast.streams.stream import Stream
from twincast.wire.close_codes import ErrorCode, ProtocolError
from twincast.wire.message_types import Ended, Gap


@dataclass(frozen=True, slots=True)
class LeavingTimes:
    """The end of a process, in seconds of the event loop's clock."""

    queues_end_s: float
    """Until then slow sinks are handed what is queued for them; what is left the phones keep."""

    sinks_end_s: float
    """Until then a sink may take to finish what it was handed, so that it can be acknowledged."""

    phones_end_s: float
    """Until then a phone may take to read what it is told last."""


class Leaves(Protocol):
    """A socket, as the end of the process needs it."""

    async def restart(self, times: LeavingTimes) -> None:
        """Take nothing more, acknowledge what the sinks took, and close with 1012."""


class Connection(Leaves, Protocol):
    """What a live stream needs of the socket that carries it."""

    def ack_due(self) -> None:
        """`taken_seq` grew."""

    def ended(self, ended: Ended) -> None:
        """The sinks took the end."""

    def watched(self, viewers: int) -> None:
        """So many watch the stream now."""

    def fail_soon(self, error: ProtocolError) -> None:
        """Close with this error."""


class LiveStream:
    """A stream with its delivery to the sinks, and the connection that carries it now, if any.

    What the handler takes goes through `push`, and here straight to the sinks. A store whose streams have to be written
    down first derives from this: its `push` writes, and calls this one when that is done; `takes_at_once`,
    `queued_bytes`, `room`, `drained` and `cut_short` then speak of both.
    """

    def __init__(self, stream: Stream, sinks: Sequence[SinkFactory], settings: Settings) -> None:
        self.stream = stream
        self.rates = StreamRates(settings.bytes_rate, settings.messages_rate, time.monotonic())
        self.connection: Connection | None = None
        self.refused: ProtocolError | None = None
        self.end_taken = stream.ended is not None  # of one that another process has ended, all took the end
        self._newest_number = -1
        self.delivery = Delivery(stream.id, sinks, self._taken, self._refuse)

    def push(self, events: Sequence[Event], message: bytes = b"") -> None:  # noqa: ARG002  # to be written down
        """Hands on what one message brought, at least one event, in order.

        `message`: the chunk, with its header; empty where none is among the events. `stream` is as it is behind them.
        """
        for event in events:
            self.delivery.push(event)

    @property
    def takes_at_once(self) -> bool:
        """Whether what is pushed needs to wait for nothing: chunks may come the short way."""
        return self.delivery.is_idle

    @property
    def queued_bytes(self) -> int:
        """Pushed, and not taken by all that have to take it."""
        return self.delivery.queued_bytes

    async def room(self, limit_bytes: int) -> None:
        """Waits until less than `limit_bytes` are queued."""
        await self.delivery.room(limit_bytes)

    async def drained(self) -> None:
        """Waits until nothing is queued."""
        await self.delivery.drained()

    def cut_short(self) -> None:
        """Hands on nothing more: what is queued is dropped, and not acknowledged. Safe to call again."""
        self.delivery.cut_short()

    def carry_by(self, connection: Connection) -> None:
        """`connection` carries the stream from now on; an older one is displaced."""
        self.fail(ProtocolError(ErrorCode.DISPLACED, "A newer connection carries this stream now."))
        self.connection = connection

    def fail(self, error: ProtocolError) -> None:
        """Ends the connection, if any, with `error`. The stream has none then."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.fail_soon(error)

    def outrank(self, number: int | None) -> None:
        """A connection of this number wants to carry the stream. Raises `displaced` where a newer one did already.

        Its `hello` was overtaken then, by that of a socket that the client opened in its place. None, of a client that
        does not count, is newer than what there is, and so is the same number again.
        """
        if number is None:
            return
        if number < self._newest_number:
            raise ProtocolError(ErrorCode.DISPLACED, "A newer connection has carried this stream already.")
        self._newest_number = number

    def _taken(self, event: Event) -> None:
        match event:
            case TakenChunk():
                self.stream.taken(event.seq, event.received_at_ms)
            case Gap():
                self.stream.taken(event.to_seq, now_ms())
            case Ended():
                self.end_taken = True
                if self.connection is not None:
                    self.connection.ended(event)
                return
            case _:
                return
        if self.connection is not None:
            self.connection.ack_due()

    def _refuse(self) -> None:
        self.refused = ProtocolError(ErrorCode.SINK_FAILED, "The processing behind this backend refused the stream.")
        if self.connection is not None:
            self.connection.fail_soon(self.refused)
