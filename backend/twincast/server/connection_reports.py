"""Tells the server what it cannot see in the bytes of a connection: whose it is, and how far its request has come."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twincast.access.address_limits import client_address
from twincast.server.direct_socket import direct_socket


class ConnectionReports:
    """Middleware around everything else; `scope["client"]` is the client's by then, whatever proxy brought it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = direct_socket(scope)
        client = scope.get("client")
        connection.reached_app()
        connection.identify(client_address(client[0] if client else None))
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
            connection.has_request()

        async def receive_and_report() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                connection.has_request()
            return message

        try:
            await self._app(scope, receive_and_report, send)
        finally:
            connection.has_answered()
