"""Runs the application with uvicorn, set up for it."""

import errno
import gc
import signal
import socket
import sys
import threading
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from uvicorn.config import STARTUP_FAILURE

from twincast.app import create_app
from twincast.log.setup import configure_logging
from twincast.server.bounded_connection import bounded_connections
from twincast.server.direct_websocket import DirectWebSocket
from twincast.server.file_limit import max_sockets, raise_file_limit
from twincast.server.hub import Hub
from twincast.server.launchers import launcher_problem
from twincast.settings import Settings, sentences_of
from twincast.sinks.load import SinkConfigurationError
from twincast.wire.chunk import HEADER_BYTES
from twincast.wire.messages import MAX_TEXT_BYTES


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn is to run this app; docs/backend.md has the measurements behind it."""
    return {
        "http": bounded_connections(settings.connection_limits(max_sockets()), settings.trusted_proxies),
        "ws": DirectWebSocket,
        "host": settings.host,
        "port": settings.port,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "ws_per_message_deflate": False,
        # Above both limits of our own, so that the answer to what is too large is an `error` message and not a 1009.
        "ws_max_size": max(2 * settings.max_chunk_bytes + HEADER_BYTES, 2 * MAX_TEXT_BYTES),
        # The wire has its own pings and idle time-out. While a slow sink holds the reader, pongs are not read either.
        "ws_ping_interval": None,
        "timeout_graceful_shutdown": 3,
        "workers": 1,  # whatever WEB_CONCURRENCY says: this is one process
        "log_config": None,
        "server_header": False,
    }


def app_from_environment() -> FastAPI:
    """As `create_app()`; what cannot be served ends the process with a sentence that says what to do."""
    problem = launcher_problem()
    if problem is not None:
        _refuse(problem)
    try:
        return create_app()
    except ValidationError as error:
        _refuse("\n".join(["The backend cannot start with these settings:", *sentences_of(error)]))
    except SinkConfigurationError as error:
        _refuse(f"The backend cannot start: {error}")


def _refuse(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    # With this status uvicorn's supervisor does not start the process again, and again.
    sys.exit(STARTUP_FAILURE)


def _refuse_address(host: str, port: int) -> None:
    """Ends with a sentence where nothing can listen. uvicorn has one too, amid the lines of its start and end."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as probe:
                if sys.platform != "win32":  # where it would let two listen
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except socket.gaierror:
        _refuse(f"HOST: {host} is no address of this machine; 127.0.0.1 is this machine alone, 0.0.0.0 every address.")
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                _refuse(f"PORT: {port} is in use by another program; end that one, or choose another PORT.")
            case errno.EACCES:
                _refuse(f"PORT: this user may not listen on {port}; choose one above 1023.")
            case _:
                pass  # one address of several, perhaps: uvicorn will say


def run(app: FastAPI) -> None:
    """Serves what `create_app` made, with uvicorn set up for it, until SIGINT or SIGTERM."""
    hub: Hub = app.state.hub
    _refuse_address(hub.settings.host, hub.settings.port)
    configure_logging(hub.settings, app.state.log_writer)
    # What the imports made stays for good. The collector need not walk through it again and again: a full collection
    # would stop every stream for 30 ms and more.
    gc.collect()
    gc.freeze()
    raise_file_limit()
    server = uvicorn.Server(uvicorn.Config(app, **uvicorn_options(hub.settings)))

    def end(_number: int, _frame: object) -> None:
        # uvicorn has its own handlers while it runs. Then it raises the signal again, to end by it: but a process that
        # was asked to end, and did so in good order, has no failure to state.
        if not server.started:
            sys.exit()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
    server.run()
