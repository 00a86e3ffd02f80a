"""The wire `twincast.v1` as plain data: what the bytes and texts of protocol/README.md mean. Pure.

Times are milliseconds since the Unix epoch. `parse_*` raises `ProtocolError` and nothing else, whatever it is given.
"""

import json
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from json_fields import (
    MAX_TIME_MS,
    FieldError,
    JsonObject,
    boolean,
    choice,
    integer,
    nested,
    non_empty_text,
    number,
    object_list,
    optional,
    read_object,
    text,
)

SUBPROTOCOL: Final = "twincast.v1"
HEADER_BYTES: Final = 24
MAX_SEQ: Final = 2**32 - 1
MAX_SEGMENT: Final = 2**16 - 1
MAX_RUNS: Final = 4096
"""Runs, and gaps, that one stream may have: a bound on what a stranger makes the backend remember."""

_VERSION: Final = 1
_FIRST, _LAST, _KEY_FRAME = 1, 2, 4
_HEADER: Final = struct.Struct(">BBHIdd")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

StreamKind = Literal["video", "audio"]
GapReason = Literal["outbox-full", "too-far-behind", "too-large"]
EncoderName = Literal["media-recorder", "webcodecs"]
Facing = Literal["user", "environment"]
RunState = Literal["verified", "mismatch", "unknown"]


_GAP_REASONS: Final[tuple[GapReason, ...]] = ("outbox-full", "too-far-behind", "too-large")
_ENCODER_NAMES: Final[tuple[EncoderName, ...]] = ("media-recorder", "webcodecs")
_FACINGS: Final[tuple[Facing, ...]] = ("user", "environment")


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


@dataclass(frozen=True, slots=True)
class Chunk:
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
    """Reads a binary message. Raises `bad-message`, or `too-large` (with the seq) above `max_chunk_bytes` of payload."""
    if len(data) < HEADER_BYTES:
        raise _bad(f"A chunk has a header of {HEADER_BYTES} bytes; this message has {len(data)}.")
    version, flags, segment, seq, captured_from, captured_to = _HEADER.unpack_from(data)
    if version != _VERSION:
        raise _bad(f"The chunk has version {version}; this backend reads version {_VERSION}.")
    if len(data) - HEADER_BYTES > max_chunk_bytes:
        size = len(data) - HEADER_BYTES
        raise ProtocolError(
            ErrorCode.TOO_LARGE, f"Chunk {seq} has {size} bytes; at most {max_chunk_bytes} are taken.", seq
        )
    if flags > _FIRST | _LAST | _KEY_FRAME:
        raise _bad(f"Chunk {seq} sets a reserved flag.", seq)
    if not 0 <= captured_from <= captured_to <= MAX_TIME_MS:
        raise _bad(f"Chunk {seq} has no possible time of capture: from {captured_from} to {captured_to}.", seq)
    return Chunk(
        seq,
        segment,
        flags & _FIRST != 0,
        flags & _LAST != 0,
        flags & _KEY_FRAME != 0,
        captured_from,
        captured_to,
        memoryview(data)[HEADER_BYTES:].toreadonly(),
    )


def parse_client_message(message: str) -> ClientMessage:
    """Reads a text message. Raises `bad-message` with a sentence that names the field."""
    try:
        data = read_object(message)
        kind = data.get("type")
        read = _READERS.get(kind) if isinstance(kind, str) else None
        if read is None:
            raise FieldError(f"type must be one of {', '.join(_READERS)}.")
        return read(data)
    except FieldError as error:
        raise _bad(str(error)) from None


def format_ready(next_seq: int, resumed: bool, server_time_ms: float, limits: Limits) -> str:
    """`ready`: the client sends from `next_seq`."""
    return _format(
        type="ready",
        nextSeq=next_seq,
        resumed=resumed,
        serverTime=server_time_ms,
        limits={
            "maxChunkBytes": limits.max_chunk_bytes,
            "windowBytes": limits.window_bytes,
            "ackEveryMs": limits.ack_every_ms,
            "idleMs": limits.idle_ms,
        },
    )


def format_ack(seq: int, t: float) -> str:
    """`ack`: everything up to `seq` reached the sinks. Written by hand: it goes out with nearly every chunk."""
    return f'{{"type":"ack","seq":{seq},"t":{t!r}}}'


