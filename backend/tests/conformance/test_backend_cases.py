"""The run against backends: ours and one by the specification alone pass, and each fault fails its case."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.conformance.backend_mutants import BACKEND_MUTANTS
from tests.conformance.small_backend import SmallBackend
from tests.conftest import Serve
from twincast.conformance.backend_cases import BACKEND_CASES
from twincast.conformance.backend_cases.kind import BackendCase
from twincast.conformance.backend_run import run_backend_cases
from twincast.conformance.case import CannotRunError, Outcome
from twincast.conformance.line import Backend, Waits
from twincast.conformance.vectors import load_vectors

VECTORS = load_vectors(None)
SECRET = "the secret of the run"

# These wait for the backend's own deadlines, which are short on backends for them alone.
WAITING = {"hello-timeout", "idle"}
SHORT: dict[str, Any] = {"hello_timeout_s": 1.0, "idle_ms": 4_000}
# Of the others these take most time: they are tried on a backend whose fault is theirs, and on those without a fault.
SLOW = {"ack-rate", "most-gaps"}
SIDE_BY_SIDE = 6


def failed(outcomes: list[Outcome]) -> dict[str, str]:
    return {one.case.code: one.note for one in outcomes if one.verdict == "fail"}


def passed(outcomes: list[Outcome]) -> set[str]:
    return {one.case.code for one in outcomes if one.verdict == "pass"}


def without(codes: set[str]) -> list[BackendCase]:
    return [one for one in BACKEND_CASES if one.case.code not in codes]


def only(codes: set[str]) -> list[BackendCase]:
    return [one for one in BACKEND_CASES if one.case.code in codes]


async def test_our_own_backend_passes_every_case(serve: Serve) -> None:
    patient = await serve(access_secret=SECRET)
    hurried = await serve(access_secret=SECRET, hello_timeout_ms=1_000, idle_timeout_ms=4_000)
    run = [
        run_backend_cases(Backend(f"ws://127.0.0.1:{server.port}", VECTORS, SECRET), cases)
        for server, cases in ((patient, without(WAITING)), (hurried, only(WAITING)))
    ]
    outcomes = [one for part in await asyncio.gather(*run) for one in part]
    assert failed(outcomes) == {}
    assert passed(outcomes) == {one.case.code for one in BACKEND_CASES}


async def test_what_a_backend_has_no_use_for_does_not_apply(serve: Serve) -> None:
    server = await serve(allowed_origins="*")
    cases = only({"token-missing", "token-wrong", "wrong-origin", "idle"})
    outcomes = await run_backend_cases(Backend(f"ws://127.0.0.1:{server.port}", VECTORS), cases)
    assert {one.verdict for one in outcomes} == {"not-applicable"}
    assert all(one.case.optional for one in outcomes)


async def test_a_backend_by_the_specification_alone_passes_every_case() -> None:
    outcomes = []
    for overrides, cases in (({}, without(WAITING)), (SHORT, only(WAITING))):
        async with type("Small", (SmallBackend,), overrides)().serving() as url:
            outcomes += await run_backend_cases(Backend(url, VECTORS, SmallBackend.token), cases)
    assert failed(outcomes) == {}
    assert passed(outcomes) == {one.case.code for one in BACKEND_CASES}


def test_every_case_has_a_backend_that_fails_it() -> None:
    assert {code for _, codes in BACKEND_MUTANTS.values() for code in codes} == {one.case.code for one in BACKEND_CASES}


# What a message holds is no matter of most faults: the vectors of theirs, and one more, are enough.
FEW_VECTORS = replace(
    VECTORS,
    chunks=tuple(one for one in VECTORS.chunks if "empty" in one["name"] or "earliest" in one["name"]),
    bad_chunks=tuple(one for one in VECTORS.bad_chunks if "flag" in one["name"] or "version 2" in one["name"]),
    client_messages=tuple(
        one for one in VECTORS.client_messages if "lost worker" in one["name"] or "nothing" in one["name"]
    ),
    bad_client_messages=tuple(one for one in VECTORS.bad_client_messages if "upper case" in one["name"]),
)


async def codes_that_fail(overrides: dict[str, Any], expected: set[str]) -> set[str]:
    waits_matter = expected <= WAITING
    cases = only(WAITING) if waits_matter else without(WAITING | SLOW - expected)
    waits = Waits(answer_s=8, grace_s=1, hello_timeout_s=6)
    async with type("Mutant", (SmallBackend,), (SHORT if waits_matter else {}) | overrides)().serving() as url:
        return set(failed(await run_backend_cases(Backend(url, FEW_VECTORS, SmallBackend.token, waits=waits), cases)))


@pytest.mark.parametrize("part", range(4))
async def test_each_fault_fails_its_cases_and_no_others(part: int) -> None:
    mutants = list(BACKEND_MUTANTS.items())[part::4]
    places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def tried(overrides: dict[str, Any], expected: set[str]) -> set[str]:
        async with places:
            return await codes_that_fail(overrides, expected)

    found = await asyncio.gather(*(tried(*one) for _, one in mutants))
    assert dict(zip([name for name, _ in mutants], found, strict=True)) == {name: codes for name, (_, codes) in mutants}


async def test_where_nobody_answers_it_says_so() -> None:
    with pytest.raises(CannotRunError, match="no WebSocket could be opened"):
        await run_backend_cases(Backend("ws://127.0.0.1:1", VECTORS), BACKEND_CASES)
