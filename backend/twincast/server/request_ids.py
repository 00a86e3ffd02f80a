"""A short id for every request and every socket, in its log lines and, for HTTP, in its answer."""

import re
import secrets
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = ("x-request-id", "x-railway-request-id")
_SANE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Takes the id that a proxy gave, where it is harmless in a log, or makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request or socket with the id bound to its log lines."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = _given(Headers(scope=scope)) or secrets.token_hex(4)
        structlog.contextvars.bind_contextvars(request=request_id)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)


def _given(headers: Headers) -> str | None:
    for name in _HEADERS:
        value = headers.get(name)
        if value is not None and _SANE.fullmatch(value):
            return value
    return None


def current_request_id() -> str:
    """The id of the request that is being served; empty where there is none."""
    return str(structlog.contextvars.get_contextvars().get("request", ""))
