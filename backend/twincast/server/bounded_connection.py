"""A TCP connection with bounds, from its first byte to its last, around uvicorn's protocols.

Composition only: uvicorn makes one of these per connection. It makes uvicorn's own HTTP protocol and gives it a
transport of its own, so that whatever that protocol or the WebSocket library behind it does, or forgets to do, has an
end. Between them passes what asyncio specifies; of uvicorn it knows how protocols are made, and that a server that ends
calls `shutdown` of those in `server_state.connections`.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import structlog
from typing_extensions import override
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from twincast.access.address_limits import client_address
from twincast.access.connection_limits import ConnectionLimits, ConnectionTable, TrustedProxies
from twincast.access.held_bytes import HeldBytes
from twincast.server.bounded_transport import BoundedTransport
from twincast.server.connection_phase import TABLE_STATES, Phase, time_limit
from twincast.server.deadline import Deadline
from twincast.server.direct_socket import STATE_KEY
from twincast.server.heap import Heap
from twincast.server.refused_handshake import REFUSAL
from twincast.server.short_text import short_text_frame
from twincast.server.sliced_reading import SlicedReading
from twincast.server.turns import Turns
from twincast.server.write_deadline import WriteDeadline

_log = structlog.get_logger("twincast.server")

_HIGH_WATER_BYTES: Final = 32 * 1024
"""A peer for which more than this waits does not read, and is not read from either."""

_MAX_DISCARDED_BYTES: Final = 96 * 2**20
"""What is read after the last word, and thrown away."""

_GOODBYE_S: Final = 1.0
"""How long a connection lasts at most while the process ends."""

_SWITCHING_PROTOCOLS: Final = b"HTTP/1.1 101"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What all connections of a server share."""

    limits: ConnectionLimits
    proxies: TrustedProxies
    table: "ConnectionTable[BoundedConnection]"
    held: "HeldBytes[BoundedConnection]"
    turns: Turns
    heap: Heap


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
        self._phase = Phase.REQUEST
        self._has_reached_app = False
        self._deadline = Deadline(self._loop, self.drop)
        self._last_deadline = Deadline(self._loop, self.drop)
        self._discarded_bytes = 0

    # What asyncio tells of the real connection

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        real = cast("asyncio.Transport", transport)  # uvloop's do not derive from it
        limits = self._bounds.limits
        self._transport = real
        self._reading = SlicedReading(self, real, self._bounds.turns, limits.max_request_bytes, self._loop.time)
        self._writing = WriteDeadline(real, limits.write_timeout_s, self.drop)
        real.set_write_buffer_limits(_HIGH_WATER_BYTES)
        peer = real.get_extra_info("peername")
        host = str(peer[0]) if isinstance(peer, tuple) else None
        is_proxy = host is None or host in self._bounds.proxies
        self._peers.add(self)
        self._inner.connection_made(BoundedTransport(self, real))
        self._enter(Phase.REQUEST)
        self._drop_all(self._bounds.table.add(self, None if is_proxy else client_address(host)))

    @override
    def data_received(self, data: bytes) -> None:
        if self._phase is not Phase.CLOSING:
            self._reading.take(data)
            return
        self._discarded_bytes += len(data)
        if self._discarded_bytes > _MAX_DISCARDED_BYTES:
            self._transport.abort()

    @override
    def eof_received(self) -> None:
        if self._phase is not Phase.CLOSING:
            self._inner.eof_received()

    @override
    def pause_writing(self) -> None:
        self._writing.start()
        self._inner.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._writing.stop()
        self._inner.resume_writing()
        self._reading.go_on()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._enter(Phase.LOST)
        # Without references in a circle all of it goes now, and not when the garbage is collected.
        lost, self._inner = self._inner, asyncio.Protocol()
        del self._writing, self._deadline, self._last_deadline
        lost.connection_lost(exc)

    # What uvicorn's server asks of a protocol

    def shutdown(self) -> None:
        """The process ends. Whatever this connection is doing has a moment left."""
        if self._phase is Phase.HANDSHAKE and not self._has_reached_app:
            self.abort()
            return
        if self._phase is not Phase.CLOSING:
            cast("Any", self._inner).shutdown()
        # Whatever phase comes: an answer that nobody reads would be cancelled by uvicorn, and logged as a fault.
        self._last_deadline.expect(_GOODBYE_S, "the process ends")

    # What the inner protocol asks of its transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """As a transport. The first bytes of an answer tell whether a handshake has come to a WebSocket."""
        if self.is_closing():
            return
        self._transport.write(data)
        if self._phase is Phase.ANSWER:
            self._deadline.cancel()  # it has begun; from here on the peer's reading is what can stop it
        elif self._phase is Phase.HANDSHAKE and bytes(data[: len(_SWITCHING_PROTOCOLS)]) == _SWITCHING_PROTOCOLS:
            self._enter(Phase.OPEN)
            self._reading.go_on()

    def close(self) -> None:
        """Sends what was written and an end, and goes on to read until the peer has ended too."""
        if self.is_closing():
            return
        self._enter(Phase.CLOSING)
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Resets the connection."""
        if self._phase is not Phase.LOST:
            self._enter(Phase.CLOSING)
            self._transport.abort()

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._phase in (Phase.CLOSING, Phase.LOST) or self._transport.is_closing()

    def pause_reading(self) -> None:
        """The inner protocol wants no more."""
        self._reading.pause()

    def resume_reading(self) -> None:
        """The inner protocol wants more."""
        self._reading.resume()

    @property
    def inner(self) -> asyncio.BaseProtocol:
        """The protocol that is served now."""
        return self._inner

    def set_inner(self, protocol: asyncio.BaseProtocol) -> None:
        """uvicorn's WebSocket protocol takes over, and has read the head already."""
        self._inner = cast("asyncio.Protocol", protocol)
        self._reading.begin_websocket()
        self._enter(Phase.HANDSHAKE)
        # Where the library takes the head, the application is called in a task that is scheduled by now. Where it does
        # not, uvicorn 0.54 forgets to answer, and would not survive to be told that the process ends.
        self._loop.call_soon(self._check_handshake)

    def offer(self, data: bytes) -> bool:
        """A whole message, ahead of the inner protocol. Never past one that waits there: it pauses while one does."""
        take = self.take_bytes
        return take is not None and not self._reading.is_paused and not self.is_closing() and take(data)

    # What its reading asks

    @property
    def takes_more(self) -> bool:
        """Whether the inner protocol may be given anything: not in a handshake, nor while the peer does not read."""
        return self._phase in (Phase.REQUEST, Phase.ANSWER, Phase.OPEN) and not self._writing.is_running

    def pass_on(self, data: bytes) -> None:
        """To the inner protocol."""
        try:
            self._inner.data_received(data)
        except Exception:
            _log.exception("fault in the connection")
            self.abort()

    def holds(self, size: int) -> None:
        """So many bytes have come that cannot be served yet."""
        address = self._bounds.table.address_of(self)
        self._drop_all(self._bounds.held.count(self, address, size), "too much is on its way")

    def drop(self, reason: str) -> None:
        """Resets the connection for a bound that it broke."""
        if self._phase is not Phase.LOST:
            _log.info("connection dropped", reason=reason)
            self.abort()

    # DirectSocket

    def write_text(self, text: str) -> bool:
        """Writes a text of up to 125 bytes at once, or returns False."""
        frame = short_text_frame(text)
        return frame is not None and self.write_frame(frame)

    def write_frame(self, frame: bytes) -> bool:
        """Writes a whole frame at once, or returns False."""
        if self._phase is not Phase.OPEN or self._writing.is_running or self._transport.is_closing():
            return False
        self._transport.write(frame)
        return True

    def wait_for_reader(self, seconds: float) -> None:
        """From now on the peer may take nothing for so long."""
        self._writing.timeout_s = seconds

    def identify(self, address: str) -> None:
        """The request told the client's address."""
        self._drop_all(self._bounds.table.identify(self, address))

    def reached_app(self) -> None:
        """The head of a request was good, and the application has it."""
        self._has_reached_app = True

    def has_request(self) -> None:
        """The application has the whole request."""
        if self._phase is Phase.REQUEST:
            self._reading.begin_request()
            self._enter(Phase.ANSWER)

    def has_answered(self) -> None:
        """The application is done with the request; the next one may come."""
        if self._phase is Phase.ANSWER:
            self._has_reached_app = False
            self._enter(Phase.REQUEST)

    # Inside

    def _enter(self, phase: Phase) -> None:
        if self._phase is Phase.LOST or (self._phase is Phase.CLOSING and phase is not Phase.LOST):
            return  # there is no way back
        self._phase = phase
        self._deadline.cancel()
        if phase in (Phase.CLOSING, Phase.LOST):
            self._reading.end()
            self._bounds.held.release(self)
        if phase is Phase.LOST:
            self._last_deadline.cancel()
            self._writing.stop()
            self.take_bytes = None
            self._bounds.table.remove(self)
            self._bounds.heap.freed(self._reading.most_held_bytes)
            self._peers.discard(self)
            return
        limit = time_limit(phase, self._bounds.limits)
        if limit is not None:
            self._deadline.expect(*limit)
        self._drop_all(self._bounds.table.move(self, TABLE_STATES[phase]))

    def _drop_all(self, connections: "Iterable[BoundedConnection]", reason: str = "too many connections") -> None:
        for connection in connections:
            connection.drop(reason)

    def _check_handshake(self) -> None:
        if self._phase is Phase.HANDSHAKE and not self._has_reached_app:
            self._transport.write(REFUSAL)
            refused, self._inner = self._inner, asyncio.Protocol()
            self.close()
            refused.connection_lost(None)


def bounded_connections(limits: ConnectionLimits, proxies: TrustedProxies) -> Callable[..., BoundedConnection]:
    """The `http` option of uvicorn, for one server."""
    held: HeldBytes[BoundedConnection] = HeldBytes(limits.max_held_bytes_per_address, limits.max_held_bytes)
    bounds = Bounds(limits, proxies, ConnectionTable(limits), held, Turns(), Heap())

    def make(*, config: object, server_state: Any, app_state: Mapping[str, Any], _loop: object) -> BoundedConnection:
        return BoundedConnection(bounds, config, server_state, app_state)

    return make
