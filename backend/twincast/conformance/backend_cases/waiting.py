"""Who says nothing."""

import asyncio
from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.backend_messages import Pong
from twincast.conformance.case import BrokenRuleError, NotApplicableError, require
from twincast.conformance.line import Backend, Closed
from twincast.conformance.outgoing import T0_MS

CASES: Final = BackendCases()
_PINGS: Final = 4


@CASES.add("hello-timeout", "silence instead of a hello is not waited for", "Close codes", "no `hello` in time")
async def waits_for_hello_so_long(backend: Backend) -> str:
    """As long as --hello-timeout says at most."""
    loop = asyncio.get_running_loop()
    limit_s = backend.waits.hello_timeout_s
    async with backend.line() as one:
        began_s = loop.time()
        heard = await one.hear("a close with 4408", limit_s)
        while not isinstance(heard, Closed):
            heard = await one.hear("a close with 4408", limit_s)
        due = backend.vectors.close_code("hello-timeout")
        if heard.code != due:
            raise BrokenRuleError(f"{due} is due, but the backend closed with {heard.code}.")
        return f"after {loop.time() - began_s:.1f} s"


@CASES.add(
    "idle",
    "a silent client is closed after idleMs, one that pings is not",
    "Close codes",
    "nothing came for `idleMs`",
    optional="`idleMs` is more than --idle allows",
)
async def closes_who_is_idle(backend: Backend) -> None:
    """Pings count."""
    loop = asyncio.get_running_loop()
    async with backend.line() as one:
        idle_s = (await one.hello()).limits.idle_ms / 1000
        if idle_s > backend.waits.idle_s:
            raise NotApplicableError(f"idleMs is {idle_s * 1000:.0f}.")
        for _ in range(_PINGS):
            await asyncio.sleep(idle_s / 3)
            await one.send({"type": "ping", "t": T0_MS})
            await one.expect(Pong)
        began_s = loop.time()
        heard = await one.hear("a close with 4440", idle_s + backend.waits.answer_s)
        while not isinstance(heard, Closed):
            heard = await one.hear("a close with 4440", idle_s + backend.waits.answer_s)
        due = backend.vectors.close_code("idle")
        if heard.code != due:
            raise BrokenRuleError(f"{due} is due, but the backend closed with {heard.code}.")
        took_s = loop.time() - began_s
        require(took_s > 0.8 * idle_s, f"idleMs is {idle_s * 1000:.0f}, but it closed after {took_s:.2f} s.")
