"""The text messages of protocol/README.md as plain data.

Times are milliseconds since the Unix epoch.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

SUBPROTOCOL: Final = "twincast.v1"
MAX_SEQ: Final = 2**32 - 1
MAX_SEGMENT: Final = 2**16 - 1
MAX_TIME_MS: Final = 8.64e15
"""The last moment that an ECMAScript Date can hold."""
MAX_RUNS: Final = 4096
"""Runs, and gaps, that one stream may have: a bound on what a stranger makes the backend remember."""

StreamKind = Literal["video", "audio"]
GapReason = Literal["outbox-full", "too-far-behind", "too-large"]
EncoderName = Literal["media-recorder", "webcodecs"]
Facing = Literal["user", "environment"]
RunState = Literal["verified", "mismatch", "unknown"]


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
