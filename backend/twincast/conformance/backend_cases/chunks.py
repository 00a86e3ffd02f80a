"""Binary messages: the header, sizes, and numbers."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.case import BrokenRuleError, NotApplicableError, require
from twincast.conformance.line import Backend, Line
from twincast.conformance.outgoing import chunk, claim, gap, segment

CASES: Final = BackendCases()
_CHUNK: Final = "Binary: the chunk"
_LARGEST_TRIED: Final = 16 * 2**20
_TOO_LARGE_TO_TRY: Final = "`maxChunkBytes` is above 16 MiB"


@CASES.add(
    "good-chunks",
    "every good chunk of the vectors is taken, and hashed",
    _CHUNK,
    "A 24-byte header, big-endian, then the payload (which may be empty on the last chunk of a segment).",
)
async def takes_every_good_chunk(backend: Backend) -> str:
    """Each in a stream that goes on at its seq."""
    for vector in backend.vectors.chunks:
        want = vector["chunk"]
        try:
            async with backend.line() as one:
                await one.hello(want["seq"])
                await one.send(segment(want["segment"]))
                await one.send(bytes.fromhex(vector["hex"]))
                await one.acked(want["seq"])
                payload = bytes.fromhex(want["payloadHex"])
                verdict = await one.ended(want["seq"], [claim(want["segment"], want["seq"], payload)])
                require(verdict.verified, f"its payload was hashed otherwise: {verdict.ranges}.")
                require((verdict.chunks, verdict.bytes) == (1, len(payload)), f"it was counted as {verdict}.")
        except BrokenRuleError as problem:
            raise BrokenRuleError(f"{vector['name']!r}: {problem}") from None
    return f"{len(backend.vectors.chunks)} vectors"


@CASES.add(
    "bad-chunks",
    "every malformed chunk of the vectors is refused",
    "Close codes",
    "a message that breaks this page's rules",
)
async def refuses_every_malformed_chunk(backend: Backend) -> str:
    """As the first chunk of an announced segment."""
    for vector in backend.vectors.bad_chunks:
        async with backend.line() as one:
            await _announce(one)
            await one.send(bytes.fromhex(vector["hex"]))
            try:
                await one.refused(vector["code"])
            except BrokenRuleError as problem:
                raise BrokenRuleError(f"{vector['name']!r}: {problem}") from None
    return f"{len(backend.vectors.bad_chunks)} vectors"


async def _announce(one: Line) -> int:
    """Begins a stream and its segment 0. Returns `maxChunkBytes`."""
    ready = await one.hello()
    await one.send(segment())
    return ready.limits.max_chunk_bytes


@CASES.add(
    "out-of-order",
    "a chunk from the future is refused",
    _CHUNK,
    "the next one: a lower one is acknowledged and ignored, a higher one is a `bad-message`",
)
async def refuses_a_chunk_from_the_future(backend: Backend) -> None:
    """At the beginning, and later."""
    async with backend.line() as one:
        await _announce(one)
        await one.send(chunk(1))
        await one.refused("bad-message")
    async with backend.line() as one:
        await _announce(one)
        await one.send(chunk(0, first=True))
        await one.acked(0)
        await one.send(chunk(2))
        await one.refused("bad-message")


@CASES.add(
    "largest-chunk",
    "a chunk of maxChunkBytes is taken",
    _CHUNK,
    "The whole message is at most 24 + `maxChunkBytes`",
    optional=_TOO_LARGE_TO_TRY,
)
async def takes_the_largest_chunk(backend: Backend) -> None:
    """The limit is of the payload."""
    async with backend.line() as one:
        limit = await _announce(one)
        if limit > _LARGEST_TRIED:
            raise NotApplicableError(f"maxChunkBytes is {limit}; up to {_LARGEST_TRIED} are tried.")
        await one.send(chunk(0, bytes(limit), first=True))
        await one.acked(0)


@CASES.add(
    "too-large",
    "a chunk above maxChunkBytes is refused by its seq",
    "Close codes",
    "a chunk above `maxChunkBytes`; `error.seq` names it",
    optional=_TOO_LARGE_TO_TRY,
)
async def refuses_a_chunk_that_is_too_large(backend: Backend) -> None:
    """By one byte."""
    async with backend.line() as one:
        limit = await _announce(one)
        if limit > _LARGEST_TRIED:
            raise NotApplicableError(f"maxChunkBytes is {limit}; up to {_LARGEST_TRIED} are tried.")
        await one.send(chunk(0, first=True))
        await one.acked(0)
        await one.send(chunk(1, bytes(limit + 1)))
        await one.refused("too-large")
        named = one.errors[-1].seq if one.errors else None
        require(named == 1, f"`error` names seq {named}; the chunk's is 1.")


@CASES.add(
    "too-large-gap",
    "a stream goes on behind the chunk that was refused",
    "`gap`",
    "Only chunks that were never sent become a gap, and one that was refused",
    optional=_TOO_LARGE_TO_TRY,
)
async def goes_on_behind_a_chunk_that_was_refused(backend: Backend) -> None:
    """It is a gap then."""
    async with backend.line() as one:
        limit = await _announce(one)
        if limit > _LARGEST_TRIED:
            raise NotApplicableError(f"maxChunkBytes is {limit}; up to {_LARGEST_TRIED} are tried.")
        await one.send(chunk(0, bytes(limit + 1), first=True))
        await one.closed()
    async with backend.line(session=one.session) as again:
        ready = await again.hello()
        require(ready.next_seq == 0, f"nextSeq is {ready.next_seq}, but nothing was taken.")
        await again.send(gap(0, 0, reason="too-large"))
        await again.send(segment(1))
        await again.send(chunk(1, segment=1, first=True))
        await again.acked(1)
