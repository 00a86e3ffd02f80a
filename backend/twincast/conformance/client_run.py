"""Lets a client live through every script, side by side where the run can start it, else one after the other."""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from twincast.conformance.case import CannotRunError, Case, Outcome
from twincast.conformance.client_cases.catalogue import CLIENT_CASES
from twincast.conformance.client_cases.findings import Findings
from twincast.conformance.client_cases.ledger import AwayError, LifeOverError
from twincast.conformance.client_cases.life import Life, Start
from twincast.conformance.client_cases.peer import Pace
from twincast.conformance.client_cases.scenarios import Scenario, scenarios
from twincast.conformance.vectors import Vectors
from twincast.wire.message_types import StreamKind

_SIDE_BY_SIDE: Final = 8


@dataclass(frozen=True, slots=True)
class ClientRun:
    """Where the run listens, and how it goes about it. `port` 0: a free one for each life."""

    start: Start
    vectors: Vectors
    host: str = "127.0.0.1"
    port: int = 0
    kind: StreamKind = "video"
    pace: Pace = field(default_factory=Pace)
    side_by_side: int = _SIDE_BY_SIDE

    async def outcomes(self, cases: Sequence[Case] = CLIENT_CASES) -> list[Outcome]:
        """The outcome of each case, in their order. Scripts that none of them needs are left out."""
        codes = {case.code for case in cases}
        findings = Findings()
        places = asyncio.Semaphore(self.side_by_side)

        async def lived(scenario: Scenario) -> None:
            async with places:
                await self._live(scenario, findings)

        await asyncio.gather(*(lived(one) for one in scenarios(self.vectors) if codes & set(one.codes)))
        return [findings.outcome(case) for case in cases]

    async def _live(self, scenario: Scenario, findings: Findings) -> None:
        life = Life(findings, self.pace, self.kind)
        try:
            async with life.served(self.start, self.host, self.port):
                await scenario.script(life)
        except LifeOverError as why:
            if len(scenario.codes) == 1 and isinstance(why, AwayError):
                findings.fail(scenario.codes[0], str(why))
            findings.stopped(scenario.codes, f"in the script {scenario.name!r} {why}")
        except OSError as error:
            raise CannotRunError(f"nothing can listen on {self.host}:{self.port}: {error}.") from error


def command(line: str, shows_errors: bool = False) -> Start:
    """A program that the run starts for each life; `{url}` in its line is the address that it is to stream to.

    `shows_errors`: what it writes to its standard error is shown.
    """
    if "{url}" not in line:
        raise CannotRunError("the command needs {url}, where the address of the life is put.")

    async def start(url: str) -> None:
        arguments = [part.replace("{url}", url) for part in shlex.split(line)]
        output = None if shows_errors else asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            raise CannotRunError(f"{arguments[0]} cannot be started: {error}.") from error
        try:
            await process.wait()
        finally:
            with suppress(ProcessLookupError):
                _kill(process)
            await process.wait()

    return start


def _kill(process: asyncio.subprocess.Process) -> None:
    """With what it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


async def by_hand(url: str) -> None:
    """Asks whoever reads the terminal to start the client, and has no way to end it."""
    sys.stderr.write(f"Start your client now, and have it stream to {url}\n")
    await asyncio.Event().wait()
