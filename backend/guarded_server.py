"""uvicorn's HTTP and WebSocket protocols with the bounds that uvicorn does not have.

What says nothing, or only half a request, is dropped; many frames at once do not hold up the event loop; control
frames have a rate; and a handler can abort a socket whose peer does not read. Written against the pinned uvicorn: the
attributes used here are its own, and tests/test_guarded_server.py fails when one changes its meaning.
"""

import asyncio
from typing import Any, Final

import structlog
from starlette.types import Scope
from typing_extensions import override
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from limits import Rate, ServerLimits, TokenBucket
from protocol import CLOSE_RESTART

_log = structlog.get_logger("twincast.server")

ABORT_EXTENSION: Final = "twincast.abort"
"""Key in an ASGI scope's extensions: a function that resets the connection at once."""

_SLICE_BYTES: Final = 16 * 1024
"""Frames are parsed this much at a time, and other sockets get their turn between: 256 KiB of empty frames take a third
of a second."""

_CONTROL_FRAMES: Final = Rate(per_second=2, burst=20)
"""Pings and pongs. Browsers send none of their own accord; proxies send a few per minute."""

_MAX_AFTER_CLOSE_BYTES: Final = 16 * 2**20
"""What may still arrive after our close frame: more than socket buffers hold. A reset could eat the close frame."""


_GOODBYE_S: Final = 1.0
"""How long a phone may take to answer the close frame of a process that ends."""


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


class GuardedWebSocket(WebSocketsSansIOProtocol):
    """Parses in slices, bounds control frames, and lends the handler a way to abort."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rest = b""
        self._control_frames = TokenBucket(_CONTROL_FRAMES, self.loop.time())
        self._after_close_bytes = 0

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            scope: Scope = self.scope  # type: ignore[assignment]
            scope["extensions"][ABORT_EXTENSION] = self.transport.abort

    @override
    def data_received(self, data: bytes) -> None:
        if self.close_sent:
            self._after_close_bytes += len(data)
            if self._after_close_bytes > _MAX_AFTER_CLOSE_BYTES:
                self.transport.abort()
                return
        if self._rest:
            self._rest += data
            self.transport.pause_reading()
        elif len(data) <= _SLICE_BYTES:
            super().data_received(data)
        else:
            self.transport.pause_reading()
            self._feed(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._rest = b""
        super().connection_lost(exc)

    @override
    def shutdown(self) -> None:
        # uvicorn's own closes the socket right behind the close frame. Where the phone is still sending, the kernel
        # answers that with a reset, which can overtake the frame: 1006 instead of 1012. So wait for the phone's answer.
        if not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        if not self.close_sent:
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CLOSE_RESTART})
            self.conn.send_close(CLOSE_RESTART)
            self.transport.write(b"".join(self.conn.data_to_send()))
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(_GOODBYE_S, self.transport.close)
        if not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    @override
    async def receive(self) -> ASGIReceiveEvent:
        message = await self.queue.get()
        # As the overridden method, but what was read already comes first.
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            if not self._rest:
                self.transport.resume_reading()
        return message

    @override
    def handle_ping(self) -> None:
        if self._control_frame_fits():
            super().handle_ping()

    @override
    def handle_pong(self, event: Frame) -> None:
        if self._control_frame_fits():
            super().handle_pong(event)

    def _feed(self, data: bytes) -> None:
        self._rest = data[_SLICE_BYTES:]
        super().data_received(data[:_SLICE_BYTES])
        if self._rest:
            self.loop.call_soon(self._feed_rest)
        elif not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _feed_rest(self) -> None:
        if self._rest:
            self._feed(self._rest)

    def _control_frame_fits(self) -> bool:
        if self._control_frames.take(1, self.loop.time()):
            return True
        if not self.transport.is_closing():
            _log.info("connection dropped", reason="too many control frames")
            self.transport.abort()
        return False


def guarded_protocols(limits: ServerLimits) -> tuple[type[GuardedHttp], type[GuardedWebSocket]]:
    """The `http` and `ws` options of uvicorn, for one server."""
    http = type("GuardedHttp", (GuardedHttp,), {"limits": limits, "waiting": _Waiting(limits.max_waiting)})
    return http, GuardedWebSocket
