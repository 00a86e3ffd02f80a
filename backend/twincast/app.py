"""The ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from twincast.log.setup import configure_logging, make_writer
from twincast.log.writer import LogWriter
from twincast.server.body_limit import BodyLimit
from twincast.server.connection_reports import ConnectionReports
from twincast.server.cors import OriginCors
from twincast.server.http import http_routes
from twincast.server.http_errors import handle_error
from twincast.server.hub import Hub
from twincast.server.launchers import LauncherCheck
from twincast.server.request_ids import RequestIds
from twincast.server.shutdown import ensure_started
from twincast.server.watch_socket import WatchConnection
from twincast.server.websocket_handlers import StreamConnection
from twincast.settings import Settings
from twincast.sinks.console import Console
from twincast.sinks.console_lines import JsonLines, TextLines, terminal_columns
from twincast.sinks.file import file_sink
from twincast.sinks.load import SinkConfigurationError, load_sinks
from twincast.sinks.sink import SinkFactory
from twincast.wire.message_types import StreamKind

VERSION: Final = "1.0.0"

DESCRIPTION: Final = """Takes the camera and the microphone of phones as two independent live streams.

Media come in over the WebSockets `/ws/video` and `/ws/audio`, which OpenAPI cannot describe: `protocol/README.md` in
the repository specifies them. This page shows the HTTP part.
"""


MAX_BODY_BYTES: Final = 16 * 1024
"""Of an HTTP request; the only one with a body asks for tokens."""


def create_app(settings: Settings | None = None, sinks: Sequence[SinkFactory] | None = None) -> FastAPI:
    """The ASGI application: to `run`, to serve with any ASGI server, or to mount in another application.

    `settings`: read from the environment where None. `sinks`: factories, each of which makes one sink for each
    stream (a class derived from `Sink` is one): exactly these; where None, those that `SINKS` names (the console alone
    by default). Raises `ValidationError` or `SinkConfigurationError` for settings that cannot be.

    Alone, it sends every log line of the process through its own format. Mounted, it leaves logging as it is.
    """
    chosen = settings or Settings()
    writer = make_writer(chosen)
    if sinks is None:
        sinks = load_sinks(chosen.sinks, builtin_sinks(chosen, writer))
    else:
        _check_sinks(chosen, sinks)
    hub = _hub(chosen, sinks)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        configure_logging(chosen, writer)
        try:
            yield
        finally:
            await asyncio.to_thread(writer.close)

    app = FastAPI(
        title="Twincast backend",
        description=DESCRIPTION,
        version=VERSION,
        lifespan=lifespan,
    )
    app.state.hub = hub
    app.state.log_writer = writer
    for error in (HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, handle_error)
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES)
    app.add_middleware(OriginCors, policy=hub.origin_policy)
    app.add_middleware(RequestIds)
    app.add_middleware(LauncherCheck)
    app.add_middleware(ConnectionReports)
    app.include_router(_router(hub))
    return app


def create_router(settings: Settings, sinks: Sequence[SinkFactory]) -> APIRouter:
    """The same routes, for an application of your own: `app.include_router(create_router(...), prefix="/twincast")`.

    They run with that application's lifespan, dependencies, middleware and error handlers; CORS for the HTTP part is
    its own affair. A dependency that is to guard the sockets too takes an `HTTPConnection`.
    """
    _check_sinks(settings, sinks)
    return _router(_hub(settings, sinks))


def _check_sinks(settings: Settings, sinks: Sequence[SinkFactory]) -> None:
    if sinks and settings.log_url is not None:
        raise SinkConfigurationError(
            "sinks: with LOG_URL a backend has only parts of streams. Run them with python -m twincast.consume."
        )


def _hub(settings: Settings, sinks: Sequence[SinkFactory]) -> Hub:
    if settings.log_url is None:
        return Hub(settings, sinks)
    # Who has no engine needs no client of one.
    from twincast.server.fleet_watch import FleetWatch  # noqa: PLC0415
    from twincast.server.redis_store import RedisStore  # noqa: PLC0415

    hub = Hub(settings, sinks, RedisStore)
    if hub.watch.access.is_on and isinstance(hub.store, RedisStore):
        hub.watch.elsewhere = FleetWatch(settings.log_url.get_secret_value(), hub.store, hub.watch)
    return hub


def _router(hub: Hub) -> APIRouter:
    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        ensure_started(hub, anew=True)
        try:
            yield
        finally:
            await hub.stop()

    router = APIRouter(lifespan=lifespan)
    router.include_router(http_routes(hub))
    _add_socket(router, hub, "video")
    _add_socket(router, hub, "audio")

    async def watch(websocket: WebSocket) -> None:
        await WatchConnection(websocket, hub).run()

    router.add_api_websocket_route("/ws/watch", watch, name="watch")
    return router


def _add_socket(router: APIRouter, hub: Hub, kind: StreamKind) -> None:
    async def endpoint(websocket: WebSocket) -> None:
        await StreamConnection(websocket, kind, hub).run()

    router.add_api_websocket_route(f"/ws/{kind}", endpoint, name=kind)


def builtin_sinks(settings: Settings, writer: LogWriter) -> dict[str, Callable[[], SinkFactory]]:
    """What `SINKS` may name without a module."""
    is_json = settings.resolved_log_format == "json"
    lines = JsonLines() if is_json else TextLines(settings.resolved_log_colour, terminal_columns())
    console = Console(writer.write, writer.write_limited, lines, settings.log_lines_per_second)
    return {"console": lambda: console.sink, "file": lambda: file_sink(settings.file_sink_folder)}
