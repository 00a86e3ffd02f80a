"""The handshake."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.backend_messages import Ready
from twincast.conformance.case import BrokenRuleError, NotApplicableError, require
from twincast.conformance.line import Backend, Closed
from twincast.conformance.outgoing import chunk, segment

CASES: Final = BackendCases()
_FOREIGN_ORIGIN: Final = "https://no-page-of-yours.invalid"


@CASES.add(
    "subprotocol-selected",
    "the handshake selects the sub-protocol",
    "The wire: `twincast.v1`",
    "`twincast.v1`, offered by the client and selected by the backend",
)
async def selects_the_subprotocol(backend: Backend) -> None:
    """Among others, too."""
    async with backend.line(offers=["other.v1", backend.vectors.subprotocol]) as one:
        chosen = one.socket.subprotocol
        require(chosen == backend.vectors.subprotocol, f"the handshake selected {chosen}.")


@CASES.add(
    "no-compression",
    "compression is declined",
    "The wire: `twincast.v1`",
    "none (`permessage-deflate` is off: media does not compress)",
)
async def declines_compression(backend: Backend) -> None:
    """Clients that cannot help offering it are served without."""
    async with backend.line(compression="deflate") as one:
        response = one.socket.response
        extensions = response.headers.get("Sec-WebSocket-Extensions") if response else None
        require(extensions is None, f"the handshake agreed to {extensions}.")
        await one.hello()


@CASES.add(
    "both-endpoints",
    "video and audio of one session are numbered each for itself",
    "The wire: `twincast.v1`",
    "The two sockets of a session share nothing but the session's UUID and the client's clock.",
)
async def serves_both_streams_of_a_session(backend: Backend) -> None:
    """What one has sent says nothing of the other."""
    async with backend.line("video") as video, backend.line("audio", video.session) as audio:
        await video.hello()
        await video.send(segment())
        await video.send(chunk(0, first=True))
        await video.acked(0)
        ready = await audio.hello()
        require(ready.next_seq == 0, f"audio is told nextSeq {ready.next_seq}, but it has sent nothing.")
        await audio.send(segment(mimeType="audio/webm"))
        await audio.send(chunk(0, first=True))
        await audio.acked(0)
        await video.send(chunk(1))
        await video.acked(1)


@CASES.add(
    "bad-subprotocol",
    "a client that does not offer the sub-protocol is told so",
    "Close codes",
    "`twincast.v1` was not offered",
)
async def closes_without_the_subprotocol(backend: Backend) -> None:
    """By a close code: of a refused handshake a browser learns nothing."""
    for offers in ([], ["other.v1"]):
        async with backend.line(offers=offers) as one:
            await one.refused("bad-subprotocol")


@CASES.add(
    "wrong-origin",
    "a page that is not on the list is told so",
    "Close codes",
    "the page's origin is not on the allow-list",
    optional="the backend lets in every origin",
)
async def closes_for_a_foreign_page(backend: Backend) -> None:
    """By a close code, at the handshake or after hello."""
    async with backend.line(origin=_FOREIGN_ORIGIN) as one:
        await one.send(one.hello_message())
        heard = await one.hear("`ready` or a close")
        while not isinstance(heard, Ready | Closed):
            heard = await one.hear("`ready` or a close")
        if isinstance(heard, Ready):
            raise NotApplicableError(f"{_FOREIGN_ORIGIN} was let in.")
        due = backend.vectors.close_code("wrong-origin")
        if heard.code != due:
            raise BrokenRuleError(f"{due} is due, but the backend closed with {heard.code}.")
