"""A well-behaved stream that measures how it is served."""

import asyncio
import os
import time

from tests.wire import Phone, claim, eventually, frame, segment_message
from twincast.streams.meters import nearest_rank

CADENCE_S = 0.1


class GoodStream:
    """A stream at 100 ms that remembers when it sent what, and when that arrived."""

    def __init__(self, one: Phone, size: int, cadence_s: float = CADENCE_S) -> None:
        self.phone = one
        self.cadence_s = cadence_s
        self.payload = os.urandom(size)
        self.seq = 0
        self.sent_at_ms: dict[int, float] = {}
        self.delays_ms: list[float] = []

    async def begin(self) -> None:
        await self.phone.hello()
        await self.phone.send(segment_message())
        self.reading = asyncio.create_task(self._read())

    async def stream(self, seconds: float) -> float:
        """Sends for so long; the 99th percentile of the delay to the backend meanwhile, in ms."""
        self.delays_ms = []
        return await self.stream_on(seconds)

    async def stream_on(self, seconds: float) -> float:
        """Sends for so much longer; the 99th percentile since `stream`."""
        due_s = time.monotonic()
        for _ in range(round(seconds / self.cadence_s)):
            now_ms = time.time() * 1000
            self.sent_at_ms[self.seq] = now_ms
            await self.phone.send(frame(self.seq, self.payload, first=self.seq == 0, captured_from_ms=now_ms))
            self.seq += 1
            due_s = max(due_s + self.cadence_s, time.monotonic())
            await asyncio.sleep(due_s - time.monotonic())
        last = self.seq - 1
        await eventually(lambda: last not in self.sent_at_ms)
        delay_ms = nearest_rank(self.delays_ms, 0.99)
        assert delay_ms is not None
        return delay_ms

    async def end(self) -> None:
        """Everything arrived, once."""
        segments = [claim(0, 0, *[self.payload] * self.seq)]
        await self.phone.send({"type": "end", "lastSeq": self.seq - 1, "segments": segments})
        ended = await asyncio.wait_for(self.reading, 10)
        assert (ended["verified"], ended["chunks"]) == (True, self.seq)

    async def _read(self) -> dict[str, object]:
        while True:
            message = await self.phone.receive()
            if message["type"] == "ended":
                return message
            if message["type"] == "watched":
                continue
            assert message["type"] == "ack"
            sent_ms = self.sent_at_ms[message["seq"]]
            self.delays_ms.append(message["t"] - sent_ms)
            for seq in [seq for seq in self.sent_at_ms if seq <= message["seq"]]:
                del self.sent_at_ms[seq]
