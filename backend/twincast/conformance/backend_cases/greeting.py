"""`hello` and `ready`, and who may say it."""

from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.backend_messages import Pong
from twincast.conformance.case import NotApplicableError, require
from twincast.conformance.line import Backend
from twincast.conformance.outgoing import T0_MS, chunk, segment

CASES: Final = BackendCases()
_MIN_CHUNK_BYTES: Final = 65_536
_HELLO: Final = "`hello`"


@CASES.add(
    "ready-to-new",
    "a new stream begins at 0, and is not resumed",
    "`ready`",
    "`resumed`: true when the backend knew the stream up to `resumeFrom`.",
)
async def greets_a_new_stream(backend: Backend) -> None:
    """Which nobody can know."""
    async with backend.line() as one:
        ready = await one.hello()
        require(ready.next_seq == 0, f"nextSeq is {ready.next_seq}.")
        require(not ready.resumed, "resumed is true.")


@CASES.add(
    "ready-to-unknown",
    "an unknown stream goes on where the client says",
    "`ready`",
    "it takes `resumeFrom` as its `nextSeq`",
)
async def goes_on_with_a_stream_that_it_does_not_know(backend: Backend) -> None:
    """As after the backend was started anew."""
    async with backend.line() as one:
        ready = await one.hello(1_284)
        require(ready.next_seq == 1_284, f"resumeFrom is 1284, nextSeq {ready.next_seq}.")
        require(not ready.resumed, "resumed is true.")
        await one.send(segment())
        await one.send(chunk(1_284))
        await one.acked(1_284)


@CASES.add(
    "chunk-limit",
    "chunks of 65,536 bytes are taken by every backend",
    "Binary: the chunk",
    "`maxChunkBytes`, which is never below 65,536",
)
async def takes_chunks_that_are_large_enough(backend: Backend) -> str:
    """What `ready` says."""
    async with backend.line() as one:
        limit = (await one.hello()).limits.max_chunk_bytes
        require(limit >= _MIN_CHUNK_BYTES, f"maxChunkBytes is {limit}.")
        return f"maxChunkBytes is {limit}"


@CASES.add("hello-first", "nothing is taken before hello", _HELLO, "First message of every connection.")
async def wants_hello_first(backend: Backend) -> None:
    """Neither text nor a chunk."""
    for first in (chunk(0, first=True), segment(), {"type": "ping", "t": T0_MS}):
        async with backend.line() as one:
            await one.send(first)
            await one.refused("bad-message")


@CASES.add("hello-once", "hello is said once", _HELLO, "First message of every connection.")
async def takes_hello_once(backend: Backend) -> None:
    """The same again breaks the rule as well."""
    async with backend.line() as one:
        await one.hello()
        await one.send(one.hello_message())
        await one.refused("bad-message")


@CASES.add(
    "token-missing",
    "without a token nobody streams",
    "Close codes",
    "token missing, wrong or expired",
    optional="no --token was given",
)
async def closes_without_a_token(backend: Backend) -> None:
    """Null is none."""
    if backend.token is None:
        raise NotApplicableError("give --token, for a backend that wants one.")
    async with backend.line() as one:
        await one.send({"type": "hello", "session": one.session, "resumeFrom": 0, "token": None})
        await one.refused("unauthorised")


@CASES.add(
    "token-wrong",
    "with a wrong token nobody streams",
    "Close codes",
    "token missing, wrong or expired",
    optional="no --token was given",
)
async def closes_for_a_wrong_token(backend: Backend) -> None:
    """One that only begins like the right one is wrong."""
    if backend.token is None:
        raise NotApplicableError("give --token, for a backend that wants one.")
    async with backend.line() as one:
        await one.send(one.hello_message(token=backend.token + "x"))
        await one.refused("unauthorised")


@CASES.add("ping", "each ping gets its pong", "`pong`", "`t` is the ping's.")
async def answers_pings(backend: Backend) -> None:
    """With and without an estimate."""
    async with backend.line() as one:
        await one.hello()
        for number, estimate in enumerate(({}, {"offsetMs": -12.5, "rttMs": 31.25})):
            t = T0_MS + number * 2_000.25
            await one.send({"type": "ping", "t": t, **estimate})
            pong = await one.expect(Pong)
            require(pong.t == t, f"the ping has t {t}, the pong {pong.t}.")
