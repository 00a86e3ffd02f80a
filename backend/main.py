"""The backend: `python main.py`, or `uvicorn main:app` from this folder with the options of `uvicorn_options`."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from api import answer_error, router
from console import ConsoleSink
from console_lines import JsonLines, TextLines
from cors import OriginCors
from file_sink import file_sink
from guarded_http import guarded_http
from guarded_websocket import GuardedWebSocket
from hub import Hub
from log_writer import LogWriter
from logs import configure_logging, make_writer
from protocol import HEADER_BYTES, StreamKind
from request_ids import RequestIds
from server import DrainingServer
from settings import Settings
from sinks import Sink, SinkConfigurationError, load_sinks
from websocket_handlers import MAX_TEXT_BYTES, StreamConnection

DESCRIPTION = """Takes the camera and the microphone of phones as two independent live streams.

Media come in over the WebSockets `/ws/video` and `/ws/audio`, which OpenAPI cannot describe: `protocol/README.md` in
the repository specifies them. This page shows the HTTP part.
"""


MAX_BODY_BYTES: Final = 16 * 1024
"""Of an HTTP request; the only one with a body asks for tokens."""


def create_app(settings: Settings | None = None, sinks: Sequence[Sink] | None = None) -> FastAPI:
    """The ASGI application.

    `settings`: read from the environment where None. `sinks`: exactly these; where None, those that `SINKS` names (the
    console alone by default). Raises `ValidationError` or `SinkConfigurationError` for settings that cannot be.
    """
    chosen = settings or Settings()
    writer = make_writer(chosen)
    if sinks is None:
        sinks = load_sinks(chosen.sinks, {"console": lambda: _console_sink(chosen, writer), "file": file_sink})
    hub = Hub(chosen, sinks)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        configure_logging(chosen, writer)
        sweeper = asyncio.create_task(hub.sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper
            await hub.shut_down()
            await asyncio.to_thread(writer.close)

    app = FastAPI(
        title="Twincast backend",
        description=DESCRIPTION,
        version="1.0.0",
        lifespan=lifespan,
        max_body_size=MAX_BODY_BYTES,
    )
    app.state.hub = hub
    app.state.log_writer = writer
    for error in (HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, answer_error)
    app.add_middleware(OriginCors, policy=hub.origin_policy)
    app.add_middleware(RequestIds)
    app.include_router(router)
    _add_socket(app, hub, "video")
    _add_socket(app, hub, "audio")
    return app


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn is to run this app; docs/backend.md has the measurements behind it."""
    return {
        "http": guarded_http(settings.server_limits),
        "ws": GuardedWebSocket,
        "host": settings.host,
        "port": settings.port,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "ws_per_message_deflate": False,
        # Above both limits of our own, so that the answer to what is too large is an `error` message and not a 1009.
        "ws_max_size": max(2 * settings.max_chunk_bytes + HEADER_BYTES, 2 * MAX_TEXT_BYTES),
        # The wire has its own pings and idle time-out. While a slow sink holds the reader, pongs are not read either.
        "ws_ping_interval": None,
        "timeout_graceful_shutdown": 3,
        "log_config": None,
        "server_header": False,
    }


def _add_socket(app: FastAPI, hub: Hub, kind: StreamKind) -> None:
    async def endpoint(websocket: WebSocket) -> None:
        await StreamConnection(websocket, kind, hub).run()

    app.add_api_websocket_route(f"/ws/{kind}", endpoint, name=kind)


def _console_sink(settings: Settings, writer: LogWriter) -> ConsoleSink:
    lines = JsonLines() if settings.resolved_log_format == "json" else TextLines(settings.resolved_log_colour)
    return ConsoleSink(writer.write, writer.write_limited, lines, settings.log_lines_per_second)


def _app_from_environment() -> FastAPI:
    try:
        return create_app()
    except ValidationError as error:
        sys.exit("\n".join(["The backend cannot start with these settings:", *map(_sentence, error.errors())]))
    except SinkConfigurationError as error:
        sys.exit(f"The backend cannot start: {error}")


def _sentence(problem: ErrorDetails) -> str:
    name = ".".join(map(str, problem["loc"])).upper()
    message = problem["msg"].removeprefix("Value error, ")
    return f"  {name}: {message}" if name else f"  {message}"


def __getattr__(name: str) -> FastAPI:
    # `main:app` reads the environment; made on demand, so that importing create_app does not.
    if name != "app":
        raise AttributeError(name)
    app = globals()["app"] = _app_from_environment()
    return app


def _allow_many_sockets() -> None:
    # A phone has two sockets, and the usual soft limit is 1,024 for the whole process.
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  there is none on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        # macOS says "unlimited" and means OPEN_MAX.
        wanted = 10_240 if hard == resource.RLIM_INFINITY else hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def run(app: FastAPI) -> None:
    """Serves what `create_app` made, with uvicorn set up for it, until SIGINT or SIGTERM."""
    hub: Hub = app.state.hub
    configure_logging(hub.settings, app.state.log_writer)
    # What the imports made stays for good. The collector need not walk through it again and again: a full collection
    # would stop every stream for 30 ms and more.
    gc.collect()
    gc.freeze()
    _allow_many_sockets()
    DrainingServer(uvicorn.Config(app, **uvicorn_options(hub.settings)), hub).run()


if __name__ == "__main__":
    run(_app_from_environment())
