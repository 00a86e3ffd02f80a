"""Two sockets for one stream."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.case import require
from twincast.conformance.line import Backend
from twincast.conformance.outgoing import chunk, segment

CASES: Final = BackendCases()
_ORDER: Final = "Order and acknowledgement"


@CASES.add(
    "displaced",
    "a newer connection takes the stream over",
    _ORDER,
    "A newer connection for the same stream displaces the older one (4409)",
)
async def gives_the_stream_to_the_newer_socket(backend: Backend) -> None:
    """Without losing anything of it."""
    async with backend.line() as old:
        await old.hello(connection=1)
        await old.send(segment())
        await old.send(chunk(0, first=True))
        await old.acked(0)
        async with backend.line(session=old.session) as new:
            ready = await new.hello(0, connection=2)
            await old.refused("displaced")
            require((ready.next_seq, ready.resumed) == (1, True), f"the newer one is told nextSeq {ready.next_seq}.")
            await new.send(segment())
            await new.send(chunk(1))
            await new.acked(1)


@CASES.add(
    "displaced-overtaken",
    "a hello that was overtaken by its successor's changes nothing",
    _ORDER,
    "It is refused with 4409, and changes nothing for the socket that lives.",
)
async def refuses_a_hello_that_was_overtaken(backend: Backend) -> None:
    """Also where nobody carries the stream any more."""
    async with backend.line() as late, backend.line(session=late.session) as new:
        await new.hello(connection=9)
        await new.send(segment())
        await new.send(chunk(0, first=True))
        await new.acked(0)
        await late.send(late.hello_message(connection=8))
        await late.refused("displaced")
        await new.send(chunk(1))
        await new.acked(1)
        await new.cut()
    async with backend.line(session=late.session) as later:
        await later.send(later.hello_message(connection=8))
        await later.refused("displaced")


@CASES.add(
    "displaced-unnumbered",
    "of sockets that do not count up the last one has the stream",
    _ORDER,
    "The same number again, and no number at all (a client that opens one socket after the other needs none), "
    "are newer than what there is.",
)
async def gives_the_stream_to_the_last_hello(backend: Backend) -> None:
    """No number, and the same number."""
    for number in ({}, {"connection": 3}):
        async with backend.line() as old:
            await old.hello(connection=3)
            async with backend.line(session=old.session) as new:
                await new.hello(**number)
                await old.refused("displaced")
