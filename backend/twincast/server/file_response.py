"""A file that may grow while it is sent."""

from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override


class GrowingFileResponse(FileResponse):
    """As Starlette's, with its ranges; but of what is written meanwhile nothing is sent beyond the stated length."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = 0

        async def send_within_length(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.start":
                left = int(dict(message["headers"]).get(b"content-length", b"0"))
            elif message["type"] == "http.response.body":
                body = message.get("body", b"")[:left]
                left -= len(body)
                message = {**message, "body": body}
            await send(message)

        await super().__call__(scope, receive, send_within_length)
