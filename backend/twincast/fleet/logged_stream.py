"""A stream as the connection that has it writes it into the log."""

from collections.abc import Callable, Sequence

from twincast.fleet.engine import Engine
from twincast.fleet.entries import entry_fields
from twincast.fleet.functions import HEADER_SLOTS
from twincast.fleet.join_points import JoinPoints, decode_header, encode_header
from twincast.fleet.stream_log import Entry, Retention, StreamLog
from twincast.streams.events import Event, SegmentStart, TakenChunk
from twincast.streams.stream import Stream
from twincast.wire.close_codes import ProtocolError

_ENTRY_BYTES = 256
"""What trimming by bytes counts for an entry beside the payload."""


class LoggedStream:
    """`header`: what the engine knew of the newest segment's header. The rest as `StreamLog`."""

    def __init__(
        self,
        engine: Engine,
        stream: Stream,
        epoch: int,
        header: bytes | None,
        retention: Retention,
        on_taken: Callable[[tuple[Event, ...]], None],
        on_refused: Callable[[ProtocolError], None],
    ) -> None:
        self.log = StreamLog(engine, stream.id, epoch, retention, on_taken, on_refused)
        self._stream = stream
        self._joins = JoinPoints(stream.id.kind, decode_header(header) if header else None)

    def push(self, events: Sequence[Event], message: bytes | None, now_ms: float) -> None:
        """What one message brought. `message`: the whole binary one of the chunk among `events`, if there is one."""
        if not events:
            return
        stream = self._stream
        join_at: int | None = None
        header = b""
        structure = b""
        for event in events:
            if isinstance(event, TakenChunk):
                join_at = self._joins.add(event.payload)
                if self._joins.changed and self._joins.header is not None:
                    header = encode_header(self._joins.header)
                continue
            structure = structure or stream.structure()
            if isinstance(event, SegmentStart):
                self._joins.begin(event.segment, event.from_seq, event.header_missing)
        slot = 0 if self._joins.header is None else self._joins.header.segment.segment % HEADER_SLOTS
        self.log.append(
            Entry(
                next_seq=stream.next_seq,
                counters=stream.counters(),
                structure=structure,
                header=header,
                header_slot=slot,
                weight=stream.bytes + _ENTRY_BYTES * stream.chunks,
                is_join=join_at is not None,
                fields=entry_fields(events, message, now_ms, stream.offset_ms, join_at),
                events=tuple(events),
                size=0 if message is None else len(message),
            )
        )
