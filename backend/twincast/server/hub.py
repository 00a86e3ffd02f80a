"""What all connections of one process share: settings, sinks, the streams, and the end."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final, Literal

import structlog

from twincast.access.address_limits import AddressCounts
from twincast.access.viewer_limits import ViewerCounts
from twincast.server.live_stream import Connection, Leaves, LeavingTimes, LiveStream
from twincast.server.memory_store import MemoryStore
from twincast.server.stream_store import StreamStore
from twincast.server.watch_hub import WatchHub
from twincast.settings import Settings
from twincast.sinks.metrics import Metrics
from twincast.sinks.sink import SinkFactory
from twincast.streams.events import StreamId

_log = structlog.get_logger("twincast")

_SWEEP_EVERY_S: Final = 1.0

_QUEUES_S: Final = 1.0
_SINKS_S: Final = 2.0
_PHONES_S: Final = 2.5
"""How long the parts of leaving last at most, from its begin; `LeavingTimes` says what they are."""

_CLOSE_TIMEOUT_S: Final = 0.5
"""For the `closed` of sinks that were told it only now, because one of their stream did not finish."""

Phase = Literal["idle", "running", "leaving", "left"]
"""leaving: whoever comes is told to try again, whoever is here is let go. left: the sinks know it too."""


class Hub:
    """The process-wide state. One event loop, no locks."""

    def __init__(
        self,
        settings: Settings,
        sinks: Sequence[SinkFactory],
        make_store: Callable[[Settings, Sequence[SinkFactory]], StreamStore] = MemoryStore,
    ) -> None:
        self.settings = settings
        self.limits = settings.limits
        self.origin_policy = settings.origin_policy
        self.access = settings.access
        self.addresses = AddressCounts(settings.max_connections_per_address, settings.max_sessions_per_address)
        self.metrics = Metrics()
        self.watch = WatchHub(
            settings.watch_access,
            ViewerCounts(settings.max_viewers, settings.max_viewers_per_address),
            lambda: self.store,
        )
        self.watch.on_viewers = self._tell_phone
        watching: tuple[SinkFactory, ...] = (
            (self.watch.sink,) if self.watch.access.is_on and settings.log_url is None else ()
        )
        self.store = make_store(settings, (self.metrics.sink, *watching, *sinks))
        self.metrics.gauges |= {
            "connected_streams": ("Streams with a connection.", lambda: self.store.connected),
            "remembered_streams": (
                "Streams without one that can still be resumed.",
                lambda: self.store.remembered,
            ),
            "queued_bytes": (
                "Bytes that wait for slow sinks.",
                lambda: sum(live.queued_bytes for live in self.store),
            ),
            "viewers": ("Sockets that watch a stream.", lambda: self.watch.counts.total),
            "event_loop_lag_seconds": ("How late the event loop was last second.", lambda: self.lag_s),
        }
        self.lag_s: float = 0.0
        self._phase: Phase = "idle"
        self._times = LeavingTimes(0, 0, 0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections: set[Leaves] = set()
        self._nobody = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def is_leaving(self) -> bool:
        """Whether nothing is taken any more."""
        return self._phase in ("leaving", "left")

    def arrive(self, connection: Leaves) -> None:
        """A socket, before anything is said on it; `depart` takes it back. While leaving it has to go by itself."""
        self._connections.add(connection)
        self._nobody.clear()

    def depart(self, connection: Leaves) -> None:
        """The socket is closed."""
        self._connections.discard(connection)
        if not self._connections:
            self._nobody.set()

    def leave(self, live: LiveStream, connection: Connection, address: str) -> None:
        """`connection` is gone. Where a newer one has the stream, that changes nothing."""
        if live.connection is not connection:
            return
        live.connection = None
        self.watch.gone(live.stream.id)
        if self.is_leaving:
            live.cut_short()  # what is taken now could not be acknowledged
        self.store.leave(live, address)

    def _tell_phone(self, stream_id: StreamId, viewers: int) -> None:
        """So many watch a stream now."""
        for live in self.store:
            if live.stream.id == stream_id and live.connection is not None:
                live.connection.watched(viewers)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` beside the caller and keeps it from being collected."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def start(self, anew: bool = False) -> bool:
        """Serves from now until `stop` or the end of the event loop. Safe to call again.

        `anew`: also after `stop`, in the same event loop. Returns whether it was not running.
        """
        loop = asyncio.get_running_loop()
        if self._loop is loop and (self._phase == "running" or (self._phase != "idle" and not anew)):
            return False
        self._loop = loop
        self._phase = "running"
        self.store.start()
        if self.watch.elsewhere is not None:
            self.watch.elsewhere.start()
        self._sweeper = asyncio.create_task(self._sweep())
        return True

    def begin_to_leave(self) -> None:
        """From now on nothing is taken. Who is connected is let go, and who comes is told to try again."""
        if self._phase != "running":
            return
        self._phase = "leaving"
        now_s = asyncio.get_running_loop().time()
        self._times = LeavingTimes(now_s + _QUEUES_S, now_s + _SINKS_S, now_s + _PHONES_S)
        for live in self.store:
            if live.connection is None:
                live.cut_short()
        for connection in self._connections:
            self.spawn(connection.restart(self._times))

    async def stop(self) -> None:
        """Leaves: every phone has its last ack and 1012, then every sink its `closed`. Takes 3 s at most.

        What is acknowledged is not sent again, and nothing is handed to a sink after the last ack: the next process
        goes on right behind it.
        """
        self.begin_to_leave()
        if self._connections:
            left_s = self._times.phones_end_s - asyncio.get_running_loop().time()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nobody.wait(), left_s)
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
            if self._phase != "left":
                await self._shut_down()  # it was cancelled before it began

    async def _sweep(self) -> None:
        try:
            while True:
                asleep_s = time.monotonic()
                await asyncio.sleep(_SWEEP_EVERY_S)
                self.lag_s = max(0.0, time.monotonic() - asleep_s - _SWEEP_EVERY_S)
                self.store.expire()
        finally:
            # Cancelled by `stop`; or by the end of the event loop, where nobody called that: asyncio.run cancels what
            # still runs, and waits for it.
            self.begin_to_leave()
            await self._shut_down()

    async def _shut_down(self) -> None:
        """Those that are not done in time are cancelled, and have another moment for their `closed`."""
        self._phase = "left"
        late = self.store.clear()
        for live in late:
            live.cut_short()
            live.delivery.close("shutdown")
        left_s = self._times.sinks_end_s - asyncio.get_running_loop().time()
        for patience_s in (max(0.1, left_s), _CLOSE_TIMEOUT_S):
            late = await _unfinished(late, patience_s)
            for live in late:
                live.delivery.give_up()
        if self.watch.elsewhere is not None:
            await self.watch.elsewhere.stop()
        await self.store.stop()


async def _unfinished(entries: Sequence[LiveStream], patience_s: float) -> list[LiveStream]:
    """Those whose sinks were not done within `patience_s`."""
    tasks = {asyncio.create_task(live.delivery.finished()): live for live in entries}
    if not tasks:
        return []
    _, late = await asyncio.wait(tasks, timeout=patience_s)
    for task in late:
        task.cancel()
    return [tasks[task] for task in late]
