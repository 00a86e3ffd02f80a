"""Bounds on connections that have not sent a whole request."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Of TCP connections, before any handler sees them."""

    handshake_timeout_s: float
    max_request_bytes: int
    max_waiting: int
    """Connections without a complete request. Beyond it the oldest goes, so that who speaks at once always gets in."""
