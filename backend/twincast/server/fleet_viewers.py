"""How many watch a stream in all processes of a fleet: each tells the others, so that the phone is told by its own."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from twincast.streams.events import StreamId

_CHANNEL: Final = "tc:viewers"
_TELL_EVERY_S: Final = 3.0
_TRUST_S: Final = 10.0
"""A process that has not told its number again for so long has ended without a word."""

_PAUSE_S: Final = 0.5


class _Told(msgspec.Struct, array_like=True):
    owner: str
    stream_id: StreamId
    viewers: int


_told: Final = msgspec.msgpack.Decoder(_Told)


class FleetViewers:
    """`on_change(stream_id, viewers)` is called with the number of all, this process's included."""

    def __init__(self, client: Redis, owner: str, on_change: Callable[[StreamId, int], None]) -> None:
        self._client = client
        self._owner = owner
        self._on_change = on_change
        self._own: dict[StreamId, int] = {}
        self._known: dict[StreamId, dict[str, tuple[int, float]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._changed: dict[StreamId, None] = {}
        self._wake = asyncio.Event()

    def start(self) -> None:
        """Listens and tells from now on."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._tell_all())]

    async def stop(self) -> None:
        """Tells no more; the others forget it in a moment."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def of(self, stream_id: StreamId) -> int:
        """How many watch it, as far as that is known."""
        return sum(viewers for viewers, _ in self._known.get(stream_id, {}).values())

    def set(self, stream_id: StreamId, viewers: int) -> None:
        """So many watch it in this process."""
        if viewers:
            self._own[stream_id] = viewers
        else:
            self._own.pop(stream_id, None)
        self._take(_Told(self._owner, stream_id, viewers))
        self._changed[stream_id] = None
        self._wake.set()

    def _take(self, told: _Told) -> None:
        before = self.of(told.stream_id)
        if told.viewers:
            owners = self._known.setdefault(told.stream_id, {})
            owners[told.owner] = (told.viewers, time.monotonic())
        else:
            self._forget(told.stream_id, told.owner)
        if self.of(told.stream_id) != before:
            self._on_change(told.stream_id, self.of(told.stream_id))

    def _forget(self, stream_id: StreamId, owner: str) -> None:
        owners = self._known.get(stream_id, {})
        owners.pop(owner, None)
        if not owners:
            self._known.pop(stream_id, None)

    async def _tell_all(self) -> None:
        """What changed, at once; everything, every few seconds."""
        while True:
            try:
                async with asyncio.timeout(_TELL_EVERY_S):
                    await self._wake.wait()
                wanted = list(self._changed)
            except TimeoutError:
                wanted = list(self._own)
                self._expire()
            self._wake.clear()
            self._changed.clear()
            try:
                for stream_id in wanted:
                    told = _Told(self._owner, stream_id, self._own.get(stream_id, 0))
                    await self._client.publish(_CHANNEL, msgspec.msgpack.encode(told))
            except (RedisError, OSError):
                await asyncio.sleep(_PAUSE_S)  # told again with the next round

    def _expire(self) -> None:
        long_ago_s = time.monotonic() - _TRUST_S
        for stream_id, owners in list(self._known.items()):
            for owner, (_, at_s) in list(owners.items()):
                if owner != self._owner and at_s < long_ago_s:
                    self._take(_Told(owner, stream_id, 0))

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as channel:
                    await channel.subscribe(_CHANNEL)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            told = _told.decode(message["data"])
                            if told.owner != self._owner:
                                self._take(told)
            except (RedisError, OSError, msgspec.MsgspecError):
                await asyncio.sleep(_PAUSE_S)
