"""Sockets that speak no WebSocket, half of one, or too much of it."""

import asyncio
import os
from contextlib import suppress

import pytest

from tests.conftest import Serve, Server
from tests.wire import Phone, eventually, frame, masked, phone, segment_message, upgrade_request

Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def dial(server: Server) -> Socket:
    return await asyncio.open_connection("127.0.0.1", server.port)


async def upgraded(server: Server) -> Socket:
    reader, writer = await dial(server)
    writer.write(upgrade_request("video"))
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def is_dropped(reader: asyncio.StreamReader, within_s: float = 5) -> bool:
    with suppress(ConnectionError):
        async with asyncio.timeout(within_s):
            while await reader.read(65_536):
                pass
    return True


async def works(server: Server) -> None:
    """A phone gets in and is served."""
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        await one.send(frame(0))
        await one.acked(0)


@pytest.mark.parametrize(
    "start", [b"", b"GET /ws/video HTTP/1.1\r\nHost: x\r\n", b"POST /tokens HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"]
)
async def test_who_does_not_finish_a_request_is_dropped(serve: Serve, start: bytes) -> None:
    server = await serve(handshake_timeout_ms=200)
    reader, writer = await dial(server)
    writer.write(start)
    assert await is_dropped(reader)
    writer.close()
    await works(server)


async def test_a_second_request_on_a_kept_connection_has_a_deadline_too(serve: Serve) -> None:
    server = await serve(handshake_timeout_ms=300)
    reader, writer = await dial(server)
    writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200" in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"GET /health HTTP/1.1\r\n")
    assert await is_dropped(reader, within_s=3)
    writer.close()


async def test_a_header_without_end_is_dropped(serve: Serve) -> None:
    server = await serve()
    reader, writer = await dial(server)
    writer.write(b"GET / HTTP/1.1\r\nX: ")
    with suppress(ConnectionError):
        for _ in range(100):
            writer.write(b"x" * 10_000)
            await writer.drain()
    assert await is_dropped(reader)
    writer.close()


async def test_the_oldest_silent_connection_makes_room_so_that_phones_always_get_in(serve: Serve) -> None:
    server = await serve(max_waiting_connections=5)
    silent = [await dial(server) for _ in range(12)]
    await works(server)
    for reader, _ in silent[:6]:
        assert await is_dropped(reader)
    for _, writer in silent:
        writer.close()


async def test_a_flood_of_control_frames_is_cut_off(serve: Serve) -> None:
    server = await serve()
    for opcode in (0x9, 0xA):
        reader, writer = await upgraded(server)
        with suppress(ConnectionError):
            for _ in range(50):
                writer.write(masked(opcode, b"x" * 100) * 100)
                await writer.drain()
        assert await is_dropped(reader)
        writer.close()
    await works(server)


async def test_a_few_pings_are_answered(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        for _ in range(5):
            await (await one.socket.ping())
        await one.hello()


async def test_many_frames_at_once_are_taken_in_order(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        payloads = [os.urandom(200) for _ in range(3_000)]
        one.socket.transport.write(b"".join(masked(0x2, frame(seq, payload)) for seq, payload in enumerate(payloads)))
        await one.acked(2_999)
        chunks = server.sink.of(one.session, "chunk")
    assert [bytes(chunk.payload) for chunk in chunks] == payloads


async def test_half_a_megabyte_of_empty_frames_does_not_hold_up_the_event_loop(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twincast.server.replies._ABORT_AFTER_S", 0.5)
    server = await serve()
    loop = asyncio.get_running_loop()
    worst_s = 0.0

    async def watch() -> None:
        nonlocal worst_s
        while True:
            began_s = loop.time()
            await asyncio.sleep(0.001)
            worst_s = max(worst_s, loop.time() - began_s)

    reader, writer = await upgraded(server)
    watching = asyncio.create_task(watch())
    writer.write(masked(0x2) * 90_000)
    assert await is_dropped(reader, within_s=20)
    watching.cancel()
    writer.close()
    assert worst_s < 0.2
    await works(server)


async def test_a_peer_that_never_reads_is_reset_in_the_end(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twincast.server.replies._ABORT_AFTER_S", 0.3)
    server = await serve(idle_timeout_ms=300)
    reader, writer = await upgraded(server)
    hello = b'{"type":"hello","session":"3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3","resumeFrom":0}'
    writer.write(masked(0x1, hello))
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    ping = masked(0x1, b'{"type":"ping","t":1}')
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(10):
            while True:  # until the pongs fill every buffer on the way, and the backend stops to read
                writer.write(ping * 500)
                await writer.drain()
                await asyncio.sleep(0)
    await eventually(lambda: not server.uvicorn.server_state.connections)
    writer.close()


async def test_a_close_that_nobody_answers_does_not_keep_the_socket(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twincast.server.replies._ABORT_AFTER_S", 0.2)
    server = await serve()
    reader, writer = await upgraded(server)
    writer.write(masked(0x1, b"nonsense"))
    assert b"bad-message" in await reader.read(1_000)
    assert await is_dropped(reader)
    writer.close()


async def test_binary_text_and_text_binary_are_refused(serve: Serve) -> None:
    server = await serve()

    async def send(one: Phone, what: bytes) -> tuple[str, int]:
        await one.hello()
        one.socket.transport.write(what)
        messages, code = await one.closed()
        return (messages[-1]["code"] if messages else "", code)

    async with phone(server.port) as one:
        assert await send(one, masked(0x2, b'{"type":"ping","t":1}')) == ("bad-message", 4400)
    async with phone(server.port) as one:
        assert await send(one, masked(0x1, frame(0)[:20])) == ("", 1007)  # it is not even UTF-8
