"""`python backend/bench/run.py`: how many phones one process holds, and what each costs, beside three yardsticks.

Every server gets the same load from separate processes, at rising numbers of phones, until the 99th percentile of the
delay from send to handler passes 250 ms. Prints a table; `--json FILE` keeps the figures.
"""

import argparse
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psutil

BENCH: Final = Path(__file__).parent
BACKEND: Final = BENCH.parent
sys.path.insert(0, str(BACKEND))  # started as a script, it does not see the package beside its folder

from twincast.streams.meters import nearest_rank  # noqa: E402

PYTHON: Final = sys.executable
HOLD_MS: Final = 250
MIB: Final = 2**20

_TRIES: Final = 3

OPEN: Final = {
    "MAX_STREAMS": "20000",
    "MAX_SESSIONS_PER_ADDRESS": "20000",
    "MAX_CONNECTIONS_PER_ADDRESS": "20000",
    "MAX_WAITING_CONNECTIONS": "5000",
}


@dataclass(frozen=True)
class Server:
    """A server under test; `{port}` in its command is filled in."""

    name: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    deflate: bool = False


def uvicorn(name: str, *options: str, deflate: bool = False) -> Server:
    """The simplest FastAPI handler under uvicorn with these options."""
    command = (PYTHON, "-m", "uvicorn", "bench.yardsticks.simplest_fastapi:app", "--port", "{port}", "--no-access-log")
    return Server(name, (*command, *options), deflate=deflate)


TWINCAST: Final = Server("Twincast", (PYTHON, "main.py"), tuple(OPEN.items()))
EVERY_LINE: Final = Server(
    "Twincast, every line printed",
    (PYTHON, "main.py"),
    (*OPEN.items(), ("LOG_LINES_PER_SECOND", "1000000")),
)
SIMPLEST: Final = uvicorn("simplest FastAPI handler")
YARDSTICKS: Final = (
    SIMPLEST,
    Server("bare websockets", (PYTHON, "bench/yardsticks/bare_websockets.py", "{port}")),
    Server("Node ws", ("node", "bench/yardsticks/node_ws.mjs", "{port}")),
)
CHOICES: Final = (
    uvicorn("uvloop, websockets-sansio", "--loop", "uvloop", "--ws", "websockets-sansio"),
    uvicorn("uvloop, wsproto", "--loop", "uvloop", "--ws", "wsproto"),
    uvicorn("uvloop, websockets", "--loop", "uvloop", "--ws", "websockets"),
    uvicorn("asyncio, websockets-sansio", "--loop", "asyncio", "--ws", "websockets-sansio"),
    uvicorn("uvloop, websockets-sansio, deflate", "--loop", "uvloop", "--ws", "websockets-sansio", deflate=True),
)


@dataclass
class Result:
    """One server at one number of phones."""

    server: str
    phones: int
    messages_per_second: float
    cpu_percent: float
    cpu_ms_per_1000: float
    kib_per_phone: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    load_lateness_p99_ms: float
    held_back: int
    failed: int

    @property
    def load_was_late(self) -> bool:
        """Whether the machine had no time for the load: then the delays are its own."""
        return self.load_lateness_p99_ms > HOLD_MS / 5

    @property
    def holds(self) -> bool:
        """Whether the server keeps up."""
        return self.p99_ms < HOLD_MS and self.held_back == 0 and self.failed == 0


