"""What a sink is told of a stream."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from twincast.wire.message_types import Ended, Gap, Muted, Segment, StreamKind


class StreamId(NamedTuple):
    """A stream of a session. Hashable, so that a sink can keep its own state per stream."""

    session: str
    kind: StreamKind

    @property
    def short(self) -> str:
        """The session's first 8 characters: enough to tell sessions apart in a log, too few to take one over."""
        return self.session[:8]


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection opened the stream, or took it up again.

    `how`: `new`; `resumed` exactly where it stopped; `continued` at `next_seq` without what came before it, because
    another process has that (or nobody has).
    """

    how: Literal["new", "resumed", "continued"]
    next_seq: int
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class SegmentStart:
    """A range begins: chunks of `segment` follow from `from_seq`.

    `header_missing`: the segment began elsewhere, so that a decoder cannot start with what follows.
    `header`: where it began elsewhere and a decoder can start all the same: what to give it first. The first
    `skip_bytes` bytes of the first chunk then belong to what came before.
    """

    segment: Segment
    from_seq: int
    header_missing: bool
    header: bytes = b""
    skip_bytes: int = 0


class TakenChunk(NamedTuple):
    """A chunk, exactly once and in order, with the stream's figures at that moment.

    `payload` is a view into the message: bytes(payload) copies it. `delay_ms`: from the capture of the oldest media in
    the chunk to this process; None until the client has sent its clock offset. `*_total` include this chunk.
    """

    seq: int
    segment: Segment
    first: bool
    last: bool
    key_frame: bool
    captured_from_ms: float
    captured_to_ms: float
    payload: memoryview
    received_at_ms: float
    delay_ms: float | None
    bytes_per_second: float
    chunks_total: int
    bytes_total: int


Event = Opened | SegmentStart | TakenChunk | Gap | Muted | Ended
