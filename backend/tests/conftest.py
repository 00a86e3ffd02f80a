"""A real uvicorn in the test's own event loop, with the options that the backend runs with."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from twincast import (
    ClosedReason,
    Ended,
    Gap,
    Muted,
    Opened,
    Pending,
    SegmentStart,
    Settings,
    Sink,
    SinkFactory,
    StreamId,
    TakenChunk,
    create_app,
)
from twincast.serve import uvicorn_options
from twincast.server.hub import Hub

Serve = Callable[..., Awaitable["Server"]]


class Recording:
    """Everything that the sinks of a server's streams were told, as (stream, name, value). Also their factory."""

    def __init__(self) -> None:
        self.events: list[tuple[StreamId, str, Any]] = []

    def __call__(self, stream: StreamId) -> Sink:
        return RecordingSink(stream, self)

    def of(self, session: str, name: str) -> list[Any]:
        """The values of one kind of event of one session."""
        return [value for stream, event, value in self.events if stream.session == session and event == name]

    def seqs(self, session: str) -> list[int]:
        """The seqs of the chunks of one session."""
        return [chunk.seq for chunk in self.of(session, "chunk")]


class RecordingSink(Sink):
    """Notes everything that it is told."""

    def __init__(self, stream: StreamId, recording: Recording) -> None:
        super().__init__(stream)
        self._recording = recording

    def opened(self, opened: Opened) -> None:
        self._note("opened", opened)

    def segment(self, start: SegmentStart) -> None:
        self._note("segment", start)

    def chunk(self, chunk: TakenChunk) -> Pending:
        self._note("chunk", chunk)
        return None

    def gap(self, gap: Gap) -> None:
        self._note("gap", gap)

    def muted(self, muted: Muted) -> None:
        self._note("muted", muted)

    def ended(self, ended: Ended) -> None:
        self._note("ended", ended)

    def closed(self, reason: ClosedReason) -> None:
        self._note("closed", reason)

    def _note(self, name: str, value: object) -> None:
        self._recording.events.append((self.stream, name, value))


class Server:
    """A uvicorn that serves the app in this event loop."""

    def __init__(self, port: int, uvicorn_server: uvicorn.Server, sink: Recording, hub: Hub) -> None:
        self.port = port
        self.uvicorn = uvicorn_server
        self.sink = sink
        self.hub = hub
        self.url = f"http://127.0.0.1:{port}"


@asynccontextmanager
async def running(settings: dict[str, Any], sinks: Sequence[SinkFactory]) -> AsyncIterator[Server]:
    """Serves on a free port, and stops as SIGTERM would."""
    recorder = Recording()
    # Times shorter than any that a real phone could keep; the settings themselves refuse them.
    short = {name: value for name, value in settings.items() if name.endswith("_timeout_ms")}
    others = {name: value for name, value in settings.items() if name not in short}
    chosen = Settings(_env_file=None, **others).model_copy(update=short)
    async with running_app(chosen, create_app(chosen, [recorder, *sinks]), recorder) as server:
        yield server


@asynccontextmanager
async def running_app(chosen: Settings, app: FastAPI, recorder: Recording) -> AsyncIterator[Server]:
    """Serves what `create_app` made. `recorder` is among its sinks, if it has any."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, **uvicorn_options(chosen)))
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        assert not serving.done(), serving.result()
        await asyncio.sleep(0.005)
    try:
        yield Server(listener.getsockname()[1], server, recorder, app.state.hub)
    finally:
        server.should_exit = True
        await serving
        listener.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`await serve(sinks=[...], max_chunk_bytes=...)` starts a server that stops with the test."""
    async with AsyncExitStack() as stack:

        async def start(sinks: Sequence[SinkFactory] = (), **settings: Any) -> Server:
            return await stack.enter_async_context(running(settings, sinks))

        yield start


@pytest.fixture(autouse=True)
def _keep_logging() -> Iterator[None]:
    """The app configures the root logger, which belongs to pytest here."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
