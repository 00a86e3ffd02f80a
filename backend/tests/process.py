"""Python programs in processes of their own: mostly the backend, as it is run in earnest."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

BACKEND = Path(__file__).parents[1]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Backend:
    """A running program that serves it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.lines: list[str] = []

    async def line(self, *words: str) -> str:
        """Reads its output up to the first line that holds all `words`."""
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            while True:
                raw = await self.process.stdout.readline()
                assert raw, f"ended before it said {words}: {self.lines}"
                self.lines.append(raw.decode().rstrip("\n"))
                if all(word in self.lines[-1] for word in words):
                    return self.lines[-1]

    async def drain(self) -> None:
        """Reads its output to the end, so that the pipe never fills."""
        assert self.process.stdout is not None
        while raw := await self.process.stdout.readline():
            self.lines.append(raw.decode().rstrip("\n"))

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal and returns the exit status."""
        self.process.send_signal(how)
        return await self.process.wait()


def own_environment() -> dict[str, str]:
    """This process's, without what would configure a backend."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("RAILWAY", "LOG_", "COV_"))}


@asynccontextmanager
async def process_of(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], output: int | IO[bytes] = -1
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Runs Python with `command` in `folder`, both outputs in `output`, a pipe by default; ends it with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**20,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # With the process that a reloader has begun, which holds its output open.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def output_of(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Runs Python to its end: the exit status and all that is said."""
    async with process_of(command, folder, environment) as process:
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()


@asynccontextmanager
async def program(command: Sequence[str], folder: Path, port: int, **environment: str) -> AsyncIterator[Backend]:
    """Runs Python with `command` in `folder` and waits until uvicorn says that it runs; ends it with the block."""
    async with process_of(command, folder, {**own_environment(), "PORT": str(port), **environment}) as process:
        running = Backend(process, port)
        await running.line("Uvicorn running on")
        yield running


@asynccontextmanager
async def backend(port: int | None = None, **environment: str) -> AsyncIterator[Backend]:
    """As it is deployed: `python main.py`."""
    async with program(["main.py"], BACKEND, port or free_port(), **environment) as running:
        yield running
