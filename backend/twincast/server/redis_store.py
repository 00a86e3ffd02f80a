"""The streams of a fleet: each message is written into the engine's log before the sinks of this process are told."""

from collections.abc import Iterator, Sequence

import structlog
from redis.exceptions import RedisError, ResponseError

from twincast.access.memory_budget import MemoryBudget
from twincast.fleet import functions
from twincast.fleet.engine import Engine
from twincast.fleet.functions import StreamKeys
from twincast.fleet.logged_stream import LoggedStream
from twincast.fleet.pipe import EngineAwayError
from twincast.fleet.stream_log import Retention
from twincast.server.clock import now_ms
from twincast.server.closing_streams import ClosingStreams
from twincast.server.fleet_listing import FleetListing
from twincast.server.live_stream import Connection, LiveStream
from twincast.server.stream_store import StoreState
from twincast.settings import Settings
from twincast.sinks.sink import ClosedReason, SinkFactory
from twincast.streams.events import Event, StreamId
from twincast.streams.stream import Stream
from twincast.wire.close_codes import ErrorCode, ProtocolError

_log = structlog.get_logger("twincast.fleet")


_TakenOver = tuple[int, bytes | None, bytes, bytes | None]
"""Epoch, counters, structure, header. Of a new stream the engine knows none of the last three."""


class FleetStream(LiveStream):
    """A stream that one connection of this process has, for as long as the engine lets it."""

    def __init__(
        self, store: "RedisStore", stream: Stream, epoch: int, header: bytes | None, sinks: Sequence[SinkFactory]
    ) -> None:
        settings = store.settings
        super().__init__(stream, sinks, settings)
        self.epoch = epoch
        self._store = store
        self._short_way_bytes = settings.window_bytes // 4
        self._logged = LoggedStream(
            store.engine, stream, epoch, header, store.retention, self._is_logged, self._log_refused
        )
        self._log = self._logged.log

    def push(self, events: Sequence[Event], message: bytes = b"") -> None:
        """Writes it down; the sinks are told when the engine has it."""
        self._logged.push(events, message or None, now_ms())

    @property
    def takes_at_once(self) -> bool:
        """Whether chunks may come the short way: while little waits for the engine."""
        return self.delivery.is_idle and self._log.queued_bytes < self._short_way_bytes

    @property
    def queued_bytes(self) -> int:
        """Pushed, and not taken by the engine and the sinks."""
        return self._log.queued_bytes + self.delivery.queued_bytes

    async def room(self, limit_bytes: int) -> None:
        """Waits until the engine and the sinks have less than `limit_bytes` before them."""
        await self._log.room(limit_bytes)
        await self.delivery.room(limit_bytes)

    async def drained(self) -> None:
        """Waits until nothing is queued."""
        await self._log.drained()
        await self.delivery.drained()

    def cut_short(self) -> None:
        """Hands on nothing more. What the engine has of it all the same is acknowledged to the next hello."""
        self._log.close()
        self.delivery.cut_short()

    def hand_over(self) -> None:
        """No connection of this process has it any more. What came of it is the engine's."""
        self._log.close()

    def forget(self) -> None:
        """Nothing but hellos came: leaves nothing behind."""
        self._log.forget()

    def _is_logged(self, events: tuple[Event, ...]) -> None:
        super().push(events)

    def _log_refused(self, error: ProtocolError) -> None:
        self.fail(error)
        self._store.drop(self, "shutdown")