def format_pong(t: float, server_time_ms: float) -> str:
    """`pong` to a ping that carried `t`."""
    return _format(type="pong", t=t, serverTime=server_time_ms)


def format_ended(ended: Ended) -> str:
    """`ended`: the verdict."""
    return _format(
        type="ended",
        chunks=ended.chunks,
        bytes=ended.bytes,
        gaps=[{"from": gap.from_seq, "to": gap.to_seq, "ms": gap.ms, "reason": gap.reason} for gap in ended.gaps],
        verified=ended.verified,
        runs=[{"segment": run.segment, "from": run.from_seq, "state": run.state} for run in ended.runs],
    )


def format_error(error: ProtocolError) -> str:
    """`error`: what was wrong; the close frame follows."""
    seq = {} if error.seq is None else {"seq": error.seq}
    return _format(type="error", code=error.code.value, message=error.message, **seq)


def _format(**fields: object) -> str:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _bad(message: str, seq: int | None = None) -> ProtocolError:
    return ProtocolError(ErrorCode.BAD_MESSAGE, message, seq)


_read_seq = integer(0, MAX_SEQ)
_read_segment_number = integer(0, MAX_SEGMENT)
_read_size = integer(0)
_read_time = number(0, MAX_TIME_MS)
_read_offset = number(-MAX_TIME_MS, MAX_TIME_MS)
_read_measure = number(0, 1e9)
_read_reason = choice(_GAP_REASONS)
_read_facing = choice(_FACINGS)
_read_encoder_name = choice(_ENCODER_NAMES)


def _read_hello(data: JsonObject) -> Hello:
    session = text(data, "session")
    if not _UUID.fullmatch(session):
        raise FieldError("session must be a UUID in its canonical lower-case form.")
    client = optional(nested, data, "client") or {}
    return Hello(
        session,
        integer(0, MAX_SEQ + 1)(data, "resumeFrom"),
        optional(text, data, "token"),
        optional(text, client, "userAgent"),
    )


def _read_encoder(data: JsonObject, name: str) -> Encoder:
    encoder = nested(data, name)
    return Encoder(_read_encoder_name(encoder, "name"), text(encoder, "reason"))


def _read_segment(data: JsonObject) -> Segment:
    return Segment(
        segment=_read_segment_number(data, "segment"),
        mime_type=non_empty_text(data, "mimeType"),
        started_at=_read_time(data, "startedAt"),
        encoder=optional(_read_encoder, data, "encoder"),
        codecs=optional(text, data, "codecs"),
        width=optional(_read_size, data, "width"),
        height=optional(_read_size, data, "height"),
        frame_rate=optional(_read_measure, data, "frameRate"),
        facing=optional(_read_facing, data, "facing"),
        orientation=optional(number(-360, 360), data, "orientation"),
        sample_rate=optional(_read_measure, data, "sampleRate"),
        channels=optional(_read_size, data, "channels"),
    )


def _read_gap(data: JsonObject) -> Gap:
    gap = Gap(_read_seq(data, "from"), _read_seq(data, "to"), _read_time(data, "ms"), _read_reason(data, "reason"))
    if gap.to_seq < gap.from_seq:
        raise FieldError("A gap must not end before it begins.")
    return gap


def _read_muted(data: JsonObject) -> Muted:
    return Muted(boolean(data, "muted"))


def _read_ping(data: JsonObject) -> Ping:
    return Ping(_read_offset(data, "t"), optional(_read_offset, data, "offsetMs"), optional(_read_time, data, "rttMs"))


def _read_claim(data: JsonObject) -> RunClaim:
    sha256 = text(data, "sha256")
    if not _SHA256.fullmatch(sha256):
        raise FieldError("sha256 must be 64 lower-case hex digits.")
    return RunClaim(_read_segment_number(data, "segment"), _read_seq(data, "from"), _read_size(data, "bytes"), sha256)


def _read_end(data: JsonObject) -> End:
    segments = object_list(data, "segments", MAX_RUNS)
    return End(integer(-1, MAX_SEQ)(data, "lastSeq"), tuple(map(_read_claim, segments)))


_READERS: Final[dict[str, Callable[[JsonObject], ClientMessage]]] = {
    "hello": _read_hello,
    "segment": _read_segment,
    "gap": _read_gap,
    "muted": _read_muted,
    "ping": _read_ping,
    "end": _read_end,
}
