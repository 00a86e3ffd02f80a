"""`python backend/bench/run.py`: how many phones one process holds, what each costs, and each viewer.

The load comes from separate processes, at rising numbers of phones, until the 99th percentile of the
delay from send to handler passes 250 ms. Prints a table; `--json FILE` keeps the figures.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

BENCH: Final = Path(__file__).parent
sys.path.insert(0, str(BENCH.parent))  # started as a script, it does not see the packages beside its folder

from tests.fleet.engine import Engine  # noqa: E402
from tests.process import BACKEND, free_port, own_environment, process_of  # noqa: E402
from twincast.streams.meters import nearest_rank  # noqa: E402

HOLD_MS: Final = 250
MIB: Final = 2**20

_TRIES: Final = 3

WATCHED_PHONES: Final = 10
VIEWERS_OF_EACH: Final = 10
MEAN_BYTES: Final = (25_000 + 1_600) / 2
"""Of a phone's messages; bench/load.py says which."""

OPEN: Final = {
    "MAX_STREAMS": "20000",
    "MAX_SESSIONS_PER_ADDRESS": "20000",
    "MAX_CONNECTIONS_PER_ADDRESS": "20000",
    "MAX_WAITING_CONNECTIONS": "5000",
    "MAX_VIEWERS": "20000",
    "MAX_VIEWERS_PER_ADDRESS": "20000",
}


@dataclass(frozen=True)
class Setting:
    """The backend under test, in one of its settings."""

    name: str
    environment: tuple[tuple[str, str], ...]
    on_engine: bool = False
    """Whether it shares its streams through a Redis or Valkey of its own."""


SETTINGS: Final = (
    Setting("Twincast", tuple(OPEN.items())),
    Setting("Twincast on an engine", tuple(OPEN.items()), on_engine=True),
    Setting("Twincast, every line printed", (*OPEN.items(), ("LOG_LINES_PER_SECOND", "1000000"))),
)


@dataclass
class Result:
    """One setting at one number of phones."""

    setting: str
    phones: int
    messages_per_second: float
    cpu_percent: float
    cpu_ms_per_1000: float
    kib_per_phone: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    ack_p50_ms: float
    ack_p99_ms: float
    engine_ms_per_1000: float
    load_lateness_p99_ms: float
    held_back: int
    failed: int
    loaded_kib: float
    viewers: int
    """Sockets that watched."""
    watched_share: float
    """What they got, of what the phones sent times the viewers of each."""

    @property
    def load_was_late(self) -> bool:
        """Whether the machine had no time for the load: then the delays are its own."""
        return self.load_lateness_p99_ms > HOLD_MS / 5

    @property
    def holds(self) -> bool:
        """Whether the server keeps up."""
        return self.p99_ms < HOLD_MS and self.held_back == 0 and self.failed == 0


@contextmanager
def engine_of(setting: Setting) -> Iterator[Engine | None]:
    """The engine of a setting that has one; the backend sets it up."""
    if not setting.on_engine:
        yield None
        return
    engine = Engine()
    try:
        yield engine
    finally:
        engine.close()


@asynccontextmanager
async def running(setting: Setting, engine: Engine | None) -> AsyncIterator[tuple[psutil.Process, int]]:
    """Starts the server with its output in a file, which costs this process nothing, and ends it."""
    port = free_port()
    environment = {**own_environment(), **dict(setting.environment), "PORT": str(port), "LOG_COLOUR": "never"}
    if engine is not None:
        environment["LOG_URL"] = engine.url
    with tempfile.TemporaryFile() as output:
        async with process_of(["main.py"], BACKEND, environment, output) as process:
            deadline_s = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if process.returncode is not None or time.monotonic() > deadline_s:
                        output.seek(0)
                        sys.exit(f"{setting.name} did not start:\n{output.read().decode()[-2000:]}")
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)
            yield psutil.Process(process.pid), port


