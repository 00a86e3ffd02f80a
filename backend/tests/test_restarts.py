"""A process that ends in good order and the next one on its port: each chunk comes once, and none is missing."""

import asyncio
import json
import os
import random
import uuid
from collections import Counter, deque
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.process import BACKEND, Backend, free_port, program
from tests.wire import frame, segment_message
from twincast.wire.message_types import SUBPROTOCOL

PHONES = int(os.environ.get("RESTART_PHONES", "25"))
ROUNDS = int(os.environ.get("RESTART_ROUNDS", "3"))
FRAME_S = 1 / 30
LONGEST_S = 4.0
"""What docs/backend.md states for leaving, and a tenth for uvicorn's look at its connections."""


class RecordingPhone:
    """Records frame by frame and keeps what is not acknowledged; comes back at once the first time, then in 0.3 s."""

    def __init__(self, port: int) -> None:
        self.session = str(uuid.uuid4())
        self.codes: Counter[int] = Counter()
        self.acked_seq = -1
        self.next_seq = 0
        self._port = port
        self._kept: deque[int] = deque()
        self._recorded = asyncio.Event()
        self._records = True

    async def run(self) -> None:
        recording = asyncio.create_task(self._record())
        try:
            wait_s = 0.0
            while self._records or self._kept:
                with suppress(OSError, WebSocketException, InvalidHandshake, EOFError):
                    await asyncio.sleep(wait_s)
                    wait_s = 0.3 * random.random()
                    async with connect(
                        f"ws://127.0.0.1:{self._port}/ws/video",
                        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
                        compression=None,
                        proxy=None,
                    ) as socket:
                        try:
                            await self._serve(socket)
                        finally:
                            self.codes[socket.close_code or 1006] += 1
                    wait_s = 0.0
        finally:
            recording.cancel()

    def stop(self) -> None:
        """Records no more; `run` ends when everything is acknowledged."""
        self._records = False
        self._recorded.set()

    async def _record(self) -> None:
        await asyncio.sleep(random.random() * FRAME_S)
        while self._records:
            self._kept.append(self.next_seq)
            self.next_seq += 1
            self._recorded.set()
            await asyncio.sleep(FRAME_S)

    async def _serve(self, socket: ClientConnection) -> None:
        hello = {"type": "hello", "session": self.session, "resumeFrom": self.acked_seq + 1}
        await socket.send(json.dumps(hello))
        ready = json.loads(await socket.recv())
        if ready["type"] != "ready":
            return
        self._acked(ready["nextSeq"] - 1)
        await socket.send(json.dumps(segment_message()))
        sending = asyncio.create_task(self._send(socket))
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "ack":
                    self._acked(message["seq"])
                if not self._records and not self._kept:
                    return
        finally:
            sending.cancel()

    async def _send(self, socket: ClientConnection) -> None:
        sent_seq = self.acked_seq
        while True:
            for seq in [seq for seq in self._kept if seq > sent_seq]:
                await socket.send(frame(seq, seq.to_bytes(4), first=seq == 0))
                sent_seq = seq
            self._recorded.clear()
            await self._recorded.wait()

    def _acked(self, seq: int) -> None:
        self.acked_seq = max(self.acked_seq, seq)
        while self._kept and self._kept[0] <= seq:
            self._kept.popleft()


COMMANDS = {
    "main.py": ["main.py"],
    "uvicorn": ["-m", "uvicorn", "main:app", "--port", "{port}"],
    "fastapi run": ["-m", "fastapi", "run", "--host", "127.0.0.1", "--port", "{port}"],
}


@pytest.mark.parametrize(
    ("command", "pause_ms"), [("main.py", 30), ("main.py", 150), ("uvicorn", 30), ("fastapi run", 30)]
)
async def test_each_chunk_comes_once_through_restarts(command: str, pause_ms: int, tmp_path: Path) -> None:
    handed = tmp_path / "handed.txt"
    port = free_port()
    arguments = [part.format(port=port) for part in COMMANDS[command]]
    environment = {
        "SINKS": "tests.slow_sink:SlowSink",
        "HANDED_FILE": str(handed),
        "SINK_PAUSE_MS": str(pause_ms),
        "TERM": "dumb",
    }
    phones = [RecordingPhone(port) for _ in range(PHONES)]
    running = [asyncio.create_task(one.run()) for one in phones]
    for number in range(ROUNDS + 1):
        async with program(arguments, BACKEND, port, **environment) as process:
            lines = asyncio.create_task(process.drain())
            if number < ROUNDS:
                await asyncio.sleep(0.8 + random.random())
                await _ends_in_good_order(process, by_signal=command != "main.py")
                await lines
                assert not [line for line in process.lines if "Traceback" in line or "Cancel " in line]
            else:
                for one in phones:
                    one.stop()
                await asyncio.wait_for(asyncio.gather(*running), 60)
    came: dict[str, list[int]] = {one.session: [] for one in phones}
    for line in handed.read_text().splitlines():
        session, seq = line.split()
        came[session].append(int(seq))
    for one in phones:
        seqs = came[one.session]
        twice = [seq for seq, times in Counter(seqs).items() if times > 1]
        assert twice == [], f"came twice: {twice}"
        assert seqs == list(range(one.next_seq))


async def _ends_in_good_order(process: Backend, by_signal: bool) -> None:
    began_s = asyncio.get_running_loop().time()
    status = await process.stop()
    assert asyncio.get_running_loop().time() - began_s < LONGEST_S
    # uvicorn's own command ends by the signal that it was sent, once everything is done.
    assert status == (-15 if by_signal else 0)
