"""Processes killed in mid-stream, phones that come to backends of chance: each chunk once, every stream verified.

CHAOS_SECONDS, CHAOS_SEED and CHAOS_SESSIONS make it longer, other, and more.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.fleet.engine import Engine
from tests.fleet.road import RoadPhone, new_phones
from tests.fleet.writer import until
from tests.process import BACKEND, free_port

SECONDS = float(os.environ.get("CHAOS_SECONDS", "6"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
SESSIONS = int(os.environ.get("CHAOS_SESSIONS", "3"))
FRAME_S = 0.05

StartEngine = Callable[..., Engine]


class Process:
    """A program of the fleet, begun again after each end."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._command = command
        self._environment = environment
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("RAILWAY", "LOG_", "COV_"))}
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._command, cwd=BACKEND, env={**clean, **self._environment}, stdout=output,
                stderr=output,
            )  # fmt: skip

    async def end(self, how: signal.Signals) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        await self._process.wait()


class Recorded:
    """What the consumers' file sinks have of one stream."""

    def __init__(self, folder: Path) -> None:
        self.seqs: list[int] = []
        self.gaps: list[tuple[int, int, str]] = []
        self.ended: list[bool] = []
        self.media = b""
        bytes_of: dict[str, int] = {}
        file = ""
        for text in (folder / "events.jsonl").read_text().splitlines():
            line: dict[str, Any] = json.loads(text)
            match line["event"]:
                case "segment":
                    file = line["file"]
                    bytes_of[file] = 0
                case "chunk":
                    self.seqs.append(line["seq"])
                    bytes_of[file] += line["bytes"]
                case "gap":
                    self.gaps.append((line["from"], line["to"], line["reason"]))
                case "ended":
                    self.ended.append(line["verified"])
                case _:
                    pass
        for name, size in bytes_of.items():
            data = (folder / name).read_bytes()
            assert len(data) == size, name
            self.media += data


async def test_nothing_is_lost_or_handed_on_twice_whatever_is_killed(start_engine: StartEngine, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    engine = start_engine()
    ports = [free_port() for _ in range(3)]
    common = {"LOG_URL": engine.url, "LOG_KEEP_S": "600", "LOG_COLOUR": "never"}
    backends = [
        Process(["main.py"], {**common, "PORT": str(port)}, tmp_path / f"backend-{number}.log")
        for number, port in enumerate(ports)
    ]
    sinks = {"SINKS": "file", "FILE_SINK_FOLDER": str(tmp_path / "recordings"), "LEASE_MS": "1000"}
    consumers = [
        Process(["-m", "twincast.consume"], {**common, **sinks}, tmp_path / f"consumer-{number}.log")
        for number in range(2)
    ]
    phones = new_phones(SESSIONS, ports, chance)
    running: list[asyncio.Task[None]] = []
    try:
        for process in (*backends, *consumers):
            await process.start()
        running = [asyncio.create_task(one.run()) for one in phones]
        recording = [asyncio.create_task(_record(one, chance)) for one in phones]
        await _break(chance, engine, backends, consumers, phones)
        for task in recording:
            task.cancel()
        await asyncio.wait(recording)
        for one in phones:
            one.stop()
        await asyncio.wait_for(asyncio.gather(*running), 30)
        folders = {one: tmp_path / "recordings" / one.session / one.kind for one in phones}
        await until(lambda: all(_has_ended(folder) for folder in folders.values()), timeout_s=15)
        for process in consumers:
            await process.end(signal.SIGTERM)
        for one, folder in folders.items():
            recorded = Recorded(folder)
            assert one.ended is not None
            assert one.ended["verified"] is True, one.ended
            assert one.not_resumed == 0, "a stream was not known at another backend"
            assert recorded.seqs == list(one.sent), "lost, or handed on twice"
            assert recorded.media == b"".join(one.sent.values())
            assert [gap[:2] for gap in recorded.gaps] == one.gaps
            assert recorded.ended == [True]
    finally:
        for task in running:
            task.cancel()
        for one in phones:
            one.close()
        for process in (*backends, *consumers):
            await process.end(signal.SIGKILL)


async def _record(phone: RoadPhone, chance: random.Random) -> None:
    while True:
        phone.record()
        await asyncio.sleep(FRAME_S * (0.5 + chance.random()))


async def _break(
    chance: random.Random, engine: Engine, backends: list[Process], consumers: list[Process], phones: list[RoadPhone]
) -> None:
    """Everything of the fleet ends at least once, by kill -9 or SIGTERM; phones go to other sockets all the time."""
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + SECONDS + 1.5
    await asyncio.sleep(1.5)  # they have begun
    turn = 0
    while loop.time() < ends_s:
        await asyncio.sleep(SECONDS / 12)
        chance.choice(phones).abandon()
        match turn % 6:
            case 0 | 3:
                await _again(chance.choice(backends), signal.SIGKILL)
            case 1:
                await _again(chance.choice(consumers), signal.SIGKILL)
            case 2:
                await engine.restart(away_s=0.2)
            case 4:
                await _again(chance.choice(backends), signal.SIGTERM)
            case _:
                await _again(chance.choice(consumers), signal.SIGTERM)
        turn += 1


async def _again(process: Process, how: signal.Signals) -> None:
    await process.end(how)
    await process.start()


def _has_ended(folder: Path) -> bool:
    events = folder / "events.jsonl"
    return events.exists() and '"event":"ended"' in events.read_text()
