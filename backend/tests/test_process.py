"""The backend as its own process: what it prints, how it ends, how it comes back."""

import asyncio
import json
import signal
import socket
import time

import pytest

from tests.process import BACKEND, backend, free_port, output_of
from tests.wire import claim, frame, phone, segment_message


async def test_prints_one_line_per_chunk_and_one_per_event() -> None:
    async with backend() as running, phone(running.port) as one:
        await one.hello()
        await one.ping()
        await one.send(segment_message(0, width=720, height=1280))
        now_ms = time.time() * 1000
        await one.send(frame(0, b"x" * 24_813, first=True, captured_from_ms=now_ms - 50, captured_to_ms=now_ms))
        line = await running.line("video", "seq 0 ", "24,813 B")
        assert line.split()[1:-3] == [
            *["video", "seq", "0", "24,813", "B", "segment", "0", "video/webm;codecs=vp8", "delay"],
            *line.split()[10:-3],
        ]
        assert 50 <= int(line.split()[10]) < 5_000
        assert line.endswith(f"session {one.session[:8]}")
        assert any("segment 0 begins at seq 0: video/webm;codecs=vp8, 720x1280" in line for line in running.lines)
        await one.send({"type": "end", "lastSeq": 0, "segments": [claim(0, 0, b"x" * 24_813)]})
        await running.line("ended, verified: 1 chunks")


async def test_json_lines_for_log_collectors_without_a_stray_one() -> None:
    async with backend(LOG_FORMAT="json") as running:
        async with phone(running.port, origin="https://evil.example") as foreign:
            await foreign.closed()
        refusal = json.loads(await running.line("wrong-origin"))
        assert (refusal["level"], refusal["code"]) == ("warning", "wrong-origin")
        async with phone(running.port) as one:
            await one.hello()
            await one.send(segment_message())
            await one.send(frame(0))
            chunk = json.loads(await running.line('"chunk"'))
            assert (chunk["stream"], chunk["seq"], chunk["delayMs"]) == ("video", 0, None)
        await running.line("connection gone")
        for line in running.lines:
            assert {"time", "level", "message"} <= json.loads(line).keys()


async def test_sigterm_says_1012_to_every_socket_and_ends_promptly() -> None:
    async with backend() as running, phone(running.port) as video, phone(running.port, "audio") as audio:
        await video.hello()
        await audio.hello()
        began_s = time.monotonic()
        status = asyncio.create_task(running.stop())
        assert await video.closed() == ([], 1012)
        assert await audio.closed() == ([], 1012)
        assert await status in (0, -signal.SIGTERM)
        assert time.monotonic() - began_s < 3


async def test_sigterm_is_not_held_up_by_a_sink_that_hangs() -> None:
    hanging = backend(SINKS="tests.hanging_sink:HangingSink", WINDOW_BYTES="65536", MAX_CHUNK_BYTES="65536")
    async with hanging as running, phone(running.port) as one:
        await one.hello()
        await one.send(segment_message())
        for seq in range(4):
            await one.send(frame(seq, b"x" * 65_536))
        await running.line("hanging")
        began_s = time.monotonic()
        await running.stop()
        assert time.monotonic() - began_s < 8
        assert (await one.closed())[1] in (1012, 1006)


async def test_after_kill_9_a_new_process_on_the_same_port_continues_the_stream() -> None:
    port = free_port()
    async with backend(port) as running, phone(port) as one:
        await one.hello()
        await one.send(segment_message())
        await one.send(frame(0))
        await one.acked(0)
        await running.stop(signal.SIGKILL)
        assert (await one.closed())[1] == 1006
    async with backend(port) as running, phone(port, session=one.session) as again:
        ready = await again.hello(resume_from=1)
        assert (ready["nextSeq"], ready["resumed"]) == (1, False)
        await again.send(segment_message())
        await again.send(frame(1))
        await again.acked(1)
        await running.line("video", "seq 1 ")
        assert any("continued at seq 1" in line for line in running.lines)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"ENVIRONMENT": "production"}, "ALLOWED_ORIGINS is empty"),
        ({"RAILWAY_ENVIRONMENT_NAME": "production"}, "ALLOWED_ORIGINS is empty"),
        ({"PORT": "many"}, "PORT: Input should be a valid integer"),
        ({"SINKS": "nowhere:make"}, "SINKS: 'nowhere:make' cannot be imported"),
    ],
)
@pytest.mark.parametrize("command", [["main.py"], ["-m", "uvicorn", "main:app"]], ids=["main.py", "uvicorn"])
async def test_refuses_to_start_with_one_clear_sentence(
    environment: dict[str, str], says: str, command: list[str]
) -> None:
    status, said = await output_of(command, BACKEND, environment)
    assert status != 0
    assert says in said
    assert "Traceback" not in said


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
async def test_an_address_that_cannot_be_had_is_one_sentence(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment = {"HOST": host, "PORT": str(taken.getsockname()[1])}
        status, said = await output_of(["main.py"], BACKEND, environment)
    assert status != 0
    assert said.startswith("PORT: " if host == "127.0.0.1" else "HOST: nowhere.invalid is no address")
    assert said.count("\n") == 1
