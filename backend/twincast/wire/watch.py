"""The wire `twincast.watch.v1` (protocol/watch.md): what a viewer sends, and what it is told. Pure."""

from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from twincast.wire.close_codes import ProtocolError
from twincast.wire.message_types import Ended, Gap, Offset, Segment, StreamKind, Texts
from twincast.wire.reading import MessageReader

WATCH_SUBPROTOCOL: Final = "twincast.watch.v1"
MAX_WATCH_TEXT_BYTES: Final = 4 * 1024
WATCH_ID_PATTERN: Final = r"^[0-9a-f]{32}$"

WatchId = Annotated[str, Meta(pattern=WATCH_ID_PATTERN, max_length=32, description="32 lower-case hex digits")]
WatchedState = Literal["live", "gone", "ended"]
"""`gone`: the phone has no connection."""


class WatchCode(StrEnum):
    """Names of the close codes that a viewer is sent; the table in protocol/watch.md says what it does."""

    INTERNAL = "internal"
    TRY_AGAIN_LATER = "try-again-later"
    BAD_MESSAGE = "bad-message"
    UNAUTHORISED = "unauthorised"
    WRONG_ORIGIN = "wrong-origin"
    UNKNOWN_STREAM = "unknown-stream"
    WATCH_OFF = "watch-off"
    BAD_SUBPROTOCOL = "bad-subprotocol"
    HELLO_TIMEOUT = "hello-timeout"
    TOO_FAST = "too-fast"
    IDLE = "idle"
    TOO_SLOW = "too-slow"
    TOO_MANY = "too-many"


WATCH_CLOSE_CODES: Final[dict[WatchCode, int]] = {
    WatchCode.INTERNAL: 1011,
    WatchCode.TRY_AGAIN_LATER: 1013,
    WatchCode.BAD_MESSAGE: 4400,
    WatchCode.UNAUTHORISED: 4401,
    WatchCode.WRONG_ORIGIN: 4403,
    WatchCode.UNKNOWN_STREAM: 4404,
    WatchCode.WATCH_OFF: 4405,
    WatchCode.BAD_SUBPROTOCOL: 4406,
    WatchCode.HELLO_TIMEOUT: 4408,
    WatchCode.TOO_FAST: 4429,
    WatchCode.IDLE: 4440,
    WatchCode.TOO_SLOW: 4441,
    WatchCode.TOO_MANY: 4503,
}


class WatchError(Exception):
    """Ends a viewer's connection: a stable code, and a sentence for a developer."""

    def __init__(self, code: WatchCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def close_code(self) -> int:
        """The WebSocket close code of the table in protocol/watch.md."""
        return WATCH_CLOSE_CODES[self.code]

    @classmethod
    def of(cls, error: ProtocolError) -> "WatchError":
        """The same for a viewer: the rules that both wires share have the same names."""
        return cls(WatchCode(error.code.value), error.message)


class Watch(Texts, frozen=True, tag="watch", rename="camel"):
    """The first message of a viewer: which stream, and what opens it."""

    watch_id: WatchId
    kind: StreamKind
    token: str | None = None


class WatchPing(Struct, frozen=True, tag="ping"):
    """`t`: the viewer's clock."""

    t: Offset


ViewerMessage = Watch | WatchPing
_reader: Final[MessageReader[ViewerMessage]] = MessageReader(ViewerMessage)


def parse_viewer_message(text: str) -> ViewerMessage:
    """Reads a text message of a viewer. Raises `bad-message` (a `ProtocolError`) with a sentence."""
    return _reader.read(text)


class Watching(Struct, frozen=True, tag="watching", rename="camel", omit_defaults=True):
    """The answer to `watch`. `clock_offset_ms`: backend clock minus the phone's; None while that is not known."""

    watch_id: str
    kind: StreamKind
    state: WatchedState
    muted: bool
    server_time: float
    idle_ms: int
    clock_offset_ms: float | None = None


def format_watching(watching: Watching) -> str:
    """`watching`."""
    return msgspec.json.encode(watching).decode()


def format_watched_segment(segment: Segment, from_seq: int, header_missing: bool) -> str:
    """`segment`: the phone's announcement, and where its range begins."""
    announced = msgspec.to_builtins(segment)
    fields = {name: value for name, value in announced.items() if value is not None}
    return _format(**(fields | {"from": from_seq, "headerMissing": header_missing}))


def format_watched_gap(gap: Gap) -> str:
    """`gap`, as the phone sent it."""
    return msgspec.json.encode(gap).decode()


def format_watched_muted(muted: bool) -> str:
    """`muted`."""
    return _format(type="muted", muted=muted)


def format_skipped(from_seq: int, to_seq: int) -> str:
    """`skipped`: these chunks were thrown away for this viewer."""
    return _format(**{"type": "skipped", "from": from_seq, "to": to_seq})


GONE: Final = '{"type":"gone"}'
RESUMED: Final = '{"type":"resumed"}'


def format_watched_ended(ended: Ended) -> str:
    """`ended`: the verdict, without its ranges."""
    return _format(type="ended", chunks=ended.chunks, bytes=ended.bytes, verified=ended.verified)


def format_watch_pong(t: float, server_time_ms: float, clock_offset_ms: float | None) -> str:
    """`pong` to a ping that carried `t`."""
    offset = {} if clock_offset_ms is None else {"clockOffsetMs": clock_offset_ms}
    return _format(type="pong", t=t, serverTime=server_time_ms, **offset)


def format_watch_error(error: WatchError) -> str:
    """`error`: what was wrong; the close frame follows."""
    return _format(type="error", code=error.code.value, message=error.message)


def _format(**fields: object) -> str:
    return msgspec.json.encode(fields).decode()
