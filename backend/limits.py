"""Bounds on what one stranger can use: rates as token buckets, and counts per client address. Pure."""

import ipaddress
from collections import Counter
from dataclasses import dataclass

from protocol import ErrorCode, ProtocolError


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` in the long run, and `burst` at once: a phone that returns from a cut sends its whole outbox."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Of TCP connections, before any handler sees them."""

    handshake_timeout_s: float
    max_request_bytes: int
    max_waiting: int
    """Connections without a complete request. Beyond it the oldest goes, so that who speaks at once always gets in."""


class TokenBucket:
    """Full at first. Times are seconds of any clock that does not go back."""

    __slots__ = ("_at_s", "_rate", "_tokens")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at_s = now_s

    def take(self, amount: float, now_s: float) -> bool:
        """Takes `amount`, or nothing and returns False where there is not enough."""
        if amount > self._tokens:
            # Filled only when it is needed: this runs for every message, and most find enough.
            self._tokens = min(self._rate.burst, self._tokens + (now_s - self._at_s) * self._rate.per_second)
            self._at_s = now_s
            if amount > self._tokens:
                return False
        self._tokens -= amount
        return True


class StreamRates:
    """Bytes and messages of one stream, across its connections."""

    __slots__ = ("_bytes", "_bytes_per_second", "_messages", "_messages_per_second")

    def __init__(self, bytes_rate: Rate, messages_rate: Rate, now_s: float) -> None:
        self._bytes = TokenBucket(bytes_rate, now_s)
        self._messages = TokenBucket(messages_rate, now_s)
        self._bytes_per_second = bytes_rate.per_second
        self._messages_per_second = messages_rate.per_second

    def take(self, size_bytes: int, now_s: float) -> None:
        """Counts one message. Raises `too-fast`."""
        if not self._messages.take(1, now_s):
            raise _too_fast(f"{self._messages_per_second:g} messages")
        if not self._bytes.take(size_bytes, now_s):
            raise _too_fast(f"{self._bytes_per_second:g} bytes")


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
            raise _too_many(f"{self._max_connections} connections")
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
            raise _too_many(f"{self._max_sessions} sessions")
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


def _too_fast(what: str) -> ProtocolError:
    return ProtocolError(ErrorCode.TOO_FAST, f"More than {what} per second, for longer than a burst may last.")


def _too_many(what: str) -> ProtocolError:
    return ProtocolError(ErrorCode.TOO_MANY, f"This address has {what} open; no more are taken now.")
