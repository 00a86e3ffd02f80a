"""A viewer on a real socket, and a phone that streams a recording."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import Server
from tests.watch.recordings import FORMS, recording
from tests.wire import Json, Phone, frame, segment_message
from twincast import StreamKind
from twincast.watch.channel import seq_of
from twincast.wire.chunk import HEADER_BYTES
from twincast.wire.watch import WATCH_SUBPROTOCOL

FORM = "webcodecs-h264.mkv"
CHUNK_BYTES = 500


class Viewer:
    """One socket that watches."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, message: Json | str | bytes) -> None:
        await self.socket.send(json.dumps(message) if isinstance(message, dict) else message)

    async def watch(self, watch_id: str, kind: StreamKind = "video", **fields: Any) -> Json:
        """Asks for a stream and returns the `watching`."""
        await self.send({"type": "watch", "watchId": watch_id, "kind": kind, **fields})
        return await self.text()

    async def next(self) -> Json | bytes:
        async with asyncio.timeout(10):
            message = await self.socket.recv()
            return message if isinstance(message, bytes) else json.loads(message)

    async def text(self, kind: str | None = None) -> Json:
        """The next text message, or the next one of type `kind`."""
        while True:
            message = await self.next()
            if isinstance(message, dict) and kind in (None, message["type"]):
                return message

    async def upto(self, seq: int) -> tuple[bytes, list[Json]]:
        """Payloads laid end to end since the last `segment`, up to chunk `seq`, and the texts among them."""
        payload = b""
        texts: list[Json] = []
        while True:
            message = await self.next()
            if isinstance(message, bytes):
                payload += message[HEADER_BYTES:]
                if seq_of(message) == seq:
                    return payload, texts
            else:
                texts.append(message)
                if message["type"] == "segment":
                    payload = b""

    async def everything(self) -> list[Json | bytes]:
        """All that comes until the backend closes."""
        got: list[Json | bytes] = []
        with suppress(ConnectionClosed):
            async with asyncio.timeout(60):
                while True:
                    message = await self.socket.recv()
                    got.append(message if isinstance(message, bytes) else json.loads(message))
        return got

    async def closed(self) -> tuple[list[Json], int]:
        """The texts that were still to come, and the close code."""
        texts = []
        try:
            async with asyncio.timeout(15):
                while True:
                    message = await self.socket.recv()
                    if isinstance(message, str):
                        texts.append(json.loads(message))
        except ConnectionClosed as closed:
            return texts, closed.rcvd.code if closed.rcvd else 1006


def narrow_socket(port: int) -> socket.socket:
    """For a viewer that is to notice soon that it does not read: the kernel takes little in its place."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.connect(("127.0.0.1", port))
    return one


@asynccontextmanager
async def viewer(
    port: int, origin: str | None = None, subprotocols: list[str] | None = None, **options: Any
) -> AsyncIterator[Viewer]:
    """A viewer on a new socket."""
    async with connect(
        f"ws://127.0.0.1:{port}/ws/watch",
        origin=origin,  # type: ignore[arg-type]  # a NewType of str
        subprotocols=([WATCH_SUBPROTOCOL] if subprotocols is None else subprotocols) or None,  # type: ignore[arg-type,list-item]
        compression=None,
        proxy=None,
        max_size=None,
        **options,
    ) as socket:
        yield Viewer(socket)


class Streaming:
    """A phone that streams a recording in chunks of `CHUNK_BYTES`."""

    def __init__(self, one: Phone, form: str = FORM) -> None:
        self.phone = one
        self.form = form
        self.data = recording(form)
        self.seq = 0
        self.at = 0
        self.number = 0

    async def begin(self) -> None:
        await self.phone.hello(client={"userAgent": "A phone"})
        await self.segment()

    async def segment(self, number: int = 0) -> None:
        self.number = number
        self.at = 0
        await self.phone.send(segment_message(number, FORMS[self.form][1]))

    async def send(self, chunks: int = 1) -> None:
        """Sends, and waits until it is acknowledged."""
        for _ in range(chunks):
            payload = self.data[self.at : self.at + CHUNK_BYTES]
            await self.phone.send(frame(self.seq, payload, self.number, first=self.at == 0))
            self.seq += 1
            self.at += CHUNK_BYTES
        await self.phone.acked(self.seq - 1)


def watch_id(server: Server, session: str) -> str:
    return server.hub.watch.access.watch_id(session)
