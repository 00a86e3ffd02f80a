"""All attacks at once against a real process, while a well-behaved phone streams beside them."""

import asyncio
import json
import os
import sys
import time

import httpx
import psutil

from tests.abuse import ATTACKS
from tests.process import BACKEND, Backend, backend
from tests.wire import Phone, claim, eventually, frame, phone, segment_message
from twincast.streams.meters import nearest_rank
from twincast.wire.message_types import StreamKind

SECONDS = float(os.environ.get("ABUSE_SECONDS", "6"))
SILENT = int(os.environ.get("ABUSE_SILENT_CONNECTIONS", "700"))
CADENCE_S = 0.1


class GoodStream:
    """A stream at 100 ms that remembers when it sent what, and when that arrived."""

    def __init__(self, one: Phone, size: int) -> None:
        self.phone = one
        self.payload = os.urandom(size)
        self.seq = 0
        self.sent_at_ms: dict[int, float] = {}
        self.delays_ms: list[float] = []

    async def begin(self) -> None:
        await self.phone.hello()
        await self.phone.send(segment_message())
        self.reading = asyncio.create_task(self._read())

    async def stream(self, seconds: float) -> float:
        """Sends for so long; the 99th percentile of the delay to the backend, in ms."""
        self.delays_ms = []
        due_s = time.monotonic()
        while time.monotonic() < due_s + CADENCE_S and seconds > 0:
            now_ms = time.time() * 1000
            self.sent_at_ms[self.seq] = now_ms
            await self.phone.send(frame(self.seq, self.payload, first=self.seq == 0, captured_from_ms=now_ms))
            self.seq += 1
            seconds -= CADENCE_S
            due_s += CADENCE_S
            await asyncio.sleep(max(0, due_s - time.monotonic()))
        last = self.seq - 1
        await eventually(lambda: last not in self.sent_at_ms)
        delay_ms = nearest_rank(self.delays_ms, 0.99)
        assert delay_ms is not None
        return delay_ms

    async def end(self) -> None:
        """Everything arrived, once."""
        segments = [claim(0, 0, self.payload * self.seq)]
        await self.phone.send({"type": "end", "lastSeq": self.seq - 1, "segments": segments})
        ended = await asyncio.wait_for(self.reading, 10)
        assert (ended["verified"], ended["chunks"]) == (True, self.seq)

    async def _read(self) -> dict[str, object]:
        while True:
            message = await self.phone.receive()
            if message["type"] == "ended":
                return message
            assert message["type"] == "ack"
            sent_ms = self.sent_at_ms[message["seq"]]
            self.delays_ms.append(message["t"] - sent_ms)
            for seq in [seq for seq in self.sent_at_ms if seq <= message["seq"]]:
                del self.sent_at_ms[seq]


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