async def measure(setting: Setting, phones: int, seconds: float, loaders: int, viewers: int = 0) -> Result:
    """One setting, one number of phones, each with so many viewers."""
    async with AsyncExitStack() as stack:
        engine = stack.enter_context(engine_of(setting))
        process, port = await stack.enter_async_context(running(setting, engine))
        idle_bytes = process.memory_info().rss
        connect_from_s = time.time() + 1.0
        # Viewers come when every phone is there, and wait for a key frame.
        measure_from_s = connect_from_s + 3.0 + phones / 200 + (3.0 if viewers else 0.0)
        plan = {
            "port": port,
            "connect_from_s": connect_from_s,
            "measure_from_s": measure_from_s,
            "measure_to_s": measure_from_s + seconds,
        }
        shares = [phones // loaders + (number < phones % loaders) for number in range(loaders)]
        loads = [
            await stack.enter_async_context(
                process_of([str(BENCH / "load.py"), json.dumps({**plan, "phones": share})], BACKEND, os.environ)
            )
            for share in shares
            if share
        ]
        watching = {
            "port": port,
            "viewers": viewers,
            "watch_from_s": measure_from_s - 2.3,
            "measure_from_s": measure_from_s,
            "measure_to_s": plan["measure_to_s"],
        }
        loads += [
            await stack.enter_async_context(
                process_of([str(BENCH / "viewers.py"), json.dumps(watching)], BACKEND, os.environ)
            )
            for _ in range(viewers > 0)
        ]
        outputs_to_come = [asyncio.create_task(load.communicate()) for load in loads]
        await asyncio.sleep(max(0.0, measure_from_s - time.time()))
        before, before_s = process.cpu_times(), time.monotonic()
        engine_before_s = cpu_seconds(engine)
        await asyncio.sleep(max(0.0, plan["measure_to_s"] - time.time()))
        after, after_s = process.cpu_times(), time.monotonic()
        engine_s = cpu_seconds(engine) - engine_before_s
        loaded_bytes = process.memory_info().rss
        async with asyncio.timeout(60):
            everything = [json.loads((await output)[0]) for output in outputs_to_come]
    outputs = [output for output in everything if "sent" in output]
    watched = [output for output in everything if "sockets" in output]
    cpu_s = after.user + after.system - before.user - before.system
    sent = sum(output["sent"] for output in outputs)
    delays = [delay for output in outputs for delay in output["delaysMs"]]
    acks = [ack for output in outputs for ack in output["acksMs"]]
    lateness = [late for output in outputs for late in output["latenessMs"]]
    return Result(
        setting.name,
        phones,
        round(sent / seconds),
        round(100 * cpu_s / (after_s - before_s), 1),
        round(1000 * cpu_s / max(1, sent) * 1000, 1),
        round((loaded_bytes - idle_bytes) / 1024 / phones, 1),
        quantile(delays, 0.5),
        quantile(delays, 0.95),
        quantile(delays, 0.99),
        quantile(acks, 0.5, 2),
        quantile(acks, 0.99, 2),
        round(1000 * engine_s / max(1, sent) * 1000, 1),
        quantile(lateness, 0.99),
        sum(output["heldBack"] for output in outputs),
        sum(output["failed"] for output in everything),
        round(loaded_bytes / 1024, 1),
        sum(output["sockets"] for output in watched),
        round(sum(output["bytes"] for output in watched) / max(1, viewers * sent * MEAN_BYTES), 3),
    )


async def measure_fairly(setting: Setting, phones: int, seconds: float, loaders: int) -> Result:
    """As `measure`, again where the load itself came late: that says nothing about the server."""
    for _ in range(_TRIES - 1):
        result = await measure(setting, phones, seconds, loaders)
        if not result.load_was_late:
            return result
        say(row(result))
    return await measure(setting, phones, seconds, loaders)


async def measure_viewers(setting: Setting, seconds: float) -> None:
    """What one viewer of one phone costs, by the difference that many make."""
    results = [await measure(setting, WATCHED_PHONES, seconds, 1, viewers) for viewers in (0, VIEWERS_OF_EACH)]
    for result in results:
        say(row(result))
    alone, watched = results
    viewers = WATCHED_PHONES * VIEWERS_OF_EACH
    if watched.viewers != 2 * viewers:
        say(f"only {watched.viewers} of {2 * viewers} sockets watched")
        return
    cpu_percent = (watched.cpu_percent - alone.cpu_percent) / viewers
    kib = (watched.loaded_kib - alone.loaded_kib) / viewers
    say(
        f"a viewer of one phone, picture and sound: {cpu_percent:.3f} % of a core, {kib:.0f} KiB; "
        f"they got {watched.watched_share:.0%} of what was sent"
    )


def cpu_seconds(engine: Engine | None) -> float:
    """Of the engine, and of the children that rewrote its file."""
    if engine is None:
        return 0.0
    times = psutil.Process(engine.pid).cpu_times()
    children = sum(getattr(times, name, 0.0) for name in ("children_user", "children_system"))
    return float(times.user + times.system + children)


def quantile(values: list[float], share: float, digits: int = 1) -> float:
    """Of nearest rank; infinite where nothing was measured."""
    found = nearest_rank(values, share)
    return float("inf") if found is None else round(found, digits)


def say(text: str) -> None:
    """One line of the report, at once."""
    print(text, flush=True)  # noqa: T201


HEADER: Final = (
    "setting                             phones    msg/s   CPU %   CPU ms/1000   engine   KiB/phone   p50 ms   p95 ms"
    "   p99 ms   ack p50   ack p99"
)


def row(result: Result) -> str:
    """A line of the table."""
    notes = "" if result.holds else "   does not hold"
    if result.load_was_late:
        notes += f"   (the load itself was {result.load_lateness_p99_ms:.0f} ms late)"
    return (
        f"{result.setting:<36}{result.phones:>6}{result.messages_per_second:>9.0f}{result.cpu_percent:>8.1f}"
        f"{result.cpu_ms_per_1000:>14.1f}{result.engine_ms_per_1000:>9.1f}{result.kib_per_phone:>12.1f}"
        f"{result.p50_ms:>9.1f}{result.p95_ms:>9.1f}{result.p99_ms:>9.1f}"
        f"{result.ack_p50_ms:>10.2f}{result.ack_p99_ms:>10.2f}{notes}"
    )


async def main() -> None:
    """Runs what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, nargs="+", default=[100, 200, 300, 400, 500, 600, 700])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--loaders", type=int, default=2, help="load processes")
    parser.add_argument("--viewers", action="store_true", help="what a viewer costs, and nothing else")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    # SIGTERM would end this process without its servers and loads.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    say(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    say(HEADER)
    results: list[Result] = []
    settings = list(SETTINGS)
    for phones in [] if arguments.viewers else arguments.phones:
        # One number of phones for all before the next: a machine that gets busier meets all alike.
        for setting in list(settings):
            result = await measure_fairly(setting, phones, arguments.seconds, arguments.loaders)
            results.append(result)
            say(row(result))
            if not result.holds:
                settings.remove(setting)
    held = [result for result in results if result.setting == SETTINGS[0].name and result.holds]
    say("")
    if not arguments.viewers:
        say(f"phones held: {max((result.phones for result in held), default=0)}")
    if held:
        say(f"memory per phone: {max(result.kib_per_phone for result in held):.0f} KiB at most")
    say("")
    say(f"{WATCHED_PHONES} phones without viewers, and with {VIEWERS_OF_EACH} of each:")
    for setting in SETTINGS[:2]:
        await measure_viewers(setting, arguments.seconds)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(result) for result in results], indent=1))


if __name__ == "__main__":
    asyncio.run(main())
