"""Between hello and ready a store may take its time: whatever happens meanwhile, and to whichever replica."""

import asyncio
import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest
from starlette.websockets import WebSocket

from tests.fake_fleet import FakeEngine, FakeStore, Mood
from tests.virtual_loop import run
from tests.wire import chain_of, frame, segment_message
from twincast import ClosedReason, Settings, Sink, SinkFactory, StreamId, TakenChunk
from twincast.server.hub import Hub
from twincast.server.websocket_handlers import StreamConnection
from twincast.wire.message_types import SUBPROTOCOL

SETTINGS = Settings.from_values(ack_every_ms=50, window_bytes=1_048_576)
SCHEDULES = 100
LONGEST_S = 3.0
"""What `Hub.stop` says."""


class Handed:
    """What the sinks of one replica were handed, in order; and of how many streams they were not told the end."""

    def __init__(self, random_: random.Random) -> None:
        self.seqs: list[tuple[str, int]] = []
        self.open = 0
        self._random = random_

    def __call__(self, stream: StreamId) -> Sink:
        handed = self
        slow = self._random.random() < 0.3
        handed.open += 1

        class Noting(Sink):
            async def chunk(self, chunk: TakenChunk) -> None:
                handed.seqs.append((stream.session, chunk.seq))
                if slow:
                    await asyncio.sleep(0.03)

            def closed(self, reason: ClosedReason) -> None:
                handed.open -= 1

        return Noting(stream)


