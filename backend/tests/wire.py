"""The client's side of the wire, for tests: frames, messages, and a phone on a real socket."""

import asyncio
import hashlib
import json
import struct
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from twincast.wire.message_types import SUBPROTOCOL, StreamKind

Json = dict[str, Any]
T0_MS = 1_763_836_800_000.0


def frame(
    seq: int,
    payload: bytes = b"media",
    segment: int = 0,
    first: bool = False,
    last: bool = False,
    key_frame: bool = False,
    captured_from_ms: float = T0_MS,
    captured_to_ms: float | None = None,
) -> bytes:
    """A chunk as bytes."""
    flags = first | last << 1 | key_frame << 2
    to_ms = captured_from_ms if captured_to_ms is None else captured_to_ms
    return struct.pack(">BBHIdd", 1, flags, segment, seq, captured_from_ms, to_ms) + payload


def masked(opcode: int, payload: bytes = b"") -> bytes:
    """A client's WebSocket frame, masked with zeros."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65_536:
        length = b"\xfe" + struct.pack(">H", size)
    else:
        length = b"\xff" + struct.pack(">Q", size)
    return bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload


def upgrade_request(kind: str, headers: str = "") -> bytes:
    """A handshake, for tests that need a bare socket."""
    return (
        f"GET /ws/{kind} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n{headers}\r\n"
    ).encode()


def segment_message(segment: int = 0, mime_type: str = "video/webm;codecs=vp8", **fields: Any) -> Json:
    """A `segment`."""
    return {"type": "segment", "segment": segment, "mimeType": mime_type, "startedAt": T0_MS, **fields}


def claim(segment: int, from_seq: int, *payloads: bytes) -> Json:
    """An entry of `end`, with the payload of each chunk."""
    return {
        "segment": segment,
        "from": from_seq,
        "bytes": sum(map(len, payloads)),
        "chain": chain_of(payloads),
    }


def chain_of(payloads: Iterable[bytes]) -> str:
    """The hash of a range with these payloads, in hex."""
    link = bytes(32)
    for payload in payloads:
        link = hashlib.sha256(link + payload).digest()
    return link.hex()


async def eventually(condition: Callable[[], bool | Awaitable[bool]], timeout_s: float = 10) -> None:
    """Waits until `condition()` holds, for what cannot be awaited: another process, or the far end of a socket."""
    async with asyncio.timeout(timeout_s):
        while True:
            result = condition()
            if result if isinstance(result, bool) else await result:
                return
            await asyncio.sleep(0.01)


class Phone:
    """One socket that speaks the wire, badly where a test wants it to."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self.socket = socket
        self.session = session

    async def send(self, message: Json | str | bytes) -> None:
        """Sends an object as JSON, and anything else as it is."""
        await self.socket.send(json.dumps(message) if isinstance(message, dict) else message)

    async def receive(self, kind: str | None = None) -> Json:
        """The next message, or the next one of type `kind`."""
        async with asyncio.timeout(10):
            while True:
                message: Json = json.loads(await self.socket.recv())
                if kind is None or message["type"] == kind:
                    return message

    async def hello(self, resume_from: int = 0, **fields: Any) -> Json:
        """Says hello and returns the `ready`."""
        await self.send({"type": "hello", "session": self.session, "resumeFrom": resume_from, **fields})
        return await self.receive()

    async def acked(self, seq: int) -> None:
        """Waits until `seq` is acknowledged."""
        while (await self.receive("ack"))["seq"] < seq:
            pass

    async def ping(self) -> Json:
        """Returns the pong to a ping of now."""
        await self.send({"type": "ping", "t": time.time() * 1000, "offsetMs": 0})
        return await self.receive("pong")

    async def closed(self) -> tuple[list[Json], int]:
        """The messages that were still to come, and the close code."""
        messages = []
        try:
            async with asyncio.timeout(15):
                while True:
                    messages.append(json.loads(await self.socket.recv()))
        except ConnectionClosed as closed:
            return messages, closed.rcvd.code if closed.rcvd else 1006


@asynccontextmanager
async def phone(
    port: int,
    kind: StreamKind = "video",
    session: str | None = None,
    origin: str | None = None,
    subprotocols: list[str] | None = None,
    prefix: str = "",
    **options: Any,
) -> AsyncIterator[Phone]:
    """A phone on a new socket, at `/ws/…` beneath `prefix`."""
    async with connect(
        f"ws://127.0.0.1:{port}{prefix}/ws/{kind}",
        origin=origin,  # type: ignore[arg-type]  # a NewType of str
        subprotocols=([SUBPROTOCOL] if subprotocols is None else subprotocols) or None,  # type: ignore[arg-type,list-item]
        compression=None,
        proxy=None,
        max_size=None,
        **options,
    ) as socket:
        yield Phone(socket, session or str(uuid.uuid4()))
