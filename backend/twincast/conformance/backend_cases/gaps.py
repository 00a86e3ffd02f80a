"""Chunks that will never come."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.backend_messages import Ack, ToldGap
from twincast.conformance.case import BrokenRuleError, NotApplicableError, require
from twincast.conformance.line import Backend, Closed
from twincast.conformance.outgoing import chunk, claim, gap, segment

CASES: Final = BackendCases()
_GAP: Final = "`gap`"
_MOST_GAPS: Final = 4_096


@CASES.add(
    "gap-acked",
    "a gap is acknowledged, and told in `ended`",
    _GAP,
    "A gap is acknowledged like a chunk",
)
async def acknowledges_a_gap(backend: Backend) -> None:
    """With what the client said of it."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        await one.send(chunk(0, b"a", first=True))
        await one.send(gap(1, 20, 2_000.5, "too-far-behind"))
        await one.acked(20)
        await one.send(segment(1))
        await one.send(chunk(21, b"b", 1, first=True))
        await one.acked(21)
        verdict = await one.ended(21, [claim(0, 0, b"a"), claim(1, 21, b"b")])
        require(verdict.gaps == (ToldGap(1, 20, 2_000.5, "too-far-behind"),), f"`ended` lists {verdict.gaps}.")
        require(verdict.verified, f"`ended` is not verified: {verdict.ranges}.")


@CASES.add(
    "gap-new-segment",
    "the chunk after a gap is of a new segment",
    _GAP,
    "the chunk after it belongs to a new segment",
)
async def wants_a_new_segment_behind_a_gap(backend: Backend) -> None:
    """What follows would not decode."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        await one.send(chunk(0, first=True))
        await one.send(gap(1, 1))
        await one.send(chunk(2))
        await one.refused("bad-message")


@CASES.add("gap-not-next", "a gap begins at the next seq", _GAP, "`from` is the next seq.")
async def refuses_a_gap_from_the_future(backend: Backend) -> None:
    """What lies between would be lost without a word."""
    async with backend.line() as one:
        await one.hello()
        await one.send(gap(1, 2))
        await one.refused("bad-message")


@CASES.add(
    "gap-overlap",
    "what arrived of a gap is cut off",
    _GAP,
    "what arrived of it is cut off, its `ms` in proportion",
)
async def cuts_off_what_arrived_of_a_gap(backend: Backend) -> None:
    """The client has not got the ack."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        await one.send(chunk(0, b"a", first=True))
        await one.send(gap(0, 3, 400, "too-large"))
        await one.acked(3)
        verdict = await one.ended(3, [claim(0, 0, b"a")])
        require(verdict.gaps == (ToldGap(1, 3, 300, "too-large"),), f"`ended` lists {verdict.gaps}.")


@CASES.add(
    "gap-arrived",
    "a gap of what arrived is only acknowledged",
    _GAP,
    "where all of it arrived, it is only acknowledged",
)
async def acknowledges_a_gap_that_is_none(backend: Backend) -> None:
    """The stream goes on in its segment."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        await one.send(chunk(0, b"a", first=True))
        await one.acked(0)
        await one.send(gap(0, 0, reason="too-large"))
        await one.expect(Ack)
        await one.send(chunk(1, b"b"))
        await one.acked(1)
        verdict = await one.ended(1, [claim(0, 0, b"a", b"b")])
        require(verdict.gaps == (), f"`ended` lists {verdict.gaps}.")
        require(verdict.verified, f"`ended` is not verified: {verdict.ranges}.")


@CASES.add(
    "most-gaps",
    "4,096 gaps are taken, and one more is refused",
    _GAP,
    "One stream has at most 4,096 gaps and 4,096 ranges.",
    optional="so many messages at once are `too-fast` for the backend",
)
async def takes_so_many_gaps(backend: Backend) -> None:
    """A stranger makes the backend remember no more."""
    async with backend.line() as one:
        await one.hello()
        for seq in range(_MOST_GAPS):
            await one.send(gap(seq, seq))
        while not one.acks or one.acks[-1].seq < _MOST_GAPS - 1:
            heard = await one.hear("an ack of 4,096 gaps")
            if isinstance(heard, Closed):
                if heard.code == backend.vectors.close_code("too-fast"):
                    raise NotApplicableError("the backend closed with too-fast.")
                raise BrokenRuleError(f"the backend closed with {heard.code} before 4,096 gaps were acknowledged.")
        await one.send(gap(_MOST_GAPS, _MOST_GAPS))
        await one.refused("bad-message")
