"""A bound on the bodies of HTTP requests, whose answer has the form of every other error."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twincast.server.http_errors import ApiError, answer_error


class BodyLimit:
    """Answers 413 to a request whose body has, or says that it has, more than `max_bytes`."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; everything else passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if int(Headers(scope=scope).get("content-length", "0")) > self._max_bytes:
            await answer_error(self._problem())(scope, receive, send)
            return
        received_bytes = 0

        async def receive_limited() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._max_bytes:
                raise self._problem()
            return message

        await self._app(scope, receive_limited, send)

    def _problem(self) -> ApiError:
        return ApiError(413, "too-large", f"A request may have {self._max_bytes} bytes of body at most.")
