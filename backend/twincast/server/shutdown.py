"""The begin and the end of what runs beside the connections, under whatever server and within whatever application."""

import signal
import socket

import uvicorn

from twincast.server.hub import Hub


def ensure_started(hub: Hub) -> None:
    """Starts the hub where it does not run yet, and lets it end with its server. Cheap to call again.

    The lifespan calls this, and so does every connection: an application that is mounted in another has no lifespan.
    Under uvicorn every phone is said goodbye before the sockets close. Under another server the hub ends with the
    lifespan, or else with the event loop.
    """
    if hub.start():
        server = _running_uvicorn()
        if server is not None:
            _drain_before_shutdown(server, hub)


def _running_uvicorn() -> uvicorn.Server | None:
    """The server that runs this process, known by the signals that it handles."""
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, uvicorn.Server) else None


def _drain_before_shutdown(server: uvicorn.Server, hub: Hub) -> None:
    """Acknowledges before uvicorn says 1012.

    Acks are coalesced, so at any moment a phone does not know of the newest chunks. uvicorn alone closes at once, and
    the phone would send them again to the next process. Connections of the moments between get uvicorn's 1012.
    """
    uvicorns_own = server.shutdown

    async def shutdown(sockets: list[socket.socket] | None = None) -> None:
        await hub.drain()
        await hub.stop()
        await uvicorns_own(sockets)

    server.shutdown = shutdown  # type: ignore[method-assign]  # uvicorn has no hook before it closes the sockets
