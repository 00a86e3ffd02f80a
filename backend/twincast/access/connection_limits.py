"""Bounds on TCP connections: how many, in which state, and which one goes where there is one too many. Pure."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeVar

_PROXY: Final = ""
"""The address of connections whose client is not known yet, because a proxy brought them."""

_SPARE_PER_ADDRESS: Final = 32
"""Connections of one address beyond those that may stream: refused ones that hear why, and HTTP."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Of TCP connections, whatever they carry."""

    handshake_timeout_s: float
    """From connecting, or from the last answer, to a complete request."""

    write_timeout_s: float
    """How long a peer may take nothing of what waits for it."""

    max_request_bytes: int

    max_waiting: int
    """Connections without a complete request. Beyond it one of them goes, so that who speaks at once always gets in."""

    max_per_address: int
    """That stream. What is refused, closes or speaks HTTP has some room beside them."""

    max_connections: int
    """Of the process, below what the operating system allows."""

    max_held_bytes_per_address: int
    """Of what has come and cannot be served yet: requests and messages without an end, and what waits behind others."""

    max_held_bytes: int
    """The same, of the process."""


class ConnectionState(Enum):
    """What a connection is doing. Where there is one too many, the first of these goes first; a stream never does."""

    CLOSING = "closing"
    WAITING = "waiting"
    ANSWERING = "answering"
    STREAMING = "streaming"


_FIRST_TO_GO: Final = (ConnectionState.CLOSING, ConnectionState.WAITING, ConnectionState.ANSWERING)

Connection = TypeVar("Connection")


class ConnectionTable(Generic[Connection]):
    """All connections of a process, by state and client address, oldest first.

    Each method returns the connections that have to go now; they are not counted any more.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._places: dict[Connection, tuple[ConnectionState, str]] = {}
        self._members: dict[ConnectionState, dict[str, dict[Connection, None]]] = {
            state: {} for state in ConnectionState
        }
        self._waiting = 0

    def add(self, connection: Connection, address: str | None) -> list[Connection]:
        """Counts a new connection, which waits for a request. `address`: None where a proxy brings it."""
        self._put(connection, ConnectionState.WAITING, _PROXY if address is None else address)
        return list(self._surplus(connection))

    def move(self, connection: Connection, state: ConnectionState) -> list[Connection]:
        """It does something else now. Does nothing for one that was removed."""
        if connection not in self._places:
            return []
        _, address = self._take(connection)
        self._put(connection, state, address)
        return list(self._surplus(connection))

    def identify(self, connection: Connection, address: str) -> list[Connection]:
        """Its request told the client's address."""
        if connection not in self._places or self._places[connection][1] == address:
            return []
        state, _ = self._take(connection)
        self._put(connection, state, address)
        return list(self._surplus(connection))

    def remove(self, connection: Connection) -> None:
        """It is gone."""
        if connection in self._places:
            self._take(connection)

    def address_of(self, connection: Connection) -> str | None:
        """Whose it is; None where a proxy brought it and its request has not told yet."""
        _, address = self._places.get(connection, (None, _PROXY))
        return None if address == _PROXY else address

    def count(self, state: ConnectionState) -> int:
        """How many are in `state`."""
        return sum(map(len, self._members[state].values()))

    def __len__(self) -> int:
        return len(self._places)

    def _put(self, connection: Connection, state: ConnectionState, address: str) -> None:
        self._places[connection] = (state, address)
        self._members[state].setdefault(address, {})[connection] = None
        self._waiting += state is ConnectionState.WAITING

    def _take(self, connection: Connection) -> tuple[ConnectionState, str]:
        state, address = self._places.pop(connection)
        members = self._members[state][address]
        del members[connection]
        if not members:
            del self._members[state][address]
        self._waiting -= state is ConnectionState.WAITING
        return state, address

    def _surplus(self, newest: Connection) -> Iterator[Connection]:
        state, address = self._places[newest]
        limits = self._limits
        if address != _PROXY and self._of(address) > limits.max_per_address + _SPARE_PER_ADDRESS:
            yield self._drop(self._oldest_of(address, newest) or newest)
        if state is ConnectionState.WAITING and self._waiting > limits.max_waiting:
            yield self._drop(self._oldest(ConnectionState.WAITING, newest) or newest)
        if len(self._places) > limits.max_connections:
            candidates = (self._oldest(state, newest) for state in _FIRST_TO_GO)
            yield self._drop(next((one for one in candidates if one is not None), newest))

    def _drop(self, connection: Connection) -> Connection:
        self.remove(connection)
        return connection

    def _of(self, address: str) -> int:
        return sum(len(self._members[state].get(address, ())) for state in ConnectionState)

    def _oldest_of(self, address: str, newest: Connection) -> Connection | None:
        for state in _FIRST_TO_GO:
            for connection in self._members[state].get(address, ()):
                if connection is not newest:
                    return connection
        return None

    def _oldest(self, state: ConnectionState, newest: Connection) -> Connection | None:
        """The oldest of the address that has most of them: a flood pushes out its own."""
        crowd = max(self._members[state].values(), key=len, default={})
        return next((connection for connection in crowd if connection is not newest), None)


class TrustedProxies:
    """Whose `X-Forwarded-For` is believed, by the same words as uvicorn's `forwarded_allow_ips`."""

    def __init__(self, allowed: str) -> None:
        names = [name.strip() for name in allowed.split(",") if name.strip()]
        self._all = "*" in names
        self._networks = [network for network in map(_network, names) if network is not None]
        self._names = frozenset(names)

    def __contains__(self, host: str) -> bool:
        if self._all or host in self._names:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _network(name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(name)
    except ValueError:
        return None