@contextmanager
def running(server: Server) -> Iterator[tuple[psutil.Process, int]]:
    """Starts the server with its output in a file, and ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {**os.environ, **dict(server.environment), "PORT": str(port), "LOG_COLOUR": "never"}
    command = [part.format(port=port) for part in server.command]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=BACKEND, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline_s = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline_s:
                        output.seek(0)
                        sys.exit(f"{server.name} did not start:\n{output.read().decode()[-2000:]}")
                    time.sleep(0.05)
            time.sleep(0.5)
            yield psutil.Process(process.pid), port
        finally:
            process.kill()
            process.wait()


def measure(server: Server, phones: int, seconds: float, loaders: int) -> Result:
    """One server, one number of phones."""
    with running(server) as (process, port):
        idle_bytes = process.memory_info().rss
        connect_from_s = time.time() + 1.0
        measure_from_s = connect_from_s + 3.0 + phones / 200
        plan = {
            "port": port,
            "connect_from_s": connect_from_s,
            "measure_from_s": measure_from_s,
            "measure_to_s": measure_from_s + seconds,
            "deflate": server.deflate,
        }
        shares = [phones // loaders + (number < phones % loaders) for number in range(loaders)]
        loads = [
            subprocess.Popen(
                [PYTHON, str(BENCH / "load.py"), json.dumps({**plan, "phones": share})], stdout=subprocess.PIPE
            )
            for share in shares
            if share
        ]
        try:
            time.sleep(max(0.0, measure_from_s - time.time()))
            before, before_s = process.cpu_times(), time.monotonic()
            time.sleep(max(0.0, plan["measure_to_s"] - time.time()))
            after, after_s = process.cpu_times(), time.monotonic()
            loaded_bytes = process.memory_info().rss
            outputs = [json.loads(load.communicate(timeout=60)[0]) for load in loads]
        finally:
            for load in loads:
                load.kill()
                load.wait()
    cpu_s = after.user + after.system - before.user - before.system
    sent = sum(output["sent"] for output in outputs)
    delays = [delay for output in outputs for delay in output["delaysMs"]]
    lateness = [late for output in outputs for late in output["latenessMs"]]
    return Result(
        server.name,
        phones,
        round(sent / seconds),
        round(100 * cpu_s / (after_s - before_s), 1),
        round(1000 * cpu_s / max(1, sent) * 1000, 1),
        round((loaded_bytes - idle_bytes) / 1024 / phones, 1),
        quantile(delays, 0.5),
        quantile(delays, 0.95),
        quantile(delays, 0.99),
        quantile(lateness, 0.99),
        sum(output["heldBack"] for output in outputs),
        sum(output["failed"] for output in outputs),
    )


def measure_fairly(server: Server, phones: int, seconds: float, loaders: int) -> Result:
    """As `measure`, again where the load itself came late: that says nothing about the server."""
    for _ in range(_TRIES - 1):
        result = measure(server, phones, seconds, loaders)
        if not result.load_was_late:
            return result
        say(row(result))
    return measure(server, phones, seconds, loaders)


def quantile(values: list[float], share: float) -> float:
    """Of nearest rank, to a tenth; infinite where nothing was measured."""
    found = nearest_rank(values, share)
    return float("inf") if found is None else round(found, 1)


def say(text: str) -> None:
    """One line of the report, at once."""
    print(text, flush=True)  # noqa: T201


HEADER: Final = (
    "server                              phones    msg/s   CPU %   CPU ms/1000   KiB/phone   p50 ms   p95 ms   p99 ms"
)


def row(result: Result) -> str:
    """A line of the table."""
    notes = "" if result.holds else "   does not hold"
    if result.load_was_late:
        notes += f"   (the load itself was {result.load_lateness_p99_ms:.0f} ms late)"
    return (
        f"{result.server:<36}{result.phones:>6}{result.messages_per_second:>9.0f}{result.cpu_percent:>8.1f}"
        f"{result.cpu_ms_per_1000:>14.1f}{result.kib_per_phone:>12.1f}{result.p50_ms:>9.1f}{result.p95_ms:>9.1f}"
        f"{result.p99_ms:>9.1f}{notes}"
    )


def main() -> None:
    """Runs what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, nargs="+", default=[100, 200, 300, 400, 500, 600, 700])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--loaders", type=int, default=2, help="load processes")
    parser.add_argument("--what", choices=["yardsticks", "choices", "all"], default="all")
    parser.add_argument("--choices-phones", type=int, default=200)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    # SIGTERM would end this process without its servers and loads.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    say(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    results: list[Result] = []
    if arguments.what != "choices":
        say(HEADER)
        servers = [TWINCAST, EVERY_LINE, *YARDSTICKS]
        for phones in arguments.phones:
            # One number of phones for all before the next: a machine that gets busier meets all alike.
            for server in list(servers):
                result = measure_fairly(server, phones, arguments.seconds, arguments.loaders)
                results.append(result)
                say(row(result))
                if not result.holds:
                    servers.remove(server)
        summarise(results)
    if arguments.what != "yardsticks":
        say("")
        say("The simplest handler under uvicorn's choices")
        say(HEADER)
        for server in CHOICES:
            result = measure_fairly(server, arguments.choices_phones, arguments.seconds, arguments.loaders)
            results.append(result)
            say(row(result))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(result) for result in results], indent=1))


def summarise(results: list[Result]) -> None:
    """The verdict on the targets."""
    by: dict[str, dict[int, Result]] = {}
    for result in results:
        by.setdefault(result.server, {})[result.phones] = result
    say("")
    ours, simplest = by[TWINCAST.name], by[SIMPLEST.name]
    held = max((phones for phones, result in ours.items() if result.holds), default=0)
    common = [phones for phones in ours if phones in simplest and ours[phones].holds and simplest[phones].holds]
    figures: dict[str, Any] = {"phones held": held}
    if common:
        ratios = [ours[phones].cpu_ms_per_1000 / simplest[phones].cpu_ms_per_1000 for phones in common]
        figures["CPU against the simplest handler"] = f"{sum(ratios) / len(ratios):.2f} times"
        figures["memory per phone"] = f"{max(ours[phones].kib_per_phone for phones in common):.0f} KiB at most"
    for name, value in figures.items():
        say(f"{name}: {value}")


if __name__ == "__main__":
    main()
