"""The begin and the end of what runs beside the connections, under whatever server and within whatever application."""

import asyncio
import socket
from typing import Final
from weakref import WeakKeyDictionary

import uvicorn

from twincast.server.hub import Hub
from twincast.server.launchers import running_uvicorn

_ACCEPTING_TURNS: Final = 10
"""Turns of the event loop after which a connection that was accepted last has its protocol: asyncio needs four."""

_GOODBYE_S: Final = 1.0
"""How long a phone may take to answer its close frame."""

_hubs: WeakKeyDictionary[uvicorn.Server, list[Hub]] = WeakKeyDictionary()


def ensure_started(hub: Hub, anew: bool = False) -> None:
    """Starts the hub where it does not run yet, and lets it end with its server. Cheap to call again.

    The lifespan calls this (`anew`: also where it has ended before), and so does every connection: an application that
    is mounted in another has no lifespan. Under uvicorn every phone is said goodbye before the sockets close. Under
    another server the hub ends with the lifespan, or else with the event loop.
    """
    if hub.start(anew):
        server = running_uvicorn()
        if server is not None:
            _leave_before_shutdown(server, hub)


def _leave_before_shutdown(server: uvicorn.Server, hub: Hub) -> None:
    """Listens no longer, then acknowledges, then lets uvicorn close.

    uvicorn alone says 1012 at once. Acks are coalesced, so the phone would not know of the newest chunks, and would
    send them again to the next process. A phone that is let go while this process still listens would come back to it.
    """
    if server in _hubs:
        _hubs[server].append(hub)
        return
    _hubs[server] = hubs = [hub]
    uvicorns_own = server.shutdown

    async def shutdown(sockets: list[socket.socket] | None = None) -> None:
        for listener in server.servers:
            listener.close()
        for one in hubs:
            one.begin_to_leave()
        # uvicorn tells only those connections to go that it knows. One that was accepted just now it does not know yet.
        for _ in range(_ACCEPTING_TURNS):
            await asyncio.sleep(0)
        await asyncio.gather(*(one.stop() for one in hubs))
        await _closed(server)
        await uvicorns_own(sockets)

    server.shutdown = shutdown  # type: ignore[method-assign]  # uvicorn has no hook before it closes the sockets


async def _closed(server: uvicorn.Server) -> None:
    """Waits until every phone has answered its close frame: uvicorn closes the sockets of those that have not.

    The kernel answers what such a phone still sends with a reset, which can overtake its last ack.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + _GOODBYE_S
    # Nothing tells when a connection has gone; of HTTP there is no close to be answered.
    while loop.time() < until_s and any(  # noqa: ASYNC110
        getattr(one, "close_sent", False) for one in server.server_state.connections
    ):
        await asyncio.sleep(0.01)
