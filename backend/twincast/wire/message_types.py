"""The text messages of protocol/README.md, declared once: what they hold, and what each field may be.

Times are milliseconds since the Unix epoch. A field that may be absent is None then.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import Meta, Struct, field

SUBPROTOCOL: Final = "twincast.v1"
MAX_SEQ: Final = 2**32 - 1
MAX_SEGMENT: Final = 2**16 - 1
MAX_TIME_MS: Final = 8.64e15
"""The last moment that an ECMAScript Date can hold."""
MAX_RANGES: Final = 4096
"""Ranges, and gaps, that one stream may have: a bound on what a stranger makes the backend remember."""
MAX_TEXT_LENGTH: Final = 2_000
"""Characters in any text field. User agents stay below 1,000."""
UUID_PATTERN: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

PING_EVERY_MS: Final = 2_000
"""How often a client pings."""

StreamKind = Literal["video", "audio"]
ClientGapReason = Literal["outbox-full", "too-far-behind", "too-large", "worker-lost"]
GapReason = ClientGapReason | Literal["trimmed", "lost"]
"""The last two a client never says: they are about the log of a fleet."""
EncoderName = Literal["media-recorder", "webcodecs"]
Facing = Literal["user", "environment"]
RangeState = Literal["verified", "mismatch", "unknown"]

Seq = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
SegmentNumber = Annotated[int, Meta(ge=0, le=MAX_SEGMENT)]
Size = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""As far as JavaScript counts exactly."""
Time = Annotated[float, Meta(ge=0, le=MAX_TIME_MS)]
Offset = Annotated[float, Meta(ge=-MAX_TIME_MS, le=MAX_TIME_MS)]
Measure = Annotated[float, Meta(ge=0, le=1e9)]
Angle = Annotated[float, Meta(ge=-360, le=360)]
# `$` of a pattern also matches in front of a last line feed; the length does not let that through.
Uuid = Annotated[str, Meta(pattern=UUID_PATTERN, max_length=36, description="a UUID in its canonical lower-case form")]
ChainHash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64, description="64 lower-case hex digits")]


class FieldError(ValueError):
    """One sentence that names the field and the rule it breaks."""


class Texts(Struct, frozen=True, rename="camel"):
    """Whose text fields are short, and may go to a terminal as they are."""

    def __post_init__(self) -> None:
        for name, wire_name in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True):
            value = getattr(self, name)
            if not isinstance(value, str):
                continue
            if len(value) > MAX_TEXT_LENGTH:
                raise FieldError(f"{wire_name} has {len(value)} characters; at most {MAX_TEXT_LENGTH} are taken.")
            if not value.isprintable():
                raise FieldError(f"{wire_name} holds characters that cannot be printed.")


class Client(Texts, frozen=True):
    """What a client says of itself."""

    user_agent: str | None = None


class Hello(Texts, frozen=True, tag="hello"):
    """The first message of a connection. `connection` grows with every connection of the stream."""

    session: Uuid
    resume_from: Annotated[int, Meta(ge=0, le=MAX_SEQ + 1)]
    connection: Size | None = None
    token: str | None = None
    client: Client | None = None


class Encoder(Texts, frozen=True):
    """Which encoder made the segment, and why this one."""

    name: EncoderName
    reason: str


class Segment(Texts, frozen=True, tag="segment"):
    """What one encoder makes from its start to its end, as the client announced it. `orientation` is in degrees."""

    segment: SegmentNumber
    mime_type: str
    started_at: Time
    encoder: Encoder | None = None
    codecs: str | None = None
    width: Size | None = None
    height: Size | None = None
    frame_rate: Measure | None = None
    facing: Facing | None = None
    orientation: Angle | None = None
    sample_rate: Measure | None = None
    channels: Size | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.mime_type:
            raise FieldError("mimeType must not be empty.")


class Gap(Struct, frozen=True, tag="gap"):
    """Chunks `from_seq` to `to_seq`, both included, will never come: a hole of `ms` milliseconds."""

    from_seq: Seq = field(name="from")
    to_seq: Seq = field(name="to")
    ms: Time
    reason: GapReason

    def __post_init__(self) -> None:
        if self.to_seq < self.from_seq:
            raise FieldError("A gap must not end before it begins.")


class ClientGap(Gap, frozen=True, tag="gap"):
    """As a client may say it."""

    reason: ClientGapReason


class Muted(Struct, frozen=True, tag="muted"):
    """The microphone or camera was muted or unmuted."""

    muted: bool


class Ping(Struct, frozen=True, tag="ping", rename="camel"):
    """`offset_ms`: the client's estimate of backend clock minus client clock; `rtt_ms`: its smoothed round trip."""

    t: Offset
    offset_ms: Offset | None = None
    rtt_ms: Time | None = None


class HashedRange(Struct, frozen=True, gc=False):
    """What the client says it sent of one range: payload bytes, and the chain over them in lower-case hex.

    `maybe_shorter`: who kept it there was lost, so that this may end before what was taken here.
    """

    segment: SegmentNumber
    from_seq: Seq = field(name="from")
    bytes: Size
    chain: ChainHash
    maybe_shorter: bool | None = field(name="maybeShorter", default=None)


class End(Struct, frozen=True, tag="end", rename="camel"):
    """The person pressed Stop. `last_seq` is -1 where the stream had no chunk."""

    last_seq: Annotated[int, Meta(ge=-1, le=MAX_SEQ)]
    segments: tuple[HashedRange, ...]

    def __post_init__(self) -> None:
        if len(self.segments) > MAX_RANGES:
            raise FieldError(f"segments has {len(self.segments)} entries; at most {MAX_RANGES} are taken.")


ClientMessage = Hello | Segment | ClientGap | Muted | Ping | End


class RangeResult(NamedTuple):
    """How one range compares with the client's word."""

    segment: int
    from_seq: int
    state: RangeState


@dataclass(frozen=True, slots=True)
class Ended:
    """The verdict on a whole stream."""

    chunks: int
    bytes: int
    gaps: tuple[Gap, ...]
    verified: bool
    ranges: tuple[RangeResult, ...]


class Limits(Struct, frozen=True, rename="camel"):
    """What `ready` tells the client about this backend."""

    max_chunk_bytes: int
    window_bytes: int
    ack_every_ms: int
    idle_ms: int
