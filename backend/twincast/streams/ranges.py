"""Ranges: what was taken of each segment without a gap, hashed as it comes and compared with the client's word.

The hash is a chain, h_n = SHA-256(h_(n-1) || payload_n): 32 bytes are all that another process needs to go on with it.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from twincast.wire.close_codes import bad_message
from twincast.wire.message_types import MAX_RANGES, HashedRange, RangeResult, RangeState

CHAIN_BEGIN: Final = bytes(32)
"""h_0: the chain of a range that has no chunk yet."""


class Range(msgspec.Struct, array_like=True, gc=False):
    """A range as far as it was taken. `maybe_shorter`: the client's record of it may end earlier."""

    segment: int
    from_seq: int
    chain: bytes = CHAIN_BEGIN
    bytes: int = 0
    maybe_shorter: bool = False


class RangeLog:
    """The ranges of one stream, of which the last may be open: only that one grows."""

    def __init__(self, ranges: Iterable[Range] = (), last_is_open: bool = False) -> None:
        self._ranges = list(ranges)
        self._open = self._ranges[-1] if last_is_open else None

    def begin(self, segment: int, from_seq: int) -> None:
        """Closes the open range and opens the next. Raises `bad-message` beyond `MAX_RANGES`."""
        if len(self._ranges) >= MAX_RANGES:
            raise bad_message(f"The stream has {MAX_RANGES} ranges; no more are taken.", from_seq)
        self.close()
        self._open = Range(segment, from_seq)
        self._ranges.append(self._open)

    def add(self, payload: memoryview) -> None:
        """Appends to the open range."""
        one = self._open
        if one is None:
            raise RuntimeError("no range is open")
        link = hashlib.sha256(one.chain)
        link.update(payload)
        one.chain = link.digest()
        one.bytes += len(payload)

    def close(self, maybe_shorter: bool = False) -> None:
        """Closes the open range, if any.

        `maybe_shorter`: the client went on elsewhere and may not know that the last chunks arrived here, so that its
        own record of this range may end earlier.
        """
        if self._open is not None:
            self._open.maybe_shorter = maybe_shorter
            self._open = None

    @property
    def open(self) -> Range | None:
        """The range to which chunks can be added."""
        return self._open

    @property
    def outlines(self) -> list[Range]:
        """All ranges; of the open one only where it began."""
        if self._open is None:
            return self._ranges
        return [*self._ranges[:-1], Range(self._open.segment, self._open.from_seq)]

    def __len__(self) -> int:
        return len(self._ranges)

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


def _state(ours: Range | None, claim: HashedRange) -> RangeState:
    if ours is None:
        return "unknown"
    if ours.bytes == claim.bytes and ours.chain.hex() == claim.chain:
        return "verified"
    # As many bytes as well: the chunk that ends a segment has none.
    may_end_earlier = (ours.maybe_shorter or claim.maybe_shorter is True) and ours.bytes >= claim.bytes
    return "unknown" if may_end_earlier else "mismatch"
