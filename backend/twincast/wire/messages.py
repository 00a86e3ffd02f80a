"""The text messages of `twincast.v1`: reading those of a client, writing those of the backend. Pure.

`parse_client_message` raises `ProtocolError` and nothing else, whatever it is given.
"""

import json
import re
from collections.abc import Callable
from typing import Final

from twincast.wire.close_codes import ProtocolError, bad_message
from twincast.wire.json_fields import (
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
from twincast.wire.message_types import (
    MAX_RUNS,
    MAX_SEGMENT,
    MAX_SEQ,
    MAX_TIME_MS,
    ClientMessage,
    Encoder,
    EncoderName,
    End,
    Ended,
    Facing,
    Gap,
    GapReason,
    Hello,
    Limits,
    Muted,
    Ping,
    RunClaim,
    Segment,
)

UUID_PATTERN: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_UUID: Final = re.compile(UUID_PATTERN)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_GAP_REASONS: Final[tuple[GapReason, ...]] = ("outbox-full", "too-far-behind", "too-large")
_ENCODER_NAMES: Final[tuple[EncoderName, ...]] = ("media-recorder", "webcodecs")
_FACINGS: Final[tuple[Facing, ...]] = ("user", "environment")


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
        raise bad_message(str(error)) from None


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
