"""A process that runs sinks on the log: claims sessions, reads them, and says how far it is.

The engine's own consumer groups deal the entries of one stream out to several consumers, which breaks their order; here
a session, both streams of it, belongs to one consumer at a time.
"""

import asyncio
import time
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from twincast.fleet.entries import read_entry
from twincast.fleet.followed_stream import ENDED, START, FollowedStream
from twincast.fleet.functions import StreamKeys, header_field
from twincast.fleet.join_points import SegmentHeader, decode_header
from twincast.fleet.leases import Leases, Positions
from twincast.sinks.sink import ClosedReason, SinkFactory
from twincast.streams.events import StreamId
from twincast.streams.stream_state import Counters, Structure
from twincast.wire.message_types import Ended, StreamKind

_log = structlog.get_logger("twincast.consumer")

From = Literal["start", "live"]
"""Where a group begins with a session that it has no position in: with all that is kept, or with what comes now."""

_CLAIM_EVERY_S: Final = 0.5
_SAVE_EVERY_S: Final = 0.05
_BLOCK_MS: Final = 100
_ENTRIES: Final = 50
"""Of one stream at once."""

_PAUSE_S: Final = 0.1
_QUIET_S: Final = 1.0
"""Of a session that nothing was read of for so long, it is asked whether its log is still there."""

_AGAIN_S: Final = 5.0
"""After which a stream that a sink refused is handed on anew."""

_LEAVING_S: Final = 2.0

_DONE_MS: Final = 24 * 3600 * 1000
"""How long a finished session is kept in mind: longer than the engine has it in its list."""


@dataclass(slots=True)
class _Session:
    streams: list[FollowedStream]
    read_at_s: float
    saved: dict[str, bytes]


