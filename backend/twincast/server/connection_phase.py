"""What a connection is doing, how long that may last, and how it is counted meanwhile."""

from enum import Enum, auto
from typing import Final, assert_never

from twincast.access.connection_limits import ConnectionLimits, ConnectionState

_ANSWER_S: Final = 30.0
"""From a complete request to the first byte of its answer: none of the routes takes a second."""

_LINGER_S: Final = 5.0
"""After the last word the peer is read from for so long: a reset would overtake what it was told."""


class Phase(Enum):
    """From accept to the end."""

    REQUEST = auto()
    """A request is due, or on its way."""
    ANSWER = auto()
    """The application has the whole request."""
    HANDSHAKE = auto()
    """The head asked for a WebSocket, and nothing was answered yet."""
    OPEN = auto()
    CLOSING = auto()
    LOST = auto()


TABLE_STATES: Final = {
    Phase.REQUEST: ConnectionState.WAITING,
    Phase.ANSWER: ConnectionState.ANSWERING,
    Phase.HANDSHAKE: ConnectionState.WAITING,
    Phase.OPEN: ConnectionState.STREAMING,
    Phase.CLOSING: ConnectionState.CLOSING,
}


def time_limit(phase: Phase, limits: ConnectionLimits) -> tuple[float, str] | None:
    """Seconds that the phase may last, and what is wrong after that."""
    match phase:
        case Phase.REQUEST:
            return limits.handshake_timeout_s, "no complete request in time"
        case Phase.ANSWER:
            return _ANSWER_S, "no answer to the request in time"
        case Phase.HANDSHAKE:
            return limits.handshake_timeout_s, "no answer to the handshake in time"
        case Phase.CLOSING:
            return _LINGER_S, "the peer does not close"
        case Phase.OPEN | Phase.LOST:
            return None  # hello, idle and rates are for the handler to judge
        case _:
            assert_never(phase)
