"""The wire `twincast.v1` as plain data: messages and close codes of protocol/README.md, and the binary frame. Pure.

Times are milliseconds since the Unix epoch.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple

SUBPROTOCOL: Final = "twincast.v1"
HEADER_BYTES: Final = 24
MAX_SEQ: Final = 2**32 - 1
MAX_SEGMENT: Final = 2**16 - 1
MAX_TIME_MS: Final = 8.64e15
"""The last moment that an ECMAScript Date can hold."""
MAX_RUNS: Final = 4096
"""Runs, and gaps, that one stream may have: a bound on what a stranger makes the backend remember."""

_VERSION: Final = 1
_FIRST, _LAST, _KEY_FRAME = 1, 2, 4
_HEADER: Final = struct.Struct(">BBHIdd")

StreamKind = Literal["video", "audio"]
GapReason = Literal["outbox-full", "too-far-behind", "too-large"]
EncoderName = Literal["media-recorder", "webcodecs"]
Facing = Literal["user", "environment"]
RunState = Literal["verified", "mismatch", "unknown"]


class ErrorCode(StrEnum):
    """Names of the close codes that this backend sends; the table in protocol/README.md says what a client does."""

    INTERNAL = "internal"
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


class Chunk(NamedTuple):
    """One binary message. `payload` is a view into it: bytes(payload) where it must outlive the message."""

    seq: int
    segment: int
    first: bool
    last: bool
    key_frame: bool
    captured_from_ms: float
    captured_to_ms: float
    payload: memoryview


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of a connection."""

    session: str
    resume_from: int
    token: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Encoder:
    """Which encoder made the segment, and why this one."""

    name: EncoderName
    reason: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One self-initializing run of an encoder, as the client announced it. `orientation` is in degrees."""

    segment: int
    mime_type: str
    started_at: float
    encoder: Encoder | None = None
    codecs: str | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    facing: Facing | None = None
    orientation: float | None = None
    sample_rate: float | None = None
    channels: int | None = None


class Gap(NamedTuple):
    """Chunks `from_seq` to `to_seq`, both included, will never come; they held `ms` milliseconds of media."""

    from_seq: int
    to_seq: int
    ms: float
    reason: GapReason


@dataclass(frozen=True, slots=True)
class Muted:
    """The microphone or camera was muted or unmuted."""

    muted: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """`offset_ms`: the client's estimate of backend clock minus client clock; `rtt_ms`: its smoothed round trip."""

    t: float
    offset_ms: float | None = None
    rtt_ms: float | None = None


class RunClaim(NamedTuple):
    """What the client says it sent of one run: payload bytes and their SHA-256 in lower-case hex."""

    segment: int
    from_seq: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class End:
    """The person pressed Stop. `last_seq` is -1 where the stream had no chunk."""

    last_seq: int
    segments: tuple[RunClaim, ...]


ClientMessage = Hello | Segment | Gap | Muted | Ping | End


class RunResult(NamedTuple):
    """How one run compares with the client's word."""

    segment: int
    from_seq: int
    state: RunState


@dataclass(frozen=True, slots=True)
class Ended:
    """The verdict on a whole stream."""

    chunks: int
    bytes: int
    gaps: tuple[Gap, ...]
    verified: bool
    runs: tuple[RunResult, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What `ready` tells the client about this backend."""

    max_chunk_bytes: int
    window_bytes: int
    ack_every_ms: int
    idle_ms: int


def parse_chunk(data: bytes | bytearray, max_chunk_bytes: int) -> Chunk:
    """Reads a binary message. Raises `bad-message`, or `too-large` with the seq above `max_chunk_bytes` of payload."""
    if len(data) < HEADER_BYTES:
        raise bad_message(f"A chunk has a header of {HEADER_BYTES} bytes; this message has {len(data)}.")
    version, flags, segment, seq, captured_from, captured_to = _HEADER.unpack_from(data)
    if version != _VERSION:
        raise bad_message(f"The chunk has version {version}; this backend reads version {_VERSION}.")
    if len(data) - HEADER_BYTES > max_chunk_bytes:
        size = len(data) - HEADER_BYTES
        raise ProtocolError(
            ErrorCode.TOO_LARGE, f"Chunk {seq} has {size} bytes; at most {max_chunk_bytes} are taken.", seq
        )
    if flags > _FIRST | _LAST | _KEY_FRAME:
        raise bad_message(f"Chunk {seq} sets a reserved flag.", seq)
    if not 0 <= captured_from <= captured_to <= MAX_TIME_MS:
        raise bad_message(f"Chunk {seq} has no possible time of capture: from {captured_from} to {captured_to}.", seq)
    return Chunk(
        seq,
        segment,
        flags & _FIRST != 0,
        flags & _LAST != 0,
        flags & _KEY_FRAME != 0,
        captured_from,
        captured_to,
        (memoryview(data) if isinstance(data, bytes) else memoryview(data).toreadonly())[HEADER_BYTES:],
    )


def bad_message(message: str, seq: int | None = None) -> ProtocolError:
    """A `bad-message` about a chunk, or about anything else."""
    return ProtocolError(ErrorCode.BAD_MESSAGE, message, seq)
