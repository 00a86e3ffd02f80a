"""The end of the process as a phone sees it."""

import asyncio
import socket

import pytest
import uvicorn

from tests.conftest import Recording, RecordingSink
from tests.wire import claim, eventually, frame, phone, segment_message
from twincast import Sink, StreamId, TakenChunk
from twincast.app import create_app
from twincast.serve import uvicorn_options
from twincast.settings import Settings


class SlowRecording(Recording):
    """Its sinks take a chunk only when they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.may_take = asyncio.Event()

    def __call__(self, stream: StreamId) -> Sink:
        return SlowSink(stream, self)


class SlowSink(RecordingSink):
    def __init__(self, stream: StreamId, recording: SlowRecording) -> None:
        super().__init__(stream, recording)
        self._may_take = recording.may_take

    async def chunk(self, chunk: TakenChunk) -> None:
        await self._may_take.wait()
        super().chunk(chunk)


class Running:
    """A uvicorn in this event loop."""

    def __init__(self, sink: Recording, **settings: object) -> None:
        self.sink = sink
        chosen = Settings(_env_file=None, **settings)  # type: ignore[arg-type]
        app = create_app(chosen, [sink])
        self._server = uvicorn.Server(uvicorn.Config(app, **uvicorn_options(chosen)))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    async def __aenter__(self) -> "Running":
        self._serving = asyncio.create_task(self._server.serve([self._listener]))
        await eventually(lambda: self._server.started)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """As SIGTERM would."""
        self._server.should_exit = True
        await self._serving


async def test_acknowledges_everything_that_was_taken_before_it_says_1012() -> None:
    async with Running(Recording(), ack_every_ms=60_000) as server, phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        for seq in range(20):
            await one.send(frame(seq))
        await eventually(lambda: len(server.sink.seqs(one.session)) == 20)
        _, (messages, code) = await asyncio.gather(server.stop(), one.closed())
    assert code == 1012
    assert messages[-1]["seq"] == 19
    assert server.sink.seqs(one.session) == list(range(20))


async def test_what_is_acknowledged_and_what_was_taken_agree_under_full_speed() -> None:
    async with Running(Recording()) as server, phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())

        async def send() -> None:
            for seq in range(100_000):
                await one.send(frame(seq, b"x" * 2_000))

        sending = asyncio.create_task(send())
        await eventually(lambda: len(server.sink.seqs(one.session)) > 50)
        _, (messages, code) = await asyncio.gather(server.stop(), one.closed())
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert code == 1012
    acks = [message["seq"] for message in messages if message["type"] == "ack"]
    assert acks[-1] == server.sink.seqs(one.session)[-1]


async def test_waits_for_a_slow_sink_and_acknowledges_what_it_took() -> None:
    sink = SlowRecording()
    async with Running(sink) as server, phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        for seq in range(3):
            await one.send(frame(seq))
        await one.ping()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        sink.may_take.set()
        messages, code = await one.closed()
        await stopping
    assert (messages[-1]["seq"], code) == (2, 1012)
    assert sink.seqs(one.session) == [0, 1, 2]


async def test_an_end_that_is_taken_while_it_stops_gets_its_verdict() -> None:
    sink = SlowRecording()
    async with Running(sink) as server, phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        await one.send(frame(0, b"abc"))
        await one.send({"type": "end", "lastSeq": 0, "segments": [claim(0, 0, b"abc")]})
        await one.ping()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        sink.may_take.set()
        messages, code = await one.closed()
        await stopping
    assert code == 1000
    assert messages[-1]["verified"] is True


@pytest.mark.parametrize("kind", ["video", "audio"])
async def test_a_phone_that_does_not_answer_does_not_hold_the_process_up(kind: str) -> None:
    async with Running(Recording()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"GET /ws/{kind} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Protocol: twincast.v1\r\n\r\n".encode()
        )
        assert b"101" in await reader.readline()
        began_s = asyncio.get_running_loop().time()
        await server.stop()
        assert asyncio.get_running_loop().time() - began_s < 8
        writer.close()
