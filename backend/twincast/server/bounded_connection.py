"""A TCP connection with bounds, from its first byte to its last, around uvicorn's protocols.

Composition only: uvicorn makes one of these per connection. It makes uvicorn's own HTTP protocol and gives it a
transport of its own, so that whatever that protocol or the WebSocket library behind it does, or forgets to do, has an
end. Between them passes what asyncio specifies; of uvicorn it knows how protocols are made, and that a server that ends
calls `shutdown` of those in `server_state.connections`.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, assert_never, cast

import structlog
from typing_extensions import override
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from twincast.access.address_limits import client_address
from twincast.access.connection_limits import ConnectionLimits, ConnectionState, ConnectionTable, TrustedProxies
from twincast.access.frame_limits import FrameLimitError, FrameLimits
from twincast.server.bounded_transport import BoundedTransport
from twincast.server.collector import Collector
from twincast.server.direct_socket import STATE_KEY
from twincast.server.turns import Turns
from twincast.server.write_deadline import WriteDeadline

_log = structlog.get_logger("twincast.server")

_HTTP_SLICE_BYTES: Final = 4 * 1024
_END_OF_HEAD: Final = b"\r\n\r\n"
"""Requests are passed on one at a time: uvicorn parses all that it is given, and keeps it while one is answered."""

_FRAMES_AT_ONCE: Final = 4
_FRAMES_PER_SLICE: Final = 32
_SLICE_BYTES: Final = 64 * 1024
"""A phone sends a few frames at a time, and they are taken at once. More wait for their turn, in slices: 256 KiB of
empty frames would hold the event loop for a third of a second."""

_READ_AHEAD_BYTES: Final = 64 * 1024
"""uvicorn stops reading after each message until the application asks for the next one: two system calls for each.
To read a little ahead costs none."""

_HIGH_WATER_BYTES: Final = 32 * 1024
"""A peer for which more than this waits does not read, and is not read from either."""

_LINGER_S: Final = 5.0
_MAX_DISCARDED_BYTES: Final = 96 * 2**20
"""After the last word the peer is read from for so long and so much: a reset would overtake what it was told."""

_GOODBYE_S: Final = 1.0
"""The same, while the process ends."""

_SWITCHING_PROTOCOLS: Final = b"HTTP/1.1 101"
_FINAL_TEXT_FRAME: Final = 0x81
_MAX_SHORT_PAYLOAD_BYTES: Final = 125
"""RFC 6455, 5.2: FIN and the text opcode; a payload of up to 125 bytes has its length in the second byte."""

_REFUSAL_BODY: Final = (
    b'{"code":"bad-request","message":"This WebSocket handshake is not valid: too many headers, a header that is too '
    b'long, or a body."}'
)
_REFUSAL: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
    % (len(_REFUSAL_BODY), _REFUSAL_BODY)
)


class _Phase(Enum):
    REQUEST = auto()
    """A request is due, or on its way."""
    ANSWER = auto()
    """The application has the whole request."""
    HANDSHAKE = auto()
    """The head asked for a WebSocket, and nothing was answered yet."""
    OPEN = auto()
    CLOSING = auto()
    LOST = auto()


_TABLE_STATES: Final = {
    _Phase.REQUEST: ConnectionState.WAITING,
    _Phase.ANSWER: ConnectionState.ANSWERING,
    _Phase.HANDSHAKE: ConnectionState.WAITING,
    _Phase.OPEN: ConnectionState.STREAMING,
    _Phase.CLOSING: ConnectionState.CLOSING,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What all connections of a server share."""

    limits: ConnectionLimits
    proxies: TrustedProxies
    table: "ConnectionTable[BoundedConnection]"
    turns: Turns
    collector: Collector


class _OwnState:
    """uvicorn's server state, but for its set of connections: the wrapper is in that, and not what it wraps."""

    def __init__(self, shared: object) -> None:
        self._shared = shared
        self.connections: set[object] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shared, name)


