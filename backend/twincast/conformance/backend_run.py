"""Tries every case on a backend, side by side."""

import asyncio
from collections.abc import Sequence
from typing import Final

from twincast.conformance.backend_cases.kind import BackendCase
from twincast.conformance.case import BrokenRuleError, CannotRunError, NotApplicableError, Outcome
from twincast.conformance.line import Backend

_SIDE_BY_SIDE: Final = 16
"""Each case has at most two sockets: no backend ought to take that for an attack."""


async def run_backend_cases(backend: Backend, cases: Sequence[BackendCase]) -> list[Outcome]:
    """The outcome of each case, in their order. Raises `CannotRunError` where nobody answers."""
    try:
        async with backend.line():
            pass
    except BrokenRuleError as problem:
        raise CannotRunError(f"{backend.url}: {problem}") from problem
    places = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def tried(one: BackendCase) -> Outcome:
        async with places:
            return await _outcome(backend, one)

    return list(await asyncio.gather(*map(tried, cases)))


async def _outcome(backend: Backend, one: BackendCase) -> Outcome:
    try:
        return Outcome(one.case, "pass", await one.check(backend) or "")
    except NotApplicableError as why:
        return Outcome(one.case, "not-applicable", str(why))
    except BrokenRuleError as problem:
        return Outcome(one.case, "fail", str(problem))
