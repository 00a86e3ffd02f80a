"""Leaving is a state: in whatever order things happen, nothing is handed to a sink after the last ack."""

import asyncio
import json
import random
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.websockets import WebSocket

from tests.virtual_loop import run
from tests.wire import frame, segment_message
from twincast import Settings, Sink, StreamId, TakenChunk
from twincast.server.hub import Hub
from twincast.server.memory_store import MemoryStore
from twincast.server.websocket_handlers import StreamConnection
from twincast.wire.message_types import SUBPROTOCOL

SETTINGS = Settings.from_values(ack_every_ms=50)
LONGEST_S = 3.0
"""What `Hub.stop` says."""

SCHEDULES = 150


class Handed:
    """What the sinks were handed, per session, across processes."""

    def __init__(self, random_: random.Random, longest_s: float) -> None:
        self.seqs: dict[str, list[int]] = {}
        self._random = random_
        self._longest_s = longest_s

    def __call__(self, stream: StreamId) -> Sink:
        handed = self
        slow = handed._random.random() < 0.7

        class Slow(Sink):
            async def chunk(self, chunk: TakenChunk) -> None:
                handed.seqs.setdefault(stream.session, []).append(chunk.seq)
                if slow:
                    await asyncio.sleep(handed._random.random() * handed._longest_s)

        return Slow(stream)


class FakePhone:
    """The far end of an ASGI socket: records, sends, keeps what is not acknowledged, and comes back to where it may."""

    def __init__(self, random_: random.Random) -> None:
        self.session = str(uuid.UUID(int=random_.getrandbits(128), version=4))
        self.acked_seq = -1
        self.recorded = 0
        self.codes: list[int] = []
        self.welcomed_at_s: list[float] = []
        self._random = random_
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent_to = -1

    async def connect(self, hub: Hub) -> None:
        """One connection, from the handshake to its close."""
        self._inbox = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": "/ws/video",
            "headers": [],
            "subprotocols": [SUBPROTOCOL],
            "client": ("127.0.0.1", 1),
            "extensions": {},
        }
        socket = WebSocket(scope, self._receive, self._send)
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._text({"type": "hello", "session": self.session, "resumeFrom": self.acked_seq + 1})
        await StreamConnection(socket, "video", hub).run()
        assert self.codes, "left without a word"

    def record(self) -> None:
        """One more chunk; sent where there is a connection."""
        self.recorded += 1
        self._send_chunks()

    def cut(self) -> None:
        """The path is gone."""
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.codes.append(1006)

    async def _receive(self) -> dict[str, Any]:
        return await self._inbox.get()

    async def _send(self, message: Mapping[str, Any]) -> None:
        await asyncio.sleep(self._random.choice([0, 0, 0.001, 0.02]))
        match message["type"]:
            case "websocket.send":
                self._take(json.loads(message["text"]))
            case "websocket.close":
                self.codes.append(message["code"])
                self._inbox.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "ready":
                self.welcomed_at_s.append(asyncio.get_running_loop().time())
                self.acked_seq = max(self.acked_seq, message["nextSeq"] - 1)
                self._sent_to = self.acked_seq
                self._text(segment_message())
                self._send_chunks()
            case "ack":
                self.acked_seq = max(self.acked_seq, message["seq"])

    def _send_chunks(self) -> None:
        if not self.codes and self.welcomed_at_s:
            for seq in range(self._sent_to + 1, self.recorded):
                self._inbox.put_nowait({"type": "websocket.receive", "bytes": frame(seq)})
                self._sent_to = seq

    def _text(self, message: dict[str, Any]) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})


async def _a_process_ends(seed: int) -> None:
    random_ = random.Random(seed)
    loop = asyncio.get_running_loop()
    handed = Handed(random_, longest_s=random_.choice([0.03, 0.15, 0.9]))
    hub = Hub(SETTINGS, [handed])
    hub.start()
    phones: list[FakePhone] = []
    connections: list[asyncio.Task[None]] = []
    cut: set[str] = set()
    leaves_at = random_.randrange(5, 60)
    began_s = 0.0
    ended_s: list[float] = []
    stopping: asyncio.Task[None] | None = None
    for number in range(80):
        if number == leaves_at:
            began_s = loop.time()
            stopping = asyncio.create_task(hub.stop())
            stopping.add_done_callback(lambda _: ended_s.append(loop.time()))
            if random_.random() < 0.5:
                await asyncio.sleep(0)
        match random_.choice(["arrive", "record", "record", "record", "wait", "wait", "cut"]):
            case "arrive":
                phones.append(FakePhone(random_))
                connections.append(asyncio.create_task(phones[-1].connect(hub)))
            case "record":
                for one in phones:
                    one.record()
            case "wait":
                await asyncio.sleep(random_.choice([0, 0, 0.005, 0.05, 0.3]))
            case "cut" if phones and random_.random() < 0.2:
                one = random_.choice(phones)
                if not one.codes:
                    cut.add(one.session)
                    one.cut()
    assert stopping is not None
    await stopping
    assert ended_s[0] - began_s <= LONGEST_S
    at_the_end = {session: list(seqs) for session, seqs in handed.seqs.items()}
    late = FakePhone(random_)
    await late.connect(hub)
    await asyncio.gather(*connections)
    await asyncio.sleep(10)
    assert handed.seqs == at_the_end, "handed to a sink after the end"
    assert (late.codes, late.welcomed_at_s) == ([1012], [])
    for one in phones:
        assert len(one.codes) <= 1 or one.session in cut
        assert all(at_s <= began_s + 0.1 for at_s in one.welcomed_at_s)
        seqs = handed.seqs.get(one.session, [])
        assert seqs == list(range(len(seqs)))
        if one.session in cut:
            assert one.acked_seq < len(seqs)
        else:
            # What was handed over is acknowledged, so that the next process gets what follows, and nothing twice.
            assert one.codes == [1012]
            assert one.acked_seq == len(seqs) - 1


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_a_process_that_ends_hands_over_exactly_what_it_acknowledges(seed: int) -> None:
    run(_a_process_ends(seed))


async def test_a_new_life_in_the_same_loop_is_for_the_lifespan_to_begin() -> None:
    hub = Hub(SETTINGS, [])
    assert (hub.start(), hub.is_leaving) == (True, False)
    await hub.stop()
    assert (hub.start(), hub.is_leaving) == (False, True)
    assert (hub.start(anew=True), hub.is_leaving) == (True, False)
    await hub.stop()


async def test_a_store_that_was_started_is_stopped_however_soon_the_process_ends() -> None:
    calls: list[str] = []

    class Noting(MemoryStore):
        def start(self) -> None:
            calls.append("start")

        async def stop(self) -> None:
            calls.append("stop")

    for turns in range(4):
        hub = Hub(SETTINGS, [], Noting)
        hub.start()
        for _ in range(turns):
            await asyncio.sleep(0)
        await hub.stop()
    assert calls == ["start", "stop"] * 4
