"""Each message of the vectors, good and bad, and what else a message may and may not be."""

import json
import uuid
from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.backend_messages import Pong, Ready
from twincast.conformance.case import BrokenRuleError, require
from twincast.conformance.line import Backend, Line
from twincast.conformance.outgoing import T0_MS, Json, chunk, claim, gap, segment
from twincast.conformance.vectors import Vector

CASES: Final = BackendCases()
_WIRE: Final = "The wire: `twincast.v1`"
_TEXT: Final = "Text: client to backend"
_LIMITS: Final = "at most 512 KiB, nested at most 8 deep, text fields at most 2,000 printable characters"
_MAX_TEXT_BYTES: Final = 512 * 1024
_MAX_TEXT_LENGTH: Final = 2_000
_MAX_DEPTH: Final = 8
_TOO_LARGE_TO_READ: Final = 1009


@CASES.add(
    "good-messages",
    "every good message of the vectors is taken",
    _TEXT,
    "Every message is an object with a `type`. Fields marked ? may be absent, or null, which means the same.",
)
async def takes_every_good_message(backend: Backend) -> str:
    """One on each connection, which answers a ping afterwards, or says what the message asks for."""
    for vector in backend.vectors.client_messages:
        try:
            await _say_good(backend, vector)
        except BrokenRuleError as problem:
            raise BrokenRuleError(f"{vector['name']!r}: {problem}") from None
    return f"{len(backend.vectors.client_messages)} vectors"


async def _say_good(backend: Backend, vector: Vector) -> None:
    message: Json = json.loads(vector["text"])
    async with backend.line() as one:
        match message["type"]:
            case "hello":
                own = {"session": str(uuid.uuid4())} | ({"token": backend.token} if backend.token else {})
                await one.send({**message, **own})
                await one.expect(Ready)
                return
            case "end":
                await one.hello(message["lastSeq"] + 1)
                await one.ended(message["lastSeq"], message["segments"])
                return
            case "gap":
                await one.hello(message["from"])
                await one.send(vector["text"])
                await one.acked(message["to"])
            case _:
                await one.hello()
                await one.send(vector["text"])
        await _is_alive(one)


async def _is_alive(one: Line) -> None:
    await one.send({"type": "ping", "t": T0_MS + 1})
    while (await one.expect(Pong)).t != T0_MS + 1:
        pass


@CASES.add(
    "bad-messages",
    "every bad message of the vectors is refused",
    "Close codes",
    "a message that breaks this page's rules",
)
async def refuses_every_bad_message(backend: Backend) -> str:
    """A hello as the first message, any other after a good hello."""
    for vector in backend.vectors.bad_client_messages:
        async with backend.line() as one:
            if '"hello"' not in vector["text"]:
                await one.hello()
            await one.send(vector["text"])
            try:
                await one.refused("bad-message")
            except BrokenRuleError as problem:
                raise BrokenRuleError(f"{vector['name']!r}: {problem}") from None
    return f"{len(backend.vectors.bad_client_messages)} vectors"


@CASES.add(
    "unknown-fields",
    "fields of later versions are ignored",
    _WIRE,
    "ignored on both sides; an unknown `type` is a `bad-message`",
)
async def ignores_unknown_fields(backend: Backend) -> None:
    """In every message."""
    more: Json = {"later": [1, {"version": 2}]}
    async with backend.line() as one:
        await one.hello(**more)
        await one.send({"type": "ping", "t": T0_MS, **more})
        await one.send({"type": "muted", "muted": False, **more})
        await one.send(gap(0, 0) | more)
        await one.send(segment(1, **more))
        await one.send(chunk(1, b"a", 1, first=True))
        await one.acked(1)
        verdict = await one.ended(1, [claim(1, 1, b"a") | more])
        require(verdict.verified, "the end was not verified.")


@CASES.add("text-limits-kept", "messages up to the limits are taken", _WIRE, _LIMITS)
async def takes_messages_up_to_the_limits(backend: Backend) -> None:
    """The largest, the deepest, the longest."""
    async with backend.line() as one:
        await one.hello(client={"userAgent": "a" * _MAX_TEXT_LENGTH})
        await one.send(_ping_of_bytes(_MAX_TEXT_BYTES))
        await one.expect(Pong)
        await one.send({"type": "ping", "t": T0_MS, "x": _nested(_MAX_DEPTH - 1)})
        await one.expect(Pong)


@CASES.add("text-limits-broken", "messages above the limits are refused", _WIRE, _LIMITS)
async def refuses_messages_above_the_limits(backend: Backend) -> None:
    """Too large, too deep, too long, not printable. What is too large may be so to the WebSocket layer already."""
    messages: dict[str, Json | str] = {
        "a message of more than 512 KiB": _ping_of_bytes(_MAX_TEXT_BYTES + 1),
        "a message nested 9 deep": {"type": "ping", "t": T0_MS, "x": _nested(_MAX_DEPTH)},
        "a text field of 2,001 characters": segment(mimeType="a" * (_MAX_TEXT_LENGTH + 1)),
        "a text field with an escape character": segment(mimeType="video/webm\x1b[31m"),
    }
    due = backend.vectors.close_code("bad-message")
    for name, message in messages.items():
        async with backend.line() as one:
            await one.hello()
            await one.send(message)
            code = (await one.closed(due)).code
            too_large = code == _TOO_LARGE_TO_READ and "KiB" in name
            require(code == due or too_large, f"{name}: {due} is due, but the backend closed with {code}.")


def _ping_of_bytes(size: int) -> str:
    # Of short texts: fields of later versions are ignored, whatever they hold.
    start, word, stop = f'{{"type":"ping","t":{T0_MS},"x":[""', f',"{"a" * 1_000}"', "]}"
    words, rest = divmod(size - len(start) - len(stop), len(word))
    return start + word * words + " " * rest + stop


def _nested(levels: int) -> object:
    value: object = []
    for _ in range(levels - 1):
        value = [value]
    return value


@CASES.add(
    "error-said",
    "a refusal says why before it closes",
    "`error`",
    "What was wrong, then the close frame of the table.",
)
async def says_what_was_wrong(backend: Backend) -> None:
    """With the name of the close code, and a sentence."""
    name = "bad-message"
    broken: tuple[Json, ...] = ({"type": "shout"}, {"type": "muted", "muted": 1})
    for message in broken:
        async with backend.line() as one:
            await one.hello()
            await one.send(message)
            await one.refused(name)
            require(bool(one.errors), f"no `error` came before the close with {name}.")
            error = one.errors[-1]
            require(error.code == name, f"`error` has the code {error.code!r}, the close is {name}.")
            require(" " in error.message.strip(), f"`error` has no sentence: {error.message!r}.")
