"""The run against clients: one by the specification alone passes, and each fault fails its case."""

import asyncio
from typing import Any

import pytest

from tests.conformance.client_mutants import CLIENT_MUTANTS
from tests.conformance.small_client import SmallClient
from twincast.conformance.case import Outcome
from twincast.conformance.client_cases.catalogue import CLIENT_CASES
from twincast.conformance.client_cases.peer import Pace
from twincast.conformance.client_run import ClientRun
from twincast.conformance.vectors import load_vectors

VECTORS = load_vectors(None)
PACE = Pace(patience_s=10, at_once_s=3, away_s=0.7, hold_s=3, quiet_s=1, lag_s=0.1)
SLOW = "client-backs-off"
"""It waits as long as a client that backs off, so it is tried on clients whose fault is that, and on one without."""

SIDE_BY_SIDE = 6


async def outcomes_of(overrides: dict[str, Any], but: set[str]) -> list[Outcome]:
    kind = type("Client", (SmallClient,), overrides)
    run = ClientRun(lambda url: kind().run(url), VECTORS, pace=PACE)
    return await run.outcomes([case for case in CLIENT_CASES if case.code not in but])


async def test_a_client_by_the_specification_alone_passes_every_case() -> None:
    assert {one.case.code: one.note for one in await outcomes_of({}, set()) if one.verdict != "pass"} == {}


async def test_a_client_that_leaves_out_what_it_may_leave_out_passes() -> None:
    hello = SmallClient.hello
    frugal = {
        "hello": lambda self: {name: value for name, value in hello(self).items() if name != "connection"},
        "gives_up": SmallClient.gives_up | SmallClient.drops,
        "size": 100,
    }
    outcomes = await outcomes_of(frugal, {SLOW})
    assert [one for one in outcomes if one.verdict == "fail"] == []
    assert {one.case.code for one in outcomes if one.verdict == "not-applicable"} == {
        one.code for one in CLIENT_CASES if one.optional
    }


async def test_a_client_that_gives_up_with_a_large_chunk_fails() -> None:
    outcomes = await outcomes_of({"gives_up": SmallClient.gives_up | SmallClient.drops, "size": 70_000}, {SLOW})
    assert {one.case.code for one in outcomes if one.verdict == "fail"} == {"client-close-1009", "client-close-4413"}


async def test_another_token_after_4401_is_no_fault() -> None:
    hello = SmallClient.hello
    overrides = {
        "hello": lambda self: hello(self) | {"token": str(self.number)},
        "gives_up": SmallClient.gives_up - {4401},
    }
    outcomes = await outcomes_of(overrides, {one.code for one in CLIENT_CASES} - {"client-close-4401"})
    assert [one.verdict for one in outcomes] == ["pass"]


async def test_a_client_that_shows_nothing_passes_nothing() -> None:
    async def does_not_come(_url: str) -> None:
        pass

    outcomes = await ClientRun(does_not_come, VECTORS, pace=PACE).outcomes()
    verdicts = {one.case.code: one.verdict for one in outcomes}
    assert {verdict for code, verdict in verdicts.items() if "gap" not in code} == {"fail"}


def test_every_case_has_a_client_that_fails_it() -> None:
    assert {code for _, codes in CLIENT_MUTANTS.values() for code in codes} == {one.code for one in CLIENT_CASES}


@pytest.mark.parametrize("part", range(4))
async def test_each_fault_fails_its_cases_and_no_others(part: int) -> None:
    mutants = list(CLIENT_MUTANTS.items())[part::4]
    places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def tried(overrides: dict[str, Any], expected: set[str]) -> set[str]:
        async with places:
            outcomes = await outcomes_of(overrides, set() if SLOW in expected else {SLOW})
        # What was not seen because the life was over is no fault of its own.
        return {one.case.code for one in outcomes if one.verdict == "fail" and not one.note.startswith("not seen")}

    # Waits are told from handshakes by the clock, so those who wait have the loop to themselves.
    crowd = [(name, one) for name, one in mutants if SLOW not in one[1]]
    outcomes = await asyncio.gather(*(tried(*one) for _, one in crowd))
    found = dict(zip([name for name, _ in crowd], outcomes, strict=True))
    found |= {name: await tried(*one) for name, one in mutants if SLOW in one[1]}
    assert found == {name: codes for name, (_, codes) in mutants}
