"""How many connections and sessions one client address may have open."""

import ipaddress
from collections import Counter

from twincast.wire.close_codes import ErrorCode, ProtocolError


class AddressCounts:
    """How many connections, and how many sessions, each client address has open now."""

    def __init__(self, max_connections: int, max_sessions: int) -> None:
        self._max_connections = max_connections
        self._max_sessions = max_sessions
        self._connections: Counter[str] = Counter()
        self._sessions: dict[str, Counter[str]] = {}

    def connect(self, address: str) -> None:
        """Counts a connection. Raises `too-many`, and then it is not counted."""
        if self._connections[address] >= self._max_connections:
            raise _too_many(self._max_connections, "connection")
        self._connections[address] += 1

    def disconnect(self, address: str) -> None:
        """Takes back what `connect` counted."""
        self._connections[address] -= 1
        if self._connections[address] <= 0:
            del self._connections[address]

    def open(self, address: str, session: str) -> None:
        """Counts a stream of `session`; two streams are one session. Raises `too-many`, and then it is not counted."""
        sessions = self._sessions.setdefault(address, Counter())
        if session not in sessions and len(sessions) >= self._max_sessions:
            raise _too_many(self._max_sessions, "session")
        sessions[session] += 1

    def close(self, address: str, session: str) -> None:
        """Takes back what `open` counted."""
        sessions = self._sessions[address]
        sessions[session] -= 1
        if sessions[session] <= 0:
            del sessions[session]
        if not sessions:
            del self._sessions[address]

    def __len__(self) -> int:
        """How many addresses are known: none, when nobody is connected."""
        return len(self._connections.keys() | self._sessions.keys())


def client_address(host: str | None) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 /64, which is what one customer has at least."""
    if host is None:
        return "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def _too_many(count: int, what: str) -> ProtocolError:
    noun = what if count == 1 else f"{what}s"
    return ProtocolError(ErrorCode.TOO_MANY, f"This address has {count} {noun} open; no more are taken now.")
