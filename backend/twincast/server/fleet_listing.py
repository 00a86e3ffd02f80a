"""The list that /streams answers with where several processes share an engine."""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Final, get_args

import msgspec
from redis.exceptions import RedisError

from twincast.fleet import functions
from twincast.fleet.engine import Engine
from twincast.fleet.functions import StreamKeys
from twincast.fleet.pipe import EngineAwayError
from twincast.fleet.roll_call import RollCall
from twincast.server.live_stream import LiveStream
from twincast.server.stream_listing import list_live, list_stream
from twincast.streams.events import StreamId
from twincast.streams.stream import Stream
from twincast.wire.message_types import StreamKind

_KINDS: Final[tuple[StreamKind, ...]] = get_args(StreamKind)


class _Listed(msgspec.Struct, array_like=True):
    """A stream's part of the list."""

    stream_id: StreamId
    text: str


_listed: Final = msgspec.msgpack.Decoder(list[_Listed])


class FleetListing:
    """Lists what this process has (`own`), what the others say that they have, and what nobody has."""

    def __init__(self, engine: Engine, own: Callable[[], Iterable[LiveStream]]) -> None:
        self._engine = engine
        self._own = own
        self._roll_call = RollCall(engine, self._answer)

    async def all(self) -> dict[StreamId, str]:
        """One text for each stream. While the engine is away, those of this process."""
        found = {one.stream_id: one.text for one in await self._list_own()}
        for answer in await self._roll_call.ask():
            # Who is displaced just now is in two answers.
            found |= {one.stream_id: one.text for one in _listed.decode(answer)}
        with suppress(EngineAwayError, RedisError):
            found |= await self._list_nobodys(found.keys())
        return found

    async def _answer(self) -> bytes:
        return msgspec.msgpack.encode(await self._list_own())

    async def _list_own(self) -> list[_Listed]:
        lives = list(self._own())
        texts = await list_live(lives, self._engine.owner)
        return [_Listed(live.stream.id, text) for live, text in zip(lives, texts, strict=True)]

    async def _list_nobodys(self, others: Collection[StreamId]) -> dict[StreamId, str]:
        """Streams that the engine remembers and that are not among `others`."""
        found = {}
        for session in await self._engine.command(b"ZRANGE", functions.SESSIONS, 0, -1):
            for kind in _KINDS:
                stream_id = StreamId(session.decode(), kind)
                if stream_id in others:
                    continue
                state = StreamKeys.of(stream_id).state
                counters, structure = await self._engine.command(b"HMGET", state, b"counters", b"structure")
                if counters is None or structure is None:
                    continue
                with suppress(ValueError):  # of another version
                    stream = Stream.restore(stream_id, counters, structure)
                    found[stream_id] = await list_stream(stream, False, None)
        return found
