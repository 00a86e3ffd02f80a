"""All that leans on the inside of uvicorn: one method of its WebSocket protocol and two attributes.

tests/test_uvicorn_inside.py names them, and fails where an upgrade takes one away.
"""

from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from twincast.server.bounded_transport import BoundedTransport


class DirectWebSocket(WebSocketsSansIOProtocol):
    """Offers whole binary messages to the handler before they go through a queue and a task."""

    @override
    def handle_bytes(self, event: Frame) -> None:
        transport = self.transport
        if not (event.fin and isinstance(transport, BoundedTransport) and transport.take_bytes(bytes(event.data))):
            super().handle_bytes(event)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # uvicorn does not tell the library, which would keep what has come of an unfinished message: up to a megabyte,
        # in references that go in a circle, until the garbage is collected.
        self.conn.receive_eof()
