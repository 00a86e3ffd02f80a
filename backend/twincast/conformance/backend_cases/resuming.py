"""Where a stream goes on after its connection is gone."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.case import require
from twincast.conformance.line import Backend, Line
from twincast.conformance.outgoing import chunk, claim, segment

CASES: Final = BackendCases()
_ORDER: Final = "Order and acknowledgement"


async def _stream(one: Line, *payloads: bytes) -> None:
    """Begins a stream with these chunks, all of which are acknowledged."""
    await one.hello()
    await one.send(segment())
    for seq, payload in enumerate(payloads):
        await one.send(chunk(seq, payload, first=seq == 0))
    await one.acked(len(payloads) - 1)


@CASES.add(
    "resume-after-cut",
    "a stream goes on at its next chunk after a cut, in the same segment and range",
    _ORDER,
    "The backend keeps `nextSeq` per (session, stream), and for a while after a connection ends.",
)
async def goes_on_after_a_cut(backend: Backend) -> None:
    """As if nothing had been."""
    async with backend.line() as one:
        await _stream(one, b"a", b"b")
        await one.cut()
    async with backend.line(session=one.session) as again:
        ready = await again.hello(2)
        require(ready.next_seq == 2, f"chunks 0 and 1 were acknowledged, nextSeq is {ready.next_seq}.")
        require(ready.resumed, "resumed is false.")
        await again.send(segment())
        await again.send(chunk(2, b"c"))
        await again.acked(2)
        verdict = await again.ended(2, [claim(0, 0, b"a", b"b", b"c")])
        require(verdict.verified, f"`ended` is not verified: {verdict.ranges}.")
        require((verdict.chunks, verdict.bytes) == (3, 3), f"`ended` counts {verdict.chunks} chunks.")


@CASES.add(
    "resume-lost-ack",
    "a client that missed an ack is told what arrived",
    "`ready`",
    "`nextSeq`: the client sends from here; everything below is acknowledged.",
)
async def tells_a_client_what_arrived(backend: Backend) -> None:
    """Whatever it believes."""
    async with backend.line() as one:
        await _stream(one, b"a", b"b", b"c")
        await one.cut()
    async with backend.line(session=one.session) as again:
        ready = await again.hello(1)
        require(ready.next_seq == 3, f"chunks 0 to 2 were acknowledged, nextSeq is {ready.next_seq}.")
        require(ready.resumed, "resumed is false.")


@CASES.add(
    "resume-duplicates",
    "chunks that are sent again are not taken twice",
    _ORDER,
    "Chunks below `nextSeq` are acknowledged again and not handed on.",
)
async def takes_no_chunk_twice(backend: Backend) -> None:
    """From a client that begins anew."""
    async with backend.line() as one:
        await _stream(one, b"a", b"b")
        await one.cut()
    async with backend.line(session=one.session) as again:
        await again.hello(0)
        await again.send(segment())
        for seq, payload in enumerate((b"a", b"b", b"c")):
            await again.send(chunk(seq, payload, first=seq == 0))
        await again.acked(2)
        verdict = await again.ended(2, [claim(0, 0, b"a", b"b", b"c")])
        require((verdict.chunks, verdict.bytes) == (3, 3), f"`ended` counts {verdict.chunks} chunks; 3 were sent.")


@CASES.add(
    "resume-above",
    "a client that was elsewhere meanwhile goes on where it says",
    _ORDER,
    "`hello.resumeFrom` above the backend's `nextSeq` means that another backend took the chunks between",
)
async def goes_on_after_another_backend(backend: Backend) -> None:
    """As with an unknown stream."""
    async with backend.line() as one:
        await _stream(one, b"a", b"b")
        await one.cut()
    async with backend.line(session=one.session) as again:
        ready = await again.hello(10)
        require(ready.next_seq == 10, f"resumeFrom is 10, nextSeq {ready.next_seq}.")
        require(not ready.resumed, "resumed is true.")


@CASES.add(
    "range-elsewhere",
    "what another backend took is unknown, and nothing else",
    "`ended`",
    "`verified`: true when every range that this backend saw whole has the client's length and hash, "
    "and it saw them all.",
)
async def knows_what_it_does_not_know(backend: Backend) -> None:
    """The ranges of its own are verified all the same."""
    async with backend.line() as one:
        await _stream(one, b"a", b"b")
        await one.cut()
    async with backend.line(session=one.session) as again:
        await again.hello(4)
        await again.send(segment(1))
        await again.send(chunk(4, b"e", 1, first=True))
        await again.acked(4)
        claims = [claim(0, 0, b"a", b"b"), claim(0, 2, b"c", b"d"), claim(1, 4, b"e")]
        verdict = await again.ended(4, claims)
        states = [(one.segment, one.from_seq, one.state) for one in verdict.ranges]
        want = [(0, 0, "verified"), (0, 2, "unknown"), (1, 4, "verified")]
        require(states == want, f"`ended` says {states}; {want} is so.")
        require(not verdict.verified, "`ended` is verified, although nobody compared a part.")
