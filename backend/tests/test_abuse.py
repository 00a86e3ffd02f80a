"""All attacks at once against a real process, while a well-behaved phone streams beside them."""

import asyncio
import json
import os
import sys

import httpx
import psutil
import pytest

from tests.abuse import ATTACKS
from tests.good_stream import GoodStream
from tests.process import BACKEND, Backend, backend
from tests.wire import eventually, phone
from twincast.wire.message_types import StreamKind

pytestmark = pytest.mark.alone

SECONDS = float(os.environ.get("ABUSE_SECONDS", "6"))
SILENT = int(os.environ.get("ABUSE_SILENT_CONNECTIONS", "700"))


async def connected(running: Backend) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{running.port}/health")
    count: int = answer.json()["connectedStreams"]
    return count


async def test_a_good_phone_does_not_notice_and_the_memory_comes_back() -> None:
    attacked = backend(
        HANDSHAKE_TIMEOUT_MS="2000",
        HELLO_TIMEOUT_MS="1000",
        REMEMBER_STREAM_S="3",
        MAX_CONNECTIONS_PER_ADDRESS="5000",  # all come from this one address
        MAX_SESSIONS_PER_ADDRESS="5000",
    )
    async with attacked as running:
        reading_lines = asyncio.create_task(running.drain())
        memory = psutil.Process(running.process.pid).memory_info
        kinds: tuple[tuple[StreamKind, int], ...] = (("video", 25_000), ("audio", 1_600))
        async with phone(running.port, kinds[0][0]) as video, phone(running.port, kinds[1][0], video.session) as audio:
            good = [GoodStream(video, kinds[0][1]), GoodStream(audio, kinds[1][1])]
            await asyncio.gather(*(stream.begin() for stream in good))
            calm_ms = max(await asyncio.gather(*(stream.stream(SECONDS / 2) for stream in good)))
            before_bytes = memory().rss
            command = (sys.executable, "-m", "tests.abuse", str(running.port), str(SECONDS), str(SILENT))
            abuse = await asyncio.create_subprocess_exec(*command, cwd=BACKEND, stdout=asyncio.subprocess.PIPE)
            try:
                abused_ms = max(await asyncio.gather(*(stream.stream(SECONDS) for stream in good)))
                output, _ = await abuse.communicate()
            finally:
                if abuse.returncode is None:
                    abuse.kill()
                    await abuse.wait()
            await asyncio.gather(*(stream.end() for stream in good))
        done = json.loads(output)
        assert done.keys() == ATTACKS.keys()

        async def is_quiet() -> bool:
            return await connected(running) == 0

        await eventually(is_quiet, timeout_s=20)
        await eventually(lambda: memory().rss < before_bytes + 64 * 2**20, timeout_s=20)
        assert abused_ms <= 2 * calm_ms + 50, (calm_ms, abused_ms)
        await running.stop()
        await reading_lines
    assert not [line for line in running.lines if "Traceback" in line or "fault in the connection" in line]