class Replica:
    """One process of the fleet."""

    def __init__(self, engine: FakeEngine, random_: random.Random) -> None:
        self.handed = Handed(random_)
        self.sockets: list[Socket] = []
        self._engine = engine
        self.hub = Hub(SETTINGS, [self.handed], self._make_store)
        self.hub.start()

    def _make_store(self, settings: Settings, sinks: Sequence[SinkFactory]) -> FakeStore:
        self.store = FakeStore(self._engine, settings, sinks)
        return self.store

    async def leave(self) -> None:
        """As at SIGTERM. Nothing is handed to a sink afterwards."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        openings = self.store.openings
        await self.hub.stop()
        assert self.store.openings == openings, "let somebody in who had been told to go"
        assert loop.time() - began_s <= LONGEST_S
        assert all(one.code is not None for one in self.sockets if one.is_accepted and not one.is_given_up)
        before = (list(self.handed.seqs), self.store.pushes)
        assert (self.handed.open, list(self.store)) == (0, [])
        await asyncio.sleep(20)
        assert ((self.handed.seqs, self.store.pushes), self.handed.open, list(self.store)) == (before, 0, [])


class Socket:
    """One socket as a replica sees it, behind a path that keeps the order of what it delivers, late."""

    def __init__(self, phone: "FakePhone", hub: Hub) -> None:
        self.code: int | None = None
        self.is_accepted = False
        self.is_given_up = False
        self.is_ready = False
        self.sent_to = -1
        self._phone = phone
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._way: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.send({"type": "websocket.connect"})
        self._carrying = asyncio.create_task(self._carry())
        scope = {"type": "websocket", "path": "/ws/video", "headers": [], "subprotocols": [SUBPROTOCOL]}
        websocket = WebSocket({**scope, "client": ("127.0.0.1", 1), "extensions": {}}, self._inbox.get, self._answer)
        self.served = asyncio.create_task(StreamConnection(websocket, "video", hub).run())

    def send(self, message: dict[str, Any]) -> None:
        self._way.put_nowait(message)

    def text(self, message: dict[str, Any]) -> None:
        self.send({"type": "websocket.receive", "text": json.dumps(message)})

    def cut(self) -> None:
        """The end of it is on its way, behind what was sent."""
        self.is_given_up = True
        self.send({"type": "websocket.disconnect", "code": 1006})

    async def _carry(self) -> None:
        while True:
            message = await self._way.get()
            random_ = self._phone.random
            is_late = random_.random() < 0.05 and not self._phone.finishes
            await asyncio.sleep(random_.random() * 6 if is_late else random_.choice([0, 0, 0, 0.01]))
            self._inbox.put_nowait(message)
            if message["type"] == "websocket.disconnect":
                return

    async def _answer(self, message: Mapping[str, Any]) -> None:
        await asyncio.sleep(self._phone.random.choice([0, 0, 0.001, 0.02]))
        match message["type"]:
            case "websocket.accept":
                self.is_accepted = True
            case "websocket.send":
                self._phone.hear(self, json.loads(message["text"]))
            case "websocket.close":
                self.code = message["code"]
                self._phone.closed(self)
                self._inbox.put_nowait({"type": "websocket.disconnect", "code": self.code})


@dataclass
class FakePhone:
    """Keeps what is not acknowledged, and gives up a socket at any moment for another one, at any replica."""

    random: random.Random
    session: str = ""
    payloads: list[bytes] = field(default_factory=list)
    acked_seq: int = -1
    number: int = 0
    socket: Socket | None = None
    sockets: list[Socket] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    ended: dict[str, Any] | None = None
    finishes: bool = False
    said_hello_twice: bool = False
    resumed: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def connect(self, replica: "Replica") -> None:
        """Gives up the socket that there is."""
        if self.socket is not None and self.socket.code is None:
            self.socket.cut()
        self.socket = socket = Socket(self, replica.hub)
        self.sockets.append(socket)
        replica.sockets.append(socket)
        self.number += 1
        hello = {"type": "hello", "session": self.session, "resumeFrom": self.acked_seq + 1, "connection": self.number}
        socket.text(hello)
        if self.random.random() < 0.03:
            self.said_hello_twice = True
            socket.text(hello)

    def record(self) -> None:
        """One more chunk."""
        self.payloads.append(bytes([len(self.payloads) % 256]) * 3)
        self._send()

    def finish(self) -> None:
        """Everything that it has is to arrive, and be verified."""
        self.finishes = True
        self._send()

    def hear(self, socket: Socket, message: dict[str, Any]) -> None:
        """What comes of a socket that was given up means nothing."""
        if socket is not self.socket:
            return
        match message["type"]:
            case "ready":
                self.resumed.append(message["resumed"] or self.acked_seq < 0)
                self.acked_seq = max(self.acked_seq, message["nextSeq"] - 1)
                socket.sent_to = message["nextSeq"] - 1
                socket.is_ready = True
                socket.text(segment_message())
                self._send()
            case "ack":
                self.acked_seq = max(self.acked_seq, message["seq"])
                self._send()
            case "ended":
                self.ended = message

    def closed(self, socket: Socket) -> None:
        """The replica closed a socket."""
        if socket is self.socket:
            assert socket.code is not None
            self.codes.append(socket.code)

    def _send(self) -> None:
        socket = self.socket
        if socket is None or not socket.is_ready or socket.code is not None:
            return
        for seq in range(socket.sent_to + 1, len(self.payloads)):
            socket.send({"type": "websocket.receive", "bytes": frame(seq, self.payloads[seq], first=seq == 0)})
            socket.sent_to = seq
        if self.finishes and self.acked_seq == len(self.payloads) - 1:
            claim = {"segment": 0, "from": 0, "bytes": 3 * len(self.payloads), "chain": chain_of(self.payloads)}
            claims = [claim] if self.payloads else []
            socket.text({"type": "end", "lastSeq": self.acked_seq, "segments": claims})


async def _a_fleet(seed: int) -> None:  # noqa: PLR0912  # what may happen, each once
    random_ = random.Random(seed)
    engine = FakeEngine(random_)
    replicas = [Replica(engine, random_) for _ in range(3)]
    left: list[Replica] = []
    leaving: list[asyncio.Task[None]] = []
    phones = [FakePhone(random_) for _ in range(3)]

    def back(phone: FakePhone) -> None:
        phone.connect(random_.choice(replicas))

    for _ in range(120):
        match random_.choice(["connect", "record", "record", "record", "wait", "wait", "mood", "term"]):
            case "connect":
                back(random_.choice(phones))
            case "record":
                for one in phones:
                    one.record()
            case "wait":
                await asyncio.sleep(random_.choice([0, 0, 0.005, 0.05, 0.3, 2.5]))
            case "mood":
                engine.mood = random_.choice(get_args(Mood))
            case "term" if random_.random() < 0.1:
                left.append(replicas.pop(random_.randrange(len(replicas))))
                leaving.append(asyncio.create_task(left[-1].leave()))
                replicas.append(Replica(engine, random_))
    engine.mood = "well"
    for one in phones:
        one.finish()
        for _ in range(20):
            if one.ended is None:
                back(one)
                await asyncio.sleep(3)
    for one in phones:
        for socket in one.sockets:
            socket.cut()
    await asyncio.gather(*leaving, *(socket.served for one in phones for socket in one.sockets))
    for replica in replicas:
        assert (replica.store.connected, list(replica.store)) == (0, [])
        await replica.leave()
    handed = [one for replica in (*left, *replicas) for one in replica.handed.seqs]
    assert len(set(handed)) == len(handed)
    for one in phones:
        # A socket that the phone had not given up closes only with what it comes back after, or as it deserves.
        assert set(one.codes) <= {1000, 1011, 1012, 1013, 4408, 4440} | ({4400} if one.said_hello_twice else set())
        assert all(one.resumed)
        assert one.ended is not None
        assert (one.ended["verified"], one.ended["chunks"]) == (True, len(one.payloads))
        entry = engine.streams[StreamId(one.session, "video")]
        assert entry.seqs == list(range(len(one.payloads)))


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_every_chunk_is_logged_once_whichever_replica_and_whatever_the_engine_answers(seed: int) -> None:
    run(_a_fleet(seed))