class RedisStore:
    """Implements `StreamStore` with Redis or Valkey. Only streams with a connection are in this process."""

    def __init__(self, settings: Settings, sinks: Sequence[SinkFactory]) -> None:
        if settings.log_url is None:
            raise ValueError("LOG_URL is not set")
        self.settings = settings
        self.engine = Engine(settings.log_url.get_secret_value(), settings.log_configure)
        self.retention = Retention(
            settings.log_keep_s * 1000, settings.log_keep_bytes, settings.remember_stream_s * 1000
        )
        self._sinks = sinks
        self._streams: dict[StreamId, FleetStream] = {}
        self._budget: MemoryBudget[LiveStream] = MemoryBudget()
        self._closing = ClosingStreams()
        self._listing = FleetListing(self.engine, self._streams.values)

    @property
    def state(self) -> StoreState:
        """What a new stream would meet now."""
        if self.engine.state == "away":
            return "away"
        return "full" if self.engine.crowded or self.connected >= self.settings.max_streams else "ready"

    @property
    def connected(self) -> int:
        """How many streams have a connection to this process."""
        return len(self._streams)

    @property
    def remembered(self) -> int:
        """None: the engine remembers."""
        return 0

    def __iter__(self) -> Iterator[LiveStream]:
        return iter(list(self._streams.values()))

    async def listing(self) -> dict[StreamId, str]:
        """As `StreamStore.listing`. While the engine is away, those of this process."""
        return await self._listing.all()

    def start(self) -> None:
        """Connects."""
        self.engine.start()

    async def stop(self) -> None:
        """Closes the connections."""
        await self.engine.stop()

    async def knows(self, stream_id: StreamId) -> bool:
        """Whether the engine does."""
        try:
            return bool(await self.engine.command(b"EXISTS", StreamKeys.of(stream_id).state))
        except (EngineAwayError, RedisError) as error:
            raise _away() from error

    async def connect(self, stream_id: StreamId, connection: Connection, number: int | None) -> LiveStream:
        """As `StreamStore.connect`. The engine decides who is newer; epochs tell it here."""
        if stream_id not in self._streams and self.connected >= self.settings.max_streams:
            raise ProtocolError(
                ErrorCode.TOO_MANY, f"{self.settings.max_streams} streams are connected; no more are taken now."
            )
        live = await self._open(stream_id, number)
        here = self._streams.get(stream_id)
        if here is not None and here.epoch > live.epoch:
            live.hand_over()
            live.delivery.close("shutdown")
            raise ProtocolError(ErrorCode.DISPLACED, "A newer connection has carried this stream already.")
        if here is not None:
            here.fail(ProtocolError(ErrorCode.DISPLACED, "A newer connection carries this stream now."))
            self.drop(here, "shutdown")
        self._streams[stream_id] = live
        live.carry_by(connection)
        return live

    def may_grow(self, live: LiveStream, address: str) -> None:
        """As `StreamStore.may_grow`, among those that are connected to this process."""
        if self._budget.count(live, address, live.stream.remembered_items + 1) is not None:
            raise ProtocolError(ErrorCode.TOO_MANY, "The streams of this address have too many ranges and gaps.")

    def leave(self, live: LiveStream, address: str) -> None:  # noqa: ARG002  # the engine counts no addresses
        """The engine remembers it, unless nothing ever came."""
        if not isinstance(live, FleetStream):
            return
        if live.stream.is_unused and live.refused is None:
            live.forget()
            self.drop(live, "unused")
        else:
            self.drop(live, "shutdown")

    def expire(self) -> None:
        """The engine forgets by itself."""
        self._closing.prune()

    def clear(self) -> list[LiveStream]:
        """The process ends."""
        streams = list(self._streams.values())
        self._streams.clear()
        for live in streams:
            live.hand_over()
            self._budget.release(live)
        return [*streams, *self._closing.clear()]

    def drop(self, live: FleetStream, reason: ClosedReason) -> None:
        """It is not this process's any more."""
        if self._streams.get(live.stream.id) is live:
            del self._streams[live.stream.id]
        live.hand_over()
        self._budget.release(live)
        self._closing.add([live], reason)

    async def _open(self, stream_id: StreamId, number: int | None) -> FleetStream:
        epoch, counters, structure, header = await self._take_over(stream_id, number)
        if counters is None and self.engine.crowded:
            self.engine.tell(functions.FORGET, *StreamKeys.of(stream_id).arguments, epoch)
            raise ProtocolError(ErrorCode.TOO_MANY, "The engine behind this backend has no memory for another stream.")
        try:
            stream = Stream(stream_id) if counters is None else Stream.restore(stream_id, counters, structure)
        except ValueError as error:
            _log.warning("stream of another version", session=stream_id.short, stream=stream_id.kind, why=str(error))
            self.engine.tell(functions.FORGET, *StreamKeys.of(stream_id).arguments, epoch)
            epoch, *_ = await self._take_over(stream_id, number)
            stream, header = Stream(stream_id), None
        return FleetStream(self, stream, epoch, header, self._sinks)

    async def _take_over(self, stream_id: StreamId, number: int | None) -> _TakenOver:
        try:
            epoch, counters, structure, header = await self.engine.call(
                functions.OPEN,
                *StreamKeys.of(stream_id).arguments,
                self.engine.owner,
                "" if number is None else number,
                self.retention.state_life_ms,
                stream_id.session,
                functions.DISPLACED,
            )
        except ResponseError as error:
            if str(error).startswith("OLDER"):
                raise ProtocolError(
                    ErrorCode.DISPLACED, "A newer connection has carried this stream already."
                ) from error
            raise _away() from error
        except (EngineAwayError, RedisError) as error:
            raise _away() from error
        return epoch, counters, structure, header


def _away() -> ProtocolError:
    return ProtocolError(ErrorCode.TRY_AGAIN_LATER, "The engine behind this backend does not answer.")
