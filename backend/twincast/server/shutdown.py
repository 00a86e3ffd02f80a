"""uvicorn, with a goodbye: before it closes the sockets, what arrived is acknowledged."""

import socket

import uvicorn

from twincast.server.hub import Hub


class DrainingServer(uvicorn.Server):
    """Acknowledges before it says 1012.

    Acks are coalesced, so at any moment a phone does not know of the newest chunks. uvicorn alone closes at once, and
    the phone would send them again to the next process.
    """

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own, after the goodbye. Connections of the moments between get uvicorn's 1012."""
        await self._hub.drain()
        await super().shutdown(sockets)
