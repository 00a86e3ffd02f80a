"""The end of a stream, and what comes after it."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.backend_messages import EndedMessage
from twincast.conformance.case import BrokenRuleError, require
from twincast.conformance.line import Backend, Line
from twincast.conformance.outgoing import Json, chunk, claim, end, segment

CASES: Final = BackendCases()
_END: Final = "`end`"
_ORDER: Final = "Order and acknowledgement"
_CHAIN: Final = "h_0 is 32 zero bytes, and for each chunk of the range in its order, an empty one as well"
_CLAIMS: Final = (claim(0, 0, b"a", b"b"),)


async def _end(one: Line) -> EndedMessage:
    """A stream of two chunks, from hello to `ended`."""
    await one.hello()
    await one.send(segment())
    await one.send(chunk(0, b"a", first=True))
    await one.send(chunk(1, b"b"))
    await one.acked(1)
    return await one.ended(1, _CLAIMS)


@CASES.add("end", "a stream ends verified, and the socket with 1000", "`ended`", "what this backend took of the stream")
async def verifies_the_end(backend: Backend) -> None:
    """With its chunks, bytes and ranges."""
    async with backend.line() as one:
        verdict = await _end(one)
    counted = (verdict.chunks, verdict.bytes)
    require(counted == (2, 2), f"`ended` counts (chunks, bytes) {counted}; (2, 2) were sent.")
    require(verdict.gaps == (), f"`ended` lists {verdict.gaps}.")
    states = [(one.segment, one.from_seq, one.state) for one in verdict.ranges]
    require(states == [(0, 0, "verified")], f"`ended` has the ranges {states}.")
    require(verdict.verified, "`ended` is not verified.")


@CASES.add("end-chain", "ranges are hashed as the vectors say", _END, _CHAIN)
async def hashes_as_the_vectors_say(backend: Backend) -> str:
    """The empty chunk too."""
    for vector in backend.vectors.chains:
        payloads = [bytes.fromhex(one) for one in vector["payloads"]]
        hashed = {"segment": 0, "from": 0, "bytes": sum(map(len, payloads)), "chain": vector["chain"]}
        async with backend.line() as one:
            await one.hello()
            await one.send(segment())
            for seq, payload in enumerate(payloads):
                await one.send(chunk(seq, payload, first=seq == 0))
            await one.acked(len(payloads) - 1)
            verdict = await one.ended(len(payloads) - 1, [hashed])
            require(verdict.verified, f"{vector['name']!r} was hashed otherwise.")
    return f"{len(backend.vectors.chains)} vectors"


@CASES.add(
    "end-mismatch",
    "a range that differs is a mismatch",
    "`ended`",
    "with state `verified`, `mismatch`, or `unknown`",
)
async def finds_a_range_that_differs(backend: Backend) -> None:
    """In its bytes, in its length, or because nobody claims it."""
    wrong: dict[str, list[Json]] = {
        "another chain": [claim(0, 0, b"a", b"x")],
        "another length": [claim(0, 0, b"a", b"bb")],
        "no claim": [],
    }
    for name, claims in wrong.items():
        async with backend.line() as one:
            await one.hello()
            await one.send(segment())
            await one.send(chunk(0, b"a", first=True))
            await one.send(chunk(1, b"b"))
            await one.acked(1)
            verdict = await one.ended(1, claims)
            states = [one.state for one in verdict.ranges]
            require(states == ["mismatch"] and not verdict.verified, f"{name}: `ended` says {states}.")


@CASES.add(
    "end-maybe-shorter",
    "a record that may be shorter is unknown where it is, and a mismatch where it cannot be",
    "`ended`",
    "the client's `maybeShorter` record of it differs and has no more bytes than arrived",
)
async def knows_a_record_that_may_be_shorter(backend: Backend) -> None:
    """Without its last chunk, without any, without one that is empty, whole, and longer than what arrived."""
    records: dict[str, tuple[Json, str]] = {
        "its last chunks are missing": (claim(0, 0, b"a"), "unknown"),
        "all of it is missing": (claim(0, 0), "unknown"),
        "an empty chunk is missing": (claim(0, 0, b"a", b"b"), "unknown"),
        "it is whole": (claim(0, 0, b"a", b"b", b""), "verified"),
        "it has more": (claim(0, 0, b"a", b"b", b"", b"c"), "mismatch"),
    }
    for name, (record, state) in records.items():
        async with backend.line() as one:
            await one.hello()
            await one.send(segment())
            await one.send(chunk(0, b"a", first=True))
            await one.send(chunk(1, b"b"))
            await one.send(chunk(2, b""))
            await one.acked(2)
            verdict = await one.ended(2, [{**record, "maybeShorter": True}])
            states = [one.state for one in verdict.ranges]
            require(states == [state], f"{name}: `ended` says {states}.")
            require(verdict.verified == (state == "verified"), f"{name}: verified is {verdict.verified}.")


@CASES.add("end-empty", "a stream that had nothing ends as well", _END, "-1 if it had none")
async def ends_a_stream_without_a_chunk(backend: Backend) -> None:
    """Stop was pressed at once."""
    async with backend.line() as one:
        await one.hello()
        verdict = await one.ended(-1, [])
        require((verdict.chunks, verdict.bytes) == (0, 0), f"`ended` counts {verdict.chunks} chunks.")
        require(verdict.verified, "`ended` is not verified.")


@CASES.add("end-elsewhere", "an end at another seq is refused", _END, "`lastSeq`: the highest seq of the stream")
async def refuses_an_end_at_another_seq(backend: Backend) -> None:
    """Before the last chunk, and after it."""
    for last_seq in (-1, 1):
        async with backend.line() as one:
            await one.hello()
            await one.send(segment())
            await one.send(chunk(0, b"a", first=True))
            await one.acked(0)
            await one.send(end(last_seq, [claim(0, 0, b"a")]))
            try:
                await one.refused("bad-message")
            except BrokenRuleError as problem:
                raise BrokenRuleError(f"lastSeq {last_seq} after chunk 0: {problem}") from None


@CASES.add(
    "end-again", "the same end gets the same answer", _ORDER, "sends the same `end` again and gets the same `ended`"
)
async def answers_the_same_end_again(backend: Backend) -> None:
    """To a client that never saw it."""
    async with backend.line() as one:
        first = await _end(one)
    async with backend.line(session=one.session) as again:
        ready = await again.hello(2)
        require((ready.next_seq, ready.resumed) == (2, True), f"nextSeq is {ready.next_seq}; 2 is due.")
        verdict = await again.ended(1, _CLAIMS)
        require(verdict == first, f"the second `ended` is {verdict}, the first was {first}.")


@CASES.add(
    "ended-known-chunk",
    "a known chunk is taken for known after the end too",
    _ORDER,
    "What the backend has already is acknowledged or ignored as ever",
)
async def knows_its_chunks_after_the_end(backend: Backend) -> None:
    """The client may send again what it has no ack of."""
    async with backend.line() as one:
        await _end(one)
    async with backend.line(session=one.session) as again:
        await again.hello(1)
        await again.send(segment())
        await again.send(chunk(1, b"b"))
        await again.ended(1, _CLAIMS)


@CASES.add(
    "ended-new-chunk",
    "nothing new is taken after the end",
    _ORDER,
    "anything new, or another `end`, is `already-ended`",
)
async def takes_nothing_new_after_the_end(backend: Backend) -> None:
    """Not one more chunk."""
    async with backend.line() as one:
        await _end(one)
    async with backend.line(session=one.session) as again:
        await again.hello(2)
        await again.send(segment())
        await again.send(chunk(2))
        await again.refused("already-ended")


@CASES.add(
    "ended-other-end",
    "another end is refused after the end",
    _ORDER,
    "anything new, or another `end`, is `already-ended`",
)
async def takes_no_other_end(backend: Backend) -> None:
    """The verdict stands."""
    async with backend.line() as one:
        await _end(one)
    async with backend.line(session=one.session) as again:
        await again.hello(2)
        await again.send(end(1, [claim(0, 0, b"a", b"x")]))
        await again.refused("already-ended")
