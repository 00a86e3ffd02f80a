"""A real uvicorn in the test's own event loop, with the options that the backend runs with."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn

from twincast import (
    ClosedReason,
    Ended,
    Gap,
    Muted,
    Opened,
    SegmentStart,
    Settings,
    Sink,
    StreamId,
    TakenChunk,
    create_app,
)
from twincast.serve import uvicorn_options

Serve = Callable[..., Awaitable["Server"]]


class RecordingSink(Sink):
    """Everything that a sink is told, as (name, value)."""

    def __init__(self) -> None:
        self.events: list[tuple[StreamId, str, Any]] = []

    def opened(self, stream: StreamId, opened: Opened) -> None:
        self.events.append((stream, "opened", opened))

    def segment(self, stream: StreamId, start: SegmentStart) -> None:
        self.events.append((stream, "segment", start))

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> None:
        self.events.append((stream, "chunk", chunk))

    def gap(self, stream: StreamId, gap: Gap) -> None:
        self.events.append((stream, "gap", gap))

    def muted(self, stream: StreamId, muted: Muted) -> None:
        self.events.append((stream, "muted", muted))

    def ended(self, stream: StreamId, ended: Ended) -> None:
        self.events.append((stream, "ended", ended))

    def closed(self, stream: StreamId, reason: ClosedReason) -> None:
        self.events.append((stream, "closed", reason))

    def of(self, session: str, name: str) -> list[Any]:
        """The values of one kind of event of one session."""
        return [value for stream, event, value in self.events if stream.session == session and event == name]

    def seqs(self, session: str) -> list[int]:
        """The seqs of the chunks of one session."""
        return [chunk.seq for chunk in self.of(session, "chunk")]


class Server:
    """A uvicorn that serves the app in this event loop."""

    def __init__(self, port: int, uvicorn_server: uvicorn.Server, sink: RecordingSink) -> None:
        self.port = port
        self.uvicorn = uvicorn_server
        self.sink = sink
        self.url = f"http://127.0.0.1:{port}"


@asynccontextmanager
async def running(settings: dict[str, Any], sinks: Sequence[Sink]) -> AsyncIterator[Server]:
    """Serves on a free port, and stops as SIGTERM would."""
    recorder = RecordingSink()
    chosen = Settings(_env_file=None, **settings)
    app = create_app(chosen, [recorder, *sinks])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, **uvicorn_options(chosen)))
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        assert not serving.done(), serving.result()
        await asyncio.sleep(0.005)
    try:
        yield Server(listener.getsockname()[1], server, recorder)
    finally:
        server.should_exit = True
        await serving
        listener.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`await serve(sinks=[...], max_chunk_bytes=...)` starts a server that stops with the test."""
    async with AsyncExitStack() as stack:

        async def start(sinks: Sequence[Sink] = (), **settings: Any) -> Server:
            return await stack.enter_async_context(running(settings, sinks))

        yield start


@pytest.fixture(autouse=True)
def _keep_logging() -> Iterator[None]:
    """The app configures the root logger, which belongs to pytest here."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