class BoundedConnection(asyncio.Protocol):
    """One connection. Also its handler's `DirectSocket`, and what is behind the inner protocol's transport."""

    def __init__(self, bounds: Bounds, config: object, server_state: Any, app_state: Mapping[str, Any]) -> None:
        self.take_bytes: Callable[[bytes], bool] | None = None
        self._bounds = bounds
        self._loop = asyncio.get_running_loop()
        self._peers: set[object] = server_state.connections
        make_inner = cast("Callable[..., asyncio.Protocol]", AutoHTTPProtocol)
        own_state = {**app_state, STATE_KEY: self}
        self._inner = make_inner(
            config=config, server_state=_OwnState(server_state), app_state=own_state, _loop=self._loop
        )
        self._phase = _Phase.REQUEST
        self._frames = FrameLimits(self._loop.time())
        self._has_reached_app = False
        self._deadline: asyncio.TimerHandle | None = None
        self._request_bytes = 0
        self._discarded_bytes = 0
        self._rest = b""
        self._rest_from = 0
        self._is_paused = False  # by the inner protocol
        self._is_held = False  # the real transport, because enough is waiting here

    # What asyncio tells of the real connection

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        real = cast("asyncio.Transport", transport)  # uvloop's do not derive from it
        self._transport = real
        self._writing = WriteDeadline(real, self._bounds.limits.write_timeout_s, self.drop)
        real.set_write_buffer_limits(_HIGH_WATER_BYTES)
        peer = real.get_extra_info("peername")
        host = str(peer[0]) if isinstance(peer, tuple) else None
        is_proxy = host is None or host in self._bounds.proxies
        self._peers.add(self)
        self._inner.connection_made(BoundedTransport(self, real))
        self._enter(_Phase.REQUEST)
        self._drop_all(self._bounds.table.add(self, None if is_proxy else client_address(host)))

    @override
    def data_received(self, data: bytes) -> None:
        if self._phase is _Phase.CLOSING:
            self._discarded_bytes += len(data)
            if self._discarded_bytes > _MAX_DISCARDED_BYTES:
                self._transport.abort()
        elif self._rest:
            self._keep(self._rest[self._rest_from :] + data)
        elif not self._inner_wants_more:
            self._keep(data)
        else:
            self._pass_on_slice(data, 0, _FRAMES_AT_ONCE)

    @override
    def eof_received(self) -> None:
        if self._phase is not _Phase.CLOSING:
            self._inner.eof_received()

    @override
    def pause_writing(self) -> None:
        self._writing.start()
        self._inner.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._writing.stop()
        self._inner.resume_writing()
        self._go_on()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._enter(_Phase.LOST)
        # Without references in a circle all of it goes now, and not when the garbage is collected.
        lost, self._inner = self._inner, asyncio.Protocol()
        del self._writing
        lost.connection_lost(exc)

    # What uvicorn's server asks of a protocol

    def shutdown(self) -> None:
        """The process ends. Whatever this connection is doing has a moment left."""
        if self._phase is _Phase.HANDSHAKE and not self._has_reached_app:
            self.abort()
            return
        if self._phase is not _Phase.CLOSING:
            cast("Any", self._inner).shutdown()
        self._expect_end_within(_GOODBYE_S, "the process ends")

    # What the inner protocol asks of its transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """As a transport. The first bytes of an answer tell whether a handshake has come to a WebSocket."""
        if self.is_closing():
            return
        self._transport.write(data)
        if self._phase is _Phase.HANDSHAKE and bytes(data[: len(_SWITCHING_PROTOCOLS)]) == _SWITCHING_PROTOCOLS:
            self._enter(_Phase.OPEN)
            self._go_on()

    def close(self) -> None:
        """Sends what was written and an end, and goes on to read until the peer has ended too."""
        if self.is_closing():
            return
        self._enter(_Phase.CLOSING)
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Resets the connection."""
        if self._phase is not _Phase.LOST:
            self._enter(_Phase.CLOSING)
            self._transport.abort()

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._phase in (_Phase.CLOSING, _Phase.LOST) or self._transport.is_closing()

    def pause_reading(self) -> None:
        """The inner protocol wants no more. The transport is stopped only when something comes all the same."""
        self._is_paused = True

    def resume_reading(self) -> None:
        """The inner protocol wants more."""
        self._is_paused = False
        self._go_on()

    @property
    def inner(self) -> asyncio.BaseProtocol:
        """The protocol that is served now."""
        return self._inner

    def set_inner(self, protocol: asyncio.BaseProtocol) -> None:
        """uvicorn's WebSocket protocol takes over, and has read the head already."""
        self._inner = cast("asyncio.Protocol", protocol)
        self._frames = FrameLimits(self._loop.time())
        self._enter(_Phase.HANDSHAKE)
        # Where the library takes the head, the application is called in a task that is scheduled by now. Where it does
        # not, uvicorn 0.54 forgets to answer, and would not survive to be told that the process ends.
        self._loop.call_soon(self._check_handshake)

    def offer(self, data: bytes) -> bool:
        """A whole message, ahead of the inner protocol. Never past one that waits there: it pauses while one does."""
        return self.take_bytes is not None and not self._is_paused and not self.is_closing() and self.take_bytes(data)

    # DirectSocket

    def write_text(self, text: str) -> bool:
        """Writes a text of up to 125 bytes at once, or returns False.

        Acks are most of what is sent. So short a text needs a frame header of two bytes, and none of the machinery.
        """
        payload = text.encode()
        if len(payload) > _MAX_SHORT_PAYLOAD_BYTES or self._phase is not _Phase.OPEN or self._writing.is_running:
            return False
        if self._transport.is_closing():
            return False
        self._transport.write(bytes((_FINAL_TEXT_FRAME, len(payload))) + payload)
        return True

    def identify(self, address: str) -> None:
        """The request told the client's address."""
        self._drop_all(self._bounds.table.identify(self, address))

    def reached_app(self) -> None:
        """The head of a request was good, and the application has it."""
        self._has_reached_app = True

    def has_request(self) -> None:
        """The application has the whole request."""
        if self._phase is _Phase.REQUEST:
            self._enter(_Phase.ANSWER)

    def has_answered(self) -> None:
        """The application is done with the request; the next one may come."""
        if self._phase is _Phase.ANSWER:
            self._enter(_Phase.REQUEST)

    # Turns

    def take_turn(self) -> bool:
        """Passes on a slice of what waits here. Returns whether the next one may follow."""
        if not self._rest or not self._inner_wants_more:
            return False
        self._pass_on_slice(self._rest, self._rest_from, _FRAMES_PER_SLICE)
        return bool(self._rest) and self._inner_wants_more

    # Inside

    @property
    def _inner_wants_more(self) -> bool:
        return (
            not self._is_paused
            and self._phase in (_Phase.REQUEST, _Phase.ANSWER, _Phase.OPEN)
            and not self._writing.is_running
        )

    def _enter(self, phase: _Phase) -> None:
        if self._phase is _Phase.LOST or (self._phase is _Phase.CLOSING and phase is not _Phase.LOST):
            return  # there is no way back
        self._phase = phase
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        limits = self._bounds.limits
        match phase:
            case _Phase.REQUEST:
                self._has_reached_app = False
                self._expect_end_within(limits.handshake_timeout_s, "no complete request in time")
            case _Phase.ANSWER:
                self._request_bytes = 0
            case _Phase.HANDSHAKE:
                self._expect_end_within(limits.handshake_timeout_s, "no answer to the handshake in time")
            case _Phase.OPEN:
                pass  # hello, idle and rates are for the handler to judge
            case _Phase.CLOSING:
                self._rest = b""
                self._bounds.turns.remove(self)
                self._expect_end_within(_LINGER_S, "the peer does not close")
            case _Phase.LOST:
                self._rest = b""
                self._writing.stop()
                self.take_bytes = None
                self._bounds.turns.remove(self)
                self._bounds.table.remove(self)
                self._bounds.collector.lost(self._frames.unfinished_bytes)
                self._peers.discard(self)
                return
            case _:
                assert_never(phase)
        self._drop_all(self._bounds.table.move(self, _TABLE_STATES[phase]))

    def _expect_end_within(self, seconds: float, reason: str) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(seconds, self.drop, reason)

    def drop(self, reason: str) -> None:
        """Resets the connection for a bound that it broke."""
        if self._phase is not _Phase.LOST:
            _log.info("connection dropped", reason=reason)
            self.abort()

    def _drop_all(self, connections: "list[BoundedConnection]") -> None:
        for connection in connections:
            connection.drop("too many connections")

    def _check_handshake(self) -> None:
        if self._phase is _Phase.HANDSHAKE and not self._has_reached_app:
            self._transport.write(_REFUSAL)
            refused, self._inner = self._inner, asyncio.Protocol()
            self.close()
            refused.connection_lost(None)

    def _keep(self, data: bytes) -> None:
        """Keeps what the inner protocol does not want yet."""
        self._rest, self._rest_from = data, 0
        is_http = self._phase is not _Phase.OPEN
        if is_http and len(data) > self._bounds.limits.max_request_bytes:
            self.drop("the request is too large")
        elif len(data) > _READ_AHEAD_BYTES or self._inner_wants_more:
            self._hold()
        if self._inner_wants_more:
            self._bounds.turns.add(self)

    def _hold(self) -> None:
        if not self._is_held and not self.is_closing():
            self._is_held = True
            self._transport.pause_reading()

    def _go_on(self) -> None:
        if not self._inner_wants_more:
            return
        if self._rest:
            self._bounds.turns.add(self)
        elif self._is_held:
            self._is_held = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def _pass_on_slice(self, data: bytes, start: int, max_frames: int) -> None:
        try:
            if self._phase is _Phase.OPEN:
                end = self._frames.slice(data, start, max_frames, _SLICE_BYTES, self._loop.time())
            else:
                end = _end_of_head(data, start)
                self._request_bytes += end - start
                if self._request_bytes > self._bounds.limits.max_request_bytes:
                    raise FrameLimitError("the request is too large")
            rest_from = end if end < len(data) else 0
            part = data if end - start == len(data) else data[start:end]
            self._rest, self._rest_from = (data, rest_from) if rest_from else (b"", 0)
            self._inner.data_received(part)
        except FrameLimitError as error:
            self.drop(str(error))
            return
        except Exception:
            _log.exception("fault in the connection")
            self.abort()
            return
        if self._rest:
            self._hold()
        self._go_on()


def _end_of_head(data: bytes, start: int) -> int:
    stop = min(len(data), start + _HTTP_SLICE_BYTES)
    at = data.find(_END_OF_HEAD, start, stop)
    return stop if at < 0 else at + len(_END_OF_HEAD)


def bounded_connections(limits: ConnectionLimits, proxies: TrustedProxies) -> Callable[..., BoundedConnection]:
    """The `http` option of uvicorn, for one server."""
    bounds = Bounds(limits, proxies, ConnectionTable(limits), Turns(), Collector())

    def make(*, config: object, server_state: Any, app_state: Mapping[str, Any], _loop: object) -> BoundedConnection:
        return BoundedConnection(bounds, config, server_state, app_state)

    return make
