"""Streams that are written into the log as a backend writes them, and consumers whose sinks note what they are told."""

import asyncio
import struct
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.conftest import Recording
from tests.fleet.engine import Engine
from tests.fleet.writer import RETENTION
from tests.wire import frame
from twincast.fleet import functions
from twincast.fleet.consumer import Consumer, From
from twincast.fleet.ending import end
from twincast.fleet.engine import Engine as EngineClient
from twincast.fleet.functions import StreamKeys
from twincast.fleet.logged_stream import LoggedStream
from twincast.fleet.stream_log import Retention
from twincast.sinks.sink import SinkFactory
from twincast.streams.events import StreamId
from twincast.streams.stream import Stream
from twincast.wire.chunk import parse_chunk
from twincast.wire.close_codes import ProtocolError
from twincast.wire.message_types import Encoder, End, Gap, HashedRange, Segment, StreamKind

HEADER = b"\x1a\x45\xdf\xa3header"
CLUSTER = b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff\xe7\x81\x00\xa3\x84\x81\x00\x00\x80"


def now_ms() -> float:
    return time.time() * 1000


class Fed:
    """One connection of a stream; the next one is another process."""

    def __init__(self, stream_id: StreamId, retention: Retention) -> None:
        self.id = stream_id
        self.payloads: dict[int, bytes] = {}
        self.refused: list[ProtocolError] = []
        self.stream = Stream(stream_id)
        self.logged: LoggedStream
        self.segment = 0
        self._retention = retention
        self._connection = 0
        self._announced = False

    @classmethod
    async def open(
        cls,
        client: EngineClient,
        kind: StreamKind = "video",
        retention: Retention = RETENTION,
        session: str | None = None,
    ) -> "Fed":
        """A new stream of a new session."""
        made = cls(StreamId(session or str(uuid.uuid4()), kind), retention)
        await made.connect(client)
        return made

    async def connect(self, client: EngineClient, resume_from: int | None = None) -> None:
        """Goes on through `client`, with what the engine knows."""
        self._connection += 1
        keys = StreamKeys.of(self.id)
        epoch, counters, structure, header = await client.call(
            functions.OPEN, *keys.arguments, client.owner, self._connection, self._retention.remember_ms,
            self.id.session, functions.DISPLACED,
        )  # fmt: skip
        acked = self.stream.next_seq if resume_from is None else resume_from
        self.stream = Stream(self.id) if counters is None else Stream.restore(self.id, counters, structure)
        self.logged = LoggedStream(
            client, self.stream, epoch, header, self._retention, lambda _events: None, self.refused.append
        )
        opening = self.stream.open(acked)
        if opening.event is not None:
            self.logged.push([opening.event], None, now_ms())
        self._announced = False

    def chunk(self, payload: bytes | None = None, key_frame: bool = False) -> None:
        """The next chunk; the first of a segment begins with a header."""
        if not self._announced:
            encoder = Encoder("webcodecs", "test")
            self.stream.announce(Segment(self.segment, "video/webm", now_ms(), encoder))
            self._announced = True
        seq = self.stream.next_seq
        is_first = self.stream.segment is None or self.stream.segment.segment != self.segment
        if payload is None:
            payload = (
                (HEADER if is_first else b"") + (CLUSTER if is_first or key_frame else b"") + struct.pack(">I", seq)
            )
        self.payloads[seq] = payload
        message = frame(
            seq, payload, self.segment, is_first, key_frame=is_first or key_frame, captured_from_ms=1e12 + seq * 100,
            captured_to_ms=1e12 + seq * 100 + 100,
        )  # fmt: skip
        self.logged.push(self.stream.take_chunk(parse_chunk(message, 2**20), now_ms()), message, now_ms())

    def gap(self, chunks: int) -> None:
        """Chunks that will never come, and the next segment."""
        first = self.stream.next_seq
        self.logged.push(
            self.stream.take_gap(Gap(first, first + chunks - 1, 100.0 * chunks, "outbox-full")), None, now_ms()
        )
        self.segment += 1
        self._announced = False

    def end(self) -> None:
        """The person pressed Stop."""
        claims = tuple(
            HashedRange(one.segment, one.from_seq, one.bytes, one.chain.hex()) for one in self.stream._ranges._ranges
        )
        self.logged.push(self.stream.take_end(End(self.stream.next_seq - 1, claims)), None, now_ms())

    async def settled(self) -> None:
        """Waits until the engine has everything."""
        async with asyncio.timeout(10):
            await self.logged.log.drained()


class Running:
    """A consumer in this process."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self.task = asyncio.create_task(consumer.run())

    async def kill(self) -> None:
        """Stops it where it is, and lets it say nothing."""
        await end([self.task])
        await self.consumer._client.aclose()


@asynccontextmanager
async def consuming(
    engine: Engine, group: str, *sinks: SinkFactory, begin: From = "start", lease_ms: int = 1_000
) -> AsyncIterator[Running]:
    """Runs until the block ends, and leaves in good order."""
    running = Running(Consumer(engine.url, group, sinks, begin, lease_ms))
    try:
        yield running
    finally:
        if not running.task.done():
            running.consumer.stop()
            await running.task
            await running.consumer.leave()


def names_of(recording: Recording, session: str) -> list[str]:
    """What was told of a session, by name, chunks by their seq."""
    told = []
    for stream, name, value in recording.events:
        if stream.session == session:
            told.append(str(value.seq) if name == "chunk" else name)
    return told
