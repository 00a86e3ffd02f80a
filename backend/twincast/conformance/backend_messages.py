"""The text messages of a backend, as a client reads them. Pure."""

from typing import Annotated, Final

from msgspec import Meta, Struct, field

from twincast.wire.message_types import MAX_SEQ, GapReason, Offset, RangeState, SegmentNumber, Seq, Size, Time
from twincast.wire.reading import MessageReader

Amount = Annotated[int, Meta(ge=1, le=2**53 - 1)]


class ToldLimits(Struct, frozen=True, rename="camel"):
    """What one backend takes."""

    max_chunk_bytes: Amount
    window_bytes: Amount
    ack_every_ms: Size
    idle_ms: Amount


class Ready(Struct, frozen=True, tag="ready", rename="camel"):
    """The answer to `hello`."""

    next_seq: Annotated[int, Meta(ge=0, le=MAX_SEQ + 1)]
    resumed: bool
    server_time: Time
    limits: ToldLimits


class Ack(Struct, frozen=True, tag="ack"):
    """Everything up to `seq` was taken; `t`: when chunk `seq` arrived."""

    seq: Seq
    t: Time


class Pong(Struct, frozen=True, tag="pong", rename="camel"):
    """The answer to `ping`."""

    t: Offset
    server_time: Time


class Watched(Struct, frozen=True, tag="watched"):
    """So many viewers get the stream."""

    viewers: Size


class ToldGap(Struct, frozen=True):
    """A gap, as `ended` lists it."""

    from_seq: Seq = field(name="from")
    to_seq: Seq = field(name="to")
    ms: Time
    reason: GapReason


class ToldRange(Struct, frozen=True):
    """A range, as `ended` lists it."""

    segment: SegmentNumber
    from_seq: Seq = field(name="from")
    state: RangeState


class EndedMessage(Struct, frozen=True, tag="ended"):
    """The verdict."""

    chunks: Size
    bytes: Size
    gaps: tuple[ToldGap, ...]
    verified: bool
    ranges: tuple[ToldRange, ...]


class ErrorMessage(Struct, frozen=True, tag="error"):
    """What was wrong."""

    code: str
    message: str
    seq: Seq | None = None


BackendMessage = Ready | Ack | Pong | Watched | EndedMessage | ErrorMessage

_reader: Final[MessageReader[BackendMessage]] = MessageReader(BackendMessage)


def parse_backend_message(text: str) -> BackendMessage:
    """Reads a text message. Raises `ProtocolError` with a sentence that names the field."""
    return _reader.read(text)
