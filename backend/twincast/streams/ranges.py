"""Ranges: what was taken of each segment without a gap, hashed as it comes and compared with the client's word."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from twincast.wire.close_codes import bad_message
from twincast.wire.message_types import MAX_RANGES, HashedRange, RangeResult, RangeState


class _Hash(Protocol):
    def update(self, data: memoryview, /) -> None: ...
    def digest(self) -> bytes: ...


@dataclass(slots=True)
class _Range:
    segment: int
    from_seq: int
    sha256: bytes
    bytes: int
    maybe_shorter: bool


class RangeLog:
    """The ranges of one stream. Only the open one holds a hash state; a closed one is its digest."""

    def __init__(self) -> None:
        self._ranges: list[_Range] = []
        self._hash: _Hash | None = None

    def begin(self, segment: int, from_seq: int) -> None:
        """Closes the open range and opens the next. Raises `bad-message` beyond `MAX_RANGES`."""
        if len(self._ranges) >= MAX_RANGES:
            raise bad_message(f"The stream has {MAX_RANGES} ranges; no more are taken.", from_seq)
        self.close()
        self._ranges.append(_Range(segment, from_seq, b"", 0, maybe_shorter=False))
        self._hash = hashlib.sha256()

    def add(self, payload: memoryview) -> None:
        """Appends to the open range."""
        if self._hash is None:
            raise RuntimeError("no range is open")
        self._hash.update(payload)
        self._ranges[-1].bytes += len(payload)

    def close(self, maybe_shorter: bool = False) -> None:
        """Closes the open range, if any.

        `maybe_shorter`: the client went on elsewhere and may not know that the last chunks arrived here, so that its
        own record of this range may end earlier.
        """
        if self._hash is None:
            return
        self._ranges[-1].sha256 = self._hash.digest()
        self._ranges[-1].maybe_shorter = maybe_shorter
        self._hash = None

    def __len__(self) -> int:
        return len(self._ranges)

    @property
    def is_open(self) -> bool:
        """Whether chunks can be added."""
        return self._hash is not None

    def compare(self, claims: tuple[HashedRange, ...]) -> tuple[RangeResult, ...]:
        """The state of every range that either side knows, in order of their first seq."""
        self.close()
        ours = {(one.segment, one.from_seq): one for one in self._ranges}
        results = [
            RangeResult(claim.segment, claim.from_seq, _state(ours.pop((claim.segment, claim.from_seq), None), claim))
            for claim in claims
        ]
        results += [
            RangeResult(one.segment, one.from_seq, "unknown" if one.maybe_shorter else "mismatch")
            for one in ours.values()
        ]
        return tuple(sorted(results, key=lambda one: one.from_seq))


def _state(ours: _Range | None, claim: HashedRange) -> RangeState:
    if ours is None:
        return "unknown"
    if ours.bytes == claim.bytes:
        return "verified" if ours.sha256.hex() == claim.sha256 else "mismatch"
    return "unknown" if ours.maybe_shorter and ours.bytes > claim.bytes else "mismatch"
