"""What one message brought, as an entry of the log, and back. Pure."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from twincast.streams.events import Event, Opened, SegmentStart, TakenChunk
from twincast.wire.chunk import Chunk, parse_chunk
from twincast.wire.message_types import Ended, Gap, Muted

CHUNK, TIMES, NOTES, JOIN = b"c", b"t", b"n", b"j"
"""Fields: the wire's message; received at and the clocks' offset; everything else as JSON; the byte to join at."""

_TIMES: Final = struct.Struct(">dd")
_NAN: Final = float("nan")

Note = Opened | SegmentStart | Gap | Muted | Ended

_NOTES: Final[Mapping[str, type[Note]]] = {one.__name__: one for one in (Opened, SegmentStart, Gap, Muted, Ended)}
_Tagged = list[tuple[str, msgspec.Raw]]


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry as a consumer reads it. `notes` came before `chunk`."""

    next_seq: int
    """Of the stream, after this entry."""
    received_at_ms: float
    offset_ms: float | None
    notes: tuple[Note, ...]
    chunk: Chunk | None
    join_at: int | None
    """The byte of the payload where a decoder that was given the segment's header may begin."""


def entry_fields(
    events: Sequence[Event], message: bytes | None, now_ms: float, offset_ms: float | None, join_at: int | None
) -> list[bytes]:
    """Names and values. `message`: the whole binary message of the chunk among `events`, if there is one."""
    fields = [TIMES, _TIMES.pack(now_ms, _NAN if offset_ms is None else offset_ms)]
    if len(events) > 1 or message is None:
        notes = [(_name(event), event) for event in events if not isinstance(event, TakenChunk)]
        if notes:
            fields += (NOTES, msgspec.json.encode(notes))
    if message is not None:
        fields += (CHUNK, message)
    if join_at is not None:
        fields += (JOIN, b"%d" % join_at)
    return fields


def read_entry(entry_id: bytes, fields: Mapping[bytes, bytes]) -> ReadEntry:
    """Reads what `entry_fields` wrote."""
    now_ms, offset_ms = _TIMES.unpack(fields[TIMES])
    notes: tuple[Note, ...] = ()
    if NOTES in fields:
        tagged = msgspec.json.decode(fields[NOTES], type=_Tagged)
        notes = tuple(msgspec.json.decode(raw, type=_NOTES[name]) for name, raw in tagged)
    message = fields.get(CHUNK)
    return ReadEntry(
        next_seq=next_seq_of(entry_id),
        received_at_ms=now_ms,
        offset_ms=None if offset_ms != offset_ms else offset_ms,  # noqa: PLR0124  only NaN is not itself
        notes=notes,
        chunk=None if message is None else parse_chunk(message, len(message)),
        join_at=int(fields[JOIN]) if JOIN in fields else None,
    )


def _name(note: Note) -> str:
    return "Gap" if isinstance(note, Gap) else type(note).__name__  # a client's own gap is one of a kind


def next_seq_of(entry_id: bytes) -> int:
    """Ids are "<next seq after the entry>-<time>"."""
    return int(entry_id.partition(b"-")[0])
