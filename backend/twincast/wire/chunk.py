"""The binary message of `twincast.v1`: one chunk of media behind a header of fixed length."""

import struct
from typing import Final, NamedTuple

from twincast.wire.close_codes import ErrorCode, ProtocolError, bad_message
from twincast.wire.message_types import (
    MAX_TIME_MS,
)

HEADER_BYTES: Final = 24

_VERSION: Final = 1
_FIRST, _LAST, _KEY_FRAME = 1, 2, 4
_HEADER: Final = struct.Struct(">BBHIdd")


class Chunk(NamedTuple):
    """One binary message. `payload` is a view into it: bytes(payload) where it must outlive the message."""

    seq: int
    segment: int
    first: bool
    last: bool
    key_frame: bool
    captured_from_ms: float
    captured_to_ms: float
    payload: memoryview


def parse_chunk(data: bytes | bytearray, max_chunk_bytes: int) -> Chunk:
    """Reads a binary message. Raises `bad-message`, or `too-large` with the seq above `max_chunk_bytes` of payload."""
    if len(data) < HEADER_BYTES:
        raise bad_message(f"A chunk has a header of {HEADER_BYTES} bytes; this message has {len(data)}.")
    version, flags, segment, seq, captured_from, captured_to = _HEADER.unpack_from(data)
    if version != _VERSION:
        raise bad_message(f"The chunk has version {version}; this backend reads version {_VERSION}.")
    if len(data) - HEADER_BYTES > max_chunk_bytes:
        size = len(data) - HEADER_BYTES
        raise ProtocolError(
            ErrorCode.TOO_LARGE, f"Chunk {seq} has {size} bytes; at most {max_chunk_bytes} are taken.", seq
        )
    if flags > _FIRST | _LAST | _KEY_FRAME:
        raise bad_message(f"Chunk {seq} sets a reserved flag.", seq)
    if not 0 <= captured_from <= captured_to <= MAX_TIME_MS:
        raise bad_message(f"Chunk {seq} has no possible time of capture: from {captured_from} to {captured_to}.", seq)
    return Chunk(
        seq,
        segment,
        flags & _FIRST != 0,
        flags & _LAST != 0,
        flags & _KEY_FRAME != 0,
        captured_from,
        captured_to,
        (memoryview(data) if isinstance(data, bytes) else memoryview(data).toreadonly())[HEADER_BYTES:],
    )


def format_chunk(chunk: Chunk) -> bytes:
    """The message that `parse_chunk` reads `chunk` from."""
    flags = chunk.first * _FIRST | chunk.last * _LAST | chunk.key_frame * _KEY_FRAME
    times = (chunk.captured_from_ms, chunk.captured_to_ms)
    return _HEADER.pack(_VERSION, flags, chunk.segment, chunk.seq, *times) + chunk.payload
