"""Which segment a chunk belongs to."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.line import Backend
from twincast.conformance.outgoing import chunk, segment

CASES: Final = BackendCases()
_SEGMENT: Final = "`segment`"
_GROWS: Final = (
    "Numbers grow by any step and never go back; the same number again on one connection is a `bad-message`."
)


@CASES.add(
    "segment-unannounced",
    "a chunk of a segment that was not announced is refused",
    "Binary: the chunk",
    "the segment announced last on this connection",
)
async def refuses_a_chunk_of_an_unannounced_segment(backend: Backend) -> None:
    """Without any announcement, and of another than the last one."""
    async with backend.line() as one:
        await one.hello()
        await one.send(chunk(0, first=True))
        await one.refused("bad-message")
    async with backend.line() as one:
        await one.hello()
        await one.send(segment(0))
        await one.send(chunk(0, first=True))
        await one.send(segment(3))
        await one.send(chunk(1, segment=0))
        await one.refused("bad-message")


@CASES.add(
    "segment-each-connection",
    "an announcement holds for its connection alone",
    _SEGMENT,
    "before its first chunk, and again after a reconnect for the segment that is being resumed",
)
async def wants_the_segment_on_every_connection(backend: Backend) -> None:
    """Of a stream that is resumed in the middle of it."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        await one.send(chunk(0, first=True))
        await one.acked(0)
        await one.cut()
    async with backend.line(session=one.session) as again:
        await again.hello(1)
        await again.send(chunk(1))
        await again.refused("bad-message")


@CASES.add("segment-numbers", "segments may skip numbers", _SEGMENT, _GROWS)
async def takes_segments_that_skip_numbers(backend: Backend) -> None:
    """By any step."""
    async with backend.line() as one:
        await one.hello()
        for seq, number in enumerate((0, 7, 65_535)):
            await one.send(segment(number))
            await one.send(chunk(seq, segment=number, first=True))
        await one.acked(2)


@CASES.add("segment-repeated", "the same segment is announced once on a connection", _SEGMENT, _GROWS)
async def refuses_a_segment_that_is_announced_again(backend: Backend) -> None:
    """Although nothing of it came yet."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment(2))
        await one.send(segment(2))
        await one.refused("bad-message")


@CASES.add("segment-goes-back", "segments never go back", _SEGMENT, _GROWS)
async def refuses_a_segment_that_goes_back(backend: Backend) -> None:
    """On one connection, and across two."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment(2))
        await one.send(segment(1))
        await one.refused("bad-message")
    async with backend.line() as one:
        await one.hello()
        await one.send(segment(2))
        await one.send(chunk(0, segment=2, first=True))
        await one.acked(0)
        await one.cut()
    async with backend.line(session=one.session) as again:
        await again.hello(1)
        await again.send(segment(1))
        await again.send(chunk(1, segment=1, first=True))
        await again.refused("bad-message")
