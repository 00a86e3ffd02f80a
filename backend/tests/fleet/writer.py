"""A stream's log as a backend has it, without the backend."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import redis

from tests.fleet.engine import Engine
from twincast.fleet import functions
from twincast.fleet.engine import Engine as EngineClient
from twincast.fleet.functions import StreamKeys
from twincast.fleet.stream_log import Entry, Retention, StreamLog
from twincast.streams.events import Event, StreamId
from twincast.wire.close_codes import ProtocolError

RETENTION = Retention(keep_ms=10_000, keep_bytes=32 * 2**20, remember_ms=900_000)


def new_stream() -> StreamId:
    """A stream that nobody else has."""
    return StreamId(str(uuid.uuid4()), "video")


@asynccontextmanager
async def connected(engine: Engine, configure: bool = False) -> AsyncIterator[EngineClient]:
    """A backend's connection."""
    client = EngineClient(engine.url, configure)
    client.start()
    try:
        yield client
    finally:
        await client.stop()


class Writer:
    """Appends numbered entries, and notes what came of them."""

    def __init__(self, client: EngineClient, stream_id: StreamId, opened: list[Any], retention: Retention) -> None:
        self.epoch: int = opened[0]
        self.known_counters: bytes | None = opened[1]
        self.next_seq = 0 if opened[1] is None else int(opened[1])
        self.taken: list[int] = []
        self.refused: list[ProtocolError] = []
        self.log = StreamLog(client, stream_id, self.epoch, retention, self._taken, self.refused.append)
        self._weight = 0
        self._seqs: list[int] = []

    @classmethod
    async def open(
        cls, client: EngineClient, stream_id: StreamId, connection: int = 1, retention: Retention = RETENTION
    ) -> "Writer":
        """Takes the stream over."""
        keys = StreamKeys.of(stream_id)
        opened = await client.call(
            functions.OPEN, *keys.arguments, client.owner, connection, retention.remember_ms, stream_id.session,
            functions.DISPLACED,
        )  # fmt: skip
        return cls(client, stream_id, opened, retention)

    def append(self, size: int = 100, structure: bytes = b"") -> None:
        """The next chunk."""
        seq = self.next_seq
        self.next_seq += 1
        self._weight += size + 256
        self._seqs.append(seq)
        fields = ("c", seq.to_bytes(4) + bytes(size))
        counters = b"%d" % self.next_seq
        self.log.append(Entry(self.next_seq, counters, structure, b"", 0, self._weight, False, fields, (), size))

    def _taken(self, _events: tuple[Event, ...]) -> None:
        self.taken.append(self._seqs.pop(0))

    async def settled(self, timeout_s: float = 10) -> None:
        """Waits until everything is answered."""
        async with asyncio.timeout(timeout_s):
            await self.log.drained()


def logged(engine: Engine, stream_id: StreamId) -> list[int]:
    """The seqs in the engine's log, in its order."""
    with engine.client() as client:
        entries = client.xrange(StreamKeys.of(stream_id).log)
    return [int.from_bytes(fields[b"c"][:4]) for _, fields in entries]


async def listens(url: str, client: EngineClient) -> None:
    """Waits until `client` would hear of a displacement."""
    channel = functions.DISPLACED + client.owner
    with redis.Redis.from_url(url, protocol=2) as plain:
        await until(lambda: plain.pubsub_numsub(channel)[0][1] == 1)


async def until(condition: Any, timeout_s: float = 10) -> None:
    """Waits until `condition()` holds."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come to hold"
        await asyncio.sleep(0.01)