class Consumer:
    """One member of `group`: `run` until `stop`, then `leave`."""

    def __init__(
        self, url: str, group: str, sinks: Sequence[SinkFactory], begin: From = "start", lease_ms: int = 3_000
    ) -> None:
        self.name = uuid.uuid4().hex[:12]
        self._client: Redis = Redis.from_url(url, protocol=2, retry=None, socket_timeout=5, socket_connect_timeout=2)
        self._leases = Leases(self._client, group, self.name, lease_ms)
        self._sinks = sinks
        self._begin: From = begin
        self._lease_s = lease_ms / 1000
        self._sessions: dict[str, _Session] = {}
        self._done: dict[str, float] = {}
        self._claimed_at_s = 0.0
        self._saved_at_s = 0.0
        self._renewed_at_s = 0.0
        self._is_first_claim = True
        self._again_at_s: dict[StreamId, float] = {}
        self._is_prepared = False
        self._stops = False

    def stop(self) -> None:
        """Lets `run` come to its end: nothing more is read."""
        self._stops = True

    async def run(self) -> None:
        """Reads and hands on. An engine that is away is waited for."""
        problem: str | None = None
        while not self._stops:
            try:
                if not self._is_prepared:
                    await self._leases.prepare()
                    self._is_prepared = True
                await self._round()
                if problem is not None:
                    _log.info("engine is back")
                    problem = None
            except (RedisError, OSError) as error:
                # It may come back without the functions, and with older positions or none.
                self._is_prepared = False
                for session in self._sessions.values():
                    session.saved.clear()
                if problem is None:
                    problem = str(error)
                    _log.warning("engine is away", reason=problem)
                await asyncio.sleep(_PAUSE_S)

    async def leave(self) -> None:
        """Lets the sinks finish what they have, and gives the sessions to others at once."""
        deliveries = [
            one.delivery for session in self._sessions.values() for one in session.streams if one.delivery is not None
        ]
        await _wait_for([one.drained() for one in deliveries])
        for one in deliveries:
            one.cut_short()
        await _wait_for([one.finished() for one in deliveries])
        for one in deliveries:
            one.give_up()
        with suppress(RedisError, OSError):
            await self._leases.save({name: _positions(session) for name, session in self._sessions.items()})
            await self._leases.release(self._sessions)
            await self._leases.leave()
        await self._client.aclose()

    async def _round(self) -> None:
        now_s = time.monotonic()
        if now_s - self._claimed_at_s >= _CLAIM_EVERY_S:
            self._claimed_at_s = now_s
            await self._claim()
            await self._look_at_the_quiet()
        self._begin_again(now_s)
        if now_s - self._saved_at_s >= _SAVE_EVERY_S:
            self._saved_at_s = now_s
            await self._save(now_s)
        await self._read()

    async def _claim(self) -> None:
        for session, positions in await self._leases.claim(self._sessions, self._done):
            kinds: tuple[StreamKind, ...] = get_args(StreamKind)
            streams = [await self._follow(StreamId(session, kind), positions.get(kind)) for kind in kinds]
            self._sessions[session] = _Session(streams, time.monotonic(), dict(positions))
            _log.info("session claimed", session=session[:8])
        self._is_first_claim = False

    async def _follow(self, stream_id: StreamId, position: bytes | None) -> FollowedStream:
        if position is None and self._begin == "live" and self._is_first_claim:
            return FollowedStream(stream_id, self._sinks, None, await self._live_position(stream_id))
        # What began later than this group is its own from the first chunk on.
        begin = START if position is None else position
        return FollowedStream(stream_id, self._sinks, begin, begin)

    async def _live_position(self, stream_id: StreamId) -> bytes:
        """Right before the newest entry where a decoder may begin, or behind everything."""
        keys = StreamKeys.of(stream_id)
        join: Any = await self._client.hget(keys.state.decode(), "join")
        if join is not None:
            seq, _, at = join.partition(b"-")
            return b"%b-%d" % (seq, int(at) - 1)
        newest: Any = await self._client.xrevrange(keys.log, count=1)
        return newest[0][0] if newest else START

    def _begin_again(self, now_s: float) -> None:
        """A sink refused a stream: here nobody can be told, so it is tried again from where the sinks were."""
        for session in self._sessions.values():
            for index, stream in enumerate(session.streams):
                if not stream.has_failed:
                    continue
                due_s = self._again_at_s.setdefault(stream.id, now_s + _AGAIN_S)
                if now_s >= due_s:
                    del self._again_at_s[stream.id]
                    read_to = stream.position or START
                    session.streams[index] = FollowedStream(stream.id, self._sinks, stream.position, read_to)

    async def _save(self, now_s: float) -> None:
        renew = now_s - self._renewed_at_s >= self._lease_s / 3
        if renew:
            self._renewed_at_s = now_s
        to_save: dict[str, Positions] = {}
        for name, session in self._sessions.items():
            new: Positions = {kind: at for kind, at in _positions(session).items() if session.saved.get(kind) != at}
            if new or renew:
                to_save[name] = new
        if not to_save:
            return
        lost = await self._leases.save(to_save)
        for name, new in to_save.items():
            if name in lost:
                _log.warning("session lost", session=name[:8], sentence="Another consumer has it: this one was late.")
                self._close(name, "shutdown")
                continue
            session = self._sessions[name]
            session.saved |= dict(new)
            if all(session.saved.get(one.id.kind) == ENDED for one in session.streams):
                self._finish(name, "ended")
                await self._leases.release([name])

    async def _read(self) -> None:
        wanted = [one for session in self._sessions.values() for one in session.streams if one.has_room]
        if not wanted:
            await asyncio.sleep(_SAVE_EVERY_S)
            return
        by_key = {one.keys.log: one for one in wanted}
        from_ids: dict[Any, Any] = {one.keys.log: one.read_to for one in wanted}
        answer: Any = await self._client.xread(from_ids, count=_ENTRIES, block=_BLOCK_MS)
        for key, entries in answer or ():
            stream = by_key[key]
            self._sessions[stream.id.session].read_at_s = time.monotonic()
            for entry_id, fields in entries:
                entry = read_entry(entry_id, fields)
                header = None
                if entry.chunk is not None and stream.needs_header(entry):
                    header = await self._header(stream, entry.chunk.segment)
                stream.take(entry_id, entry, header)

    async def _header(self, stream: FollowedStream, segment: int) -> SegmentHeader | None:
        data: Any = await self._client.hget(stream.keys.state.decode(), header_field(segment).decode())
        return None if data is None else decode_header(data)

    async def _look_at_the_quiet(self) -> None:
        """Logs that went before they were read, and sessions that nobody comes back to."""
        now_s = time.monotonic()
        self._done = {name: at_ms for name, at_ms in self._done.items() if self._leases.now_ms - at_ms < _DONE_MS}
        for name, session in list(self._sessions.items()):
            if now_s - session.read_at_s < _QUIET_S:
                continue
            session.read_at_s = now_s
            states = [await self._state_of(one) for one in session.streams]
            if all(one.is_done or state is None for one, state in zip(session.streams, states, strict=True)):
                self._finish(name, "forgotten")
                await self._leases.release([name])
                continue
            for stream, state in zip(session.streams, states, strict=True):
                if state is not None and not state.has_log and stream.has_room:
                    stream.take_rest(state.next_seq, state.ended)

    async def _state_of(self, stream: FollowedStream) -> "_State | None":
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.hmget(stream.keys.state.decode(), "counters", "structure")
            pipe.exists(stream.keys.log)
            (counters, structure), has_log = await pipe.execute()
        if counters is None or structure is None:
            return None
        counted, built = Counters.read(counters), Structure.read(structure)
        ended = None
        if built.verified is not None:
            ended = Ended(counted.chunks, counted.bytes_total, tuple(built.gaps), built.verified, ())
        return _State(counted.next_seq, ended, bool(has_log))

    def _finish(self, name: str, reason: ClosedReason) -> None:
        """Nothing more will come of the session."""
        self._done[name] = self._leases.now_ms
        self._close(name, reason)

    def _close(self, name: str, reason: ClosedReason) -> None:
        for stream in self._sessions.pop(name).streams:
            if stream.delivery is not None:
                stream.delivery.close(reason)


@dataclass(frozen=True, slots=True)
class _State:
    next_seq: int
    ended: Ended | None
    has_log: bool


async def _wait_for(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """At most as long as a process that was told to end may take."""
    tasks = [asyncio.ensure_future(one) for one in work]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_LEAVING_S)
        for task in late:
            task.cancel()


def _positions(session: _Session) -> Mapping[str, bytes]:
    return {one.id.kind: one.position for one in session.streams if one.position is not None}
