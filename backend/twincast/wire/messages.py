"""The text messages of `twincast.v1`: reading those of a client, writing those of the backend. Pure.

`parse_client_message` raises `ProtocolError` and nothing else, whatever it is given.
"""

from typing import Final

import msgspec

from twincast.wire.close_codes import ProtocolError
from twincast.wire.message_types import ClientMessage, Ended, Limits
from twincast.wire.reading import MessageReader

MAX_TEXT_BYTES: Final = 512 * 1024
"""Of a text message. The longest is `end` with an entry of some 125 bytes for each of its ranges."""

_reader: Final[MessageReader[ClientMessage]] = MessageReader(ClientMessage)


def text_bytes(text: str) -> int:
    """How many bytes `text` had on the wire."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def parse_client_message(text: str) -> ClientMessage:
    """Reads a text message. Raises `bad-message` with a sentence that names the field."""
    return _reader.read(text)


def format_ready(next_seq: int, resumed: bool, server_time_ms: float, limits: Limits) -> str:
    """`ready`: the client sends from `next_seq`."""
    return _format(type="ready", nextSeq=next_seq, resumed=resumed, serverTime=server_time_ms, limits=limits)


def format_ack(seq: int, t: float) -> str:
    """`ack`: everything up to `seq` reached the sinks. Written by hand: it goes out with nearly every chunk."""
    return f'{{"type":"ack","seq":{seq},"t":{t!r}}}'


def format_pong(t: float, server_time_ms: float) -> str:
    """`pong` to a ping that carried `t`."""
    return _format(type="pong", t=t, serverTime=server_time_ms)


def format_watched(viewers: int) -> str:
    """`watched`: how many viewers get the stream."""
    return _format(type="watched", viewers=viewers)


def format_ended(ended: Ended) -> str:
    """`ended`: the verdict."""
    return _format(
        type="ended",
        chunks=ended.chunks,
        bytes=ended.bytes,
        gaps=[{"from": gap.from_seq, "to": gap.to_seq, "ms": gap.ms, "reason": gap.reason} for gap in ended.gaps],
        verified=ended.verified,
        ranges=[{"segment": one.segment, "from": one.from_seq, "state": one.state} for one in ended.ranges],
    )


def format_error(error: ProtocolError) -> str:
    """`error`: what was wrong; the close frame follows."""
    seq = {} if error.seq is None else {"seq": error.seq}
    return _format(type="error", code=error.code.value, message=error.message, **seq)


def _format(**fields: object) -> str:
    return msgspec.json.encode(fields).decode()
