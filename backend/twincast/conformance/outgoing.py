"""Frames and messages as a client writes them. Pure."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from twincast.wire.chunk import Chunk, format_chunk

Json = dict[str, Any]

T0_MS: Final = 1_763_836_800_000.0
"""When the media of a run were captured: any time will do."""


def chunk(seq: int, payload: bytes = b"media", segment: int = 0, first: bool = False) -> bytes:
    """A chunk of 100 ms."""
    from_ms = T0_MS + seq * 100
    return format_chunk(Chunk(seq, segment, first, False, first, from_ms, from_ms + 100, memoryview(payload)))


def segment(number: int = 0, **fields: object) -> Json:
    """A `segment` without details."""
    return {"type": "segment", "segment": number, "mimeType": "video/webm", "startedAt": T0_MS, **fields}


def gap(from_seq: int, to_seq: int, ms: float = 100, reason: str = "outbox-full") -> Json:
    """A `gap`."""
    return {"type": "gap", "from": from_seq, "to": to_seq, "ms": ms, "reason": reason}


def claim(number: int, from_seq: int, *payloads: bytes) -> Json:
    """An entry of `end`: the range of a segment that has these payloads, one for each chunk."""
    chain = bytes(32)
    for payload in payloads:
        chain = hashlib.sha256(chain + payload).digest()
    return {"segment": number, "from": from_seq, "bytes": sum(map(len, payloads)), "chain": chain.hex()}


def end(last_seq: int, claims: Sequence[Json]) -> Json:
    """An `end`."""
    return {"type": "end", "lastSeq": last_seq, "segments": list(claims)}


def as_text(message: Json) -> str:
    """The message as it goes on the wire."""
    return json.dumps(message, ensure_ascii=False)
