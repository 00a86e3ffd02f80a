"""Close codes of protocol/README.md, and the error that ends a connection with one of them."""

from enum import StrEnum
from typing import Final


class ErrorCode(StrEnum):
    """Names of the close codes that this backend sends; the table in protocol/README.md says what a client does."""

    INTERNAL = "internal"
    TRY_AGAIN_LATER = "try-again-later"
    BAD_MESSAGE = "bad-message"
    UNAUTHORISED = "unauthorised"
    WRONG_ORIGIN = "wrong-origin"
    BAD_SUBPROTOCOL = "bad-subprotocol"
    HELLO_TIMEOUT = "hello-timeout"
    DISPLACED = "displaced"
    ALREADY_ENDED = "already-ended"
    TOO_LARGE = "too-large"
    TOO_FAST = "too-fast"
    IDLE = "idle"
    SINK_FAILED = "sink-failed"
    TOO_MANY = "too-many"


CLOSE_NORMAL: Final = 1000
CLOSE_RESTART: Final = 1012
CLOSE_CODES: Final[dict[ErrorCode, int]] = {
    ErrorCode.INTERNAL: 1011,
    ErrorCode.TRY_AGAIN_LATER: 1013,
    ErrorCode.BAD_MESSAGE: 4400,
    ErrorCode.UNAUTHORISED: 4401,
    ErrorCode.WRONG_ORIGIN: 4403,
    ErrorCode.BAD_SUBPROTOCOL: 4406,
    ErrorCode.HELLO_TIMEOUT: 4408,
    ErrorCode.DISPLACED: 4409,
    ErrorCode.ALREADY_ENDED: 4410,
    ErrorCode.TOO_LARGE: 4413,
    ErrorCode.TOO_FAST: 4429,
    ErrorCode.IDLE: 4440,
    ErrorCode.SINK_FAILED: 4500,
    ErrorCode.TOO_MANY: 4503,
}


class ProtocolError(Exception):
    """Ends a connection: a stable code, a sentence for a developer, and the chunk it is about, if any."""

    def __init__(self, code: ErrorCode, message: str, seq: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.seq = seq

    @property
    def close_code(self) -> int:
        """The WebSocket close code of the table in protocol/README.md."""
        return CLOSE_CODES[self.code]


def bad_message(message: str, seq: int | None = None) -> ProtocolError:
    """A `bad-message` about a chunk, or about anything else."""
    return ProtocolError(ErrorCode.BAD_MESSAGE, message, seq)
