"""uvicorn's HTTP protocol with the bounds that it does not have: what says nothing, or half a request, is dropped.

Written against the pinned uvicorn: the attributes used here are its own, and tests/test_guarded_server.py fails when
one changes its meaning.
"""

import asyncio

import structlog
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from twincast.access.handshake_limits import ServerLimits

_log = structlog.get_logger("twincast.server")


class _Waiting:
    """The connections that have not sent a complete request yet, oldest first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._connections: dict[GuardedHttp, None] = {}

    def add(self, connection: "GuardedHttp") -> None:
        """Counts it, and drops the oldest where it is one too many."""
        self._connections[connection] = None
        if len(self._connections) > self._limit:
            next(iter(self._connections)).drop("too many connections wait")

    def remove(self, connection: "GuardedHttp") -> None:
        """Its request is complete, or it is gone."""
        self._connections.pop(connection, None)


class GuardedHttp(HttpToolsProtocol):
    """Drops a connection whose request does not come, is too slow or too large."""

    limits: ServerLimits
    waiting: _Waiting
    _timer: asyncio.TimerHandle | None = None
    _request_bytes = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_request()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._request_is_complete()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._timer is None:
            self._expect_request()  # another one on a kept connection
        self._request_bytes += len(data)
        if self._request_bytes > self.limits.max_request_bytes:
            self.drop("the request is too large")
            return
        super().data_received(data)

    @override
    def on_message_complete(self) -> None:
        self._request_is_complete()
        super().on_message_complete()

    @override
    def handle_websocket_upgrade(self) -> None:
        self._request_is_complete()
        super().handle_websocket_upgrade()

    def drop(self, reason: str) -> None:
        """Resets the connection."""
        self._request_is_complete()
        if not self.transport.is_closing():
            _log.info("connection dropped", reason=reason)
            self.transport.abort()

    def _expect_request(self) -> None:
        self._request_bytes = 0
        self._timer = self.loop.call_later(self.limits.handshake_timeout_s, self.drop, "no complete request in time")
        self.waiting.add(self)

    def _request_is_complete(self) -> None:
        self._request_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.waiting.remove(self)


def guarded_http(limits: ServerLimits) -> type[GuardedHttp]:
    """The `http` option of uvicorn, for one server."""
    return type("GuardedHttp", (GuardedHttp,), {"limits": limits, "waiting": _Waiting(limits.max_waiting)})
