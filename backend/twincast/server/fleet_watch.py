"""What is watched where several processes share an engine: any of them reads any stream from its log, once for all its
viewers.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any, Final, get_args

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from twincast.fleet.entries import read_entry
from twincast.fleet.followed_stream import START, FollowedStream
from twincast.fleet.functions import SESSIONS, StreamKeys, header_field
from twincast.fleet.join_points import decode_header
from twincast.server.fleet_viewers import FleetViewers
from twincast.server.redis_store import RedisStore
from twincast.server.watch_hub import WatchedStream, WatchHub
from twincast.streams.events import StreamId
from twincast.streams.stream import Stream
from twincast.wire.message_types import Ended, StreamKind
from twincast.wire.watch import WatchCode, WatchError

_log = structlog.get_logger("twincast.watch")

_BLOCK_MS: Final = 100
"""How long one reading waits for entries. A stream that is watched newly is read with the next one."""

_ENTRIES: Final = 50
_LOOK_EVERY_S: Final = 3.0
_PAUSE_S: Final = 0.5

_KINDS: Final[tuple[StreamKind, ...]] = get_args(StreamKind)


class _State(msgspec.Struct):
    """Of `StreamBody`, what viewers are told."""

    state: str


class FleetWatch:
    """Implements `Elsewhere` for `WatchHub`: a stream is read while it has viewers here."""

    def __init__(self, url: str, store: RedisStore, hub: WatchHub) -> None:
        self._client: Redis = Redis.from_url(url, protocol=2, retry=None, socket_timeout=5, socket_connect_timeout=2)
        self._store = store
        self._hub = hub
        self._followed: dict[StreamId, tuple[FollowedStream, WatchedStream]] = {}
        # Without a time-out: its channel is silent for as long as nobody watches.
        self._listener: Redis = Redis.from_url(url, protocol=2, retry=None, socket_connect_timeout=2)
        self._viewers = FleetViewers(self._listener, store.engine.owner, hub.on_viewers)
        self._reading: asyncio.Task[None] | None = None
        self._looked_at_s = 0.0

    def start(self) -> None:
        """In the event loop."""
        self._viewers.start()

    def viewers(self, stream_id: StreamId) -> int:
        """How many watch it in the fleet."""
        return self._viewers.of(stream_id)

    def watched(self, stream_id: StreamId, viewers: int) -> None:
        """So many watch it here."""
        self._viewers.set(stream_id, viewers)

    async def find(self, watch_id: str, kind: StreamKind) -> WatchedStream | Ended | None:
        """The stream of that name, read from now on; or its verdict. Raises `try-again-later`."""
        try:
            stream_id = await self._stream_of(watch_id, kind)
            if stream_id is None:
                return None
            if (watched := self._hub.of(stream_id)) is not None:
                return watched
            state: Any = await self._client.hmget(StreamKeys.of(stream_id).state.decode(), _STATE)
            counters, structure = state
            if counters is None or structure is None:
                return None
            stream = Stream.restore(stream_id, counters, structure)
            if stream.ended is not None:
                return stream.ended
            read_to = await self._live_position(stream_id)
        except (RedisError, OSError, ValueError) as error:
            raise WatchError(WatchCode.TRY_AGAIN_LATER, "The engine behind this backend does not answer.") from error
        if (watched := self._hub.of(stream_id)) is not None:  # somebody else was quicker
            return watched
        return self._follow(stream, read_to)

    def leave(self, watched: WatchedStream) -> None:
        """Nobody watches it here any more."""
        followed, _ = self._followed.pop(watched.id, (None, None))
        if followed is not None and followed.delivery is not None:
            followed.delivery.close("shutdown")
        self._hub.close(watched, "shutdown")

    async def stop(self) -> None:
        """The process ends."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        await self._viewers.stop()
        await self._listener.aclose()
        await self._client.aclose()

    async def _stream_of(self, watch_id: str, kind: StreamKind) -> StreamId | None:
        sessions: Any = await self._client.zrange(SESSIONS, 0, -1)
        for session in sessions:
            if self._hub.access.watch_id(session.decode()) == watch_id:
                return StreamId(session.decode(), kind)
        return None

    async def _live_position(self, stream_id: StreamId) -> bytes:
        """Right before the newest entry where a decoder may begin, or behind everything."""
        keys = StreamKeys.of(stream_id)
        join: Any = await self._client.hget(keys.state.decode(), "join")
        if join is not None:
            seq, _, at = join.partition(b"-")
            return b"%b-%d" % (seq, int(at) - 1)
        newest: Any = await self._client.xrevrange(keys.log, count=1)
        return newest[0][0] if newest else START

    def _follow(self, stream: Stream, read_to: bytes) -> WatchedStream:
        watched = self._hub.make(stream.id)
        watched.channel.is_muted = stream.muted
        watched.channel.clock_offset_ms = stream.offset_ms
        self._hub.register(watched)
        followed = FollowedStream(stream.id, [lambda _id: self._hub.sink_of(watched)], None, read_to)
        self._followed[stream.id] = (followed, watched)
        self._looked_at_s = 0.0  # whether the phone is there is asked at once
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_on())
        return watched

    async def _read_on(self) -> None:
        while self._followed:
            try:
                await self._read()
                if time.monotonic() - self._looked_at_s > _LOOK_EVERY_S:
                    self._looked_at_s = time.monotonic()
                    await self._look()
            except (RedisError, OSError) as error:
                _log.warning("log not readable", reason=str(error))
                await asyncio.sleep(_PAUSE_S)

    async def _read(self) -> None:
        """One reading of all that is followed."""
        by_key = {one.keys.log: one for one, _ in self._followed.values() if one.has_room}
        if not by_key:
            await asyncio.sleep(_BLOCK_MS / 1000)
            return
        wanted: dict[Any, Any] = {key: one.read_to for key, one in by_key.items()}
        answer: Any = await self._client.xread(wanted, count=_ENTRIES, block=_BLOCK_MS)
        for key, entries in answer or ():
            followed = by_key[key]
            for entry_id, fields in entries:
                entry = read_entry(entry_id, fields)
                header = None
                if entry.chunk is not None and followed.needs_header(entry):
                    field = header_field(entry.chunk.segment).decode()
                    data: Any = await self._client.hget(followed.keys.state.decode(), field)
                    header = None if data is None else decode_header(data)
                if self._is_followed(followed):
                    followed.take(entry_id, entry, header)

    def _is_followed(self, followed: FollowedStream) -> bool:
        return self._followed.get(followed.id, (None, None))[0] is followed

    async def _look(self) -> None:
        """Who has a connection, and what the engine has forgotten: the log says neither."""
        listed = await self._store.listing()
        for stream_id, (followed, watched) in list(self._followed.items()):
            if not watched.viewers:  # who asked for it left before it was found
                self.leave(watched)
                continue
            text = listed.get(stream_id)
            if text is None:
                if self._followed.pop(stream_id, None) is not None:
                    if followed.delivery is not None:
                        followed.delivery.close("forgotten")
                    self._hub.close(watched, "forgotten")
                continue
            with suppress(msgspec.MsgspecError):
                match msgspec.json.decode(text, type=_State).state:
                    case "connected":
                        watched.channel.resumed(time.monotonic())
                    case "gone":
                        watched.channel.gone(time.monotonic())
                    case _:
                        pass  # ended: the log says so as well, in its place


_STATE: Final = ["counters", "structure"]
