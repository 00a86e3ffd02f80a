"""A stream as bytes (MessagePack), for a process that is to go on with it."""

from typing import Final

import msgspec

from twincast.streams.ranges import Range, RangeLog
from twincast.wire.message_types import Gap, Segment


class Counters(msgspec.Struct, array_like=True, frozen=True):
    """Some 60 bytes. `open_range`: bytes and chain of the range that is open, if one is."""

    next_seq: int
    chunks: int
    bytes_total: int
    open_range: tuple[int, bytes] | None

    def written(self) -> bytes:
        """As bytes."""
        return _encoder.encode(self)

    @staticmethod
    def read(data: bytes) -> "Counters":
        """From bytes. Raises ValueError where they hold something else."""
        return _counters.decode(data)


class Structure(msgspec.Struct, frozen=True):
    """Some 50 bytes for each range and gap. `segment`: of the newest range. `verified`: None before the end."""

    gaps: list[Gap]
    ranges: list[Range]
    muted: bool
    segment: Segment | None
    lowest_segment: int
    verified: bool | None
    end_digest: bytes

    def written(self) -> bytes:
        """As bytes."""
        return _encoder.encode(self)

    @staticmethod
    def read(data: bytes) -> "Structure":
        """From bytes. Raises ValueError where they hold something else."""
        return _structure.decode(data)

    def range_log(self, counters: Counters) -> RangeLog:
        """The ranges, with what `counters` say of the open one."""
        ranges = self.ranges
        if counters.open_range is not None:
            if not ranges:
                raise ValueError("a range is open, and there is none")
            ranges[-1].bytes, ranges[-1].chain = counters.open_range
        return RangeLog(ranges, last_is_open=counters.open_range is not None)


_encoder: Final = msgspec.msgpack.Encoder()
_counters: Final = msgspec.msgpack.Decoder(Counters)
_structure: Final = msgspec.msgpack.Decoder(Structure)
