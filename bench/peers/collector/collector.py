"""Writes down what a handler was given, and when: the part of the measurement that runs beside the application's code.

A file holds records of one kind, one after the other: the length of a JSON header (4 bytes, little-endian), the header,
the length of the bytes that follow (the same), and those bytes. bench/peers/collector/records.ts reads them.
"""

import json
import struct
import time
from pathlib import Path
from typing import Any, Final

_CLOCK_COLUMNS: Final = 20
"""The clock's grid is half as wide as the picture: a cell is a twentieth of it. e2e/support/clock/clock-picture.ts"""
_CLOCK_ROWS: Final = 4
_SAMPLED: Final = (3, 5)
"""Lines of a cell that are kept, in eighths of its height: enough for a mean, and little to write."""


def now_ms() -> float:
    """The system's clock, which the page's camera reads as well: ms since the epoch."""
    return time.time() * 1e3


class Records:
    """One file of records. Used by one thread at a time."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("ab")

    def write(self, header: dict[str, Any], data: bytes) -> None:
        """Appends a record."""
        text = json.dumps(header).encode()
        self._file.write(struct.pack("<I", len(text)) + text + struct.pack("<I", len(data)) + data)
        self._file.flush()

    def close(self) -> None:
        """Ends the file."""
        self._file.close()


class Pictures:
    """Decoded pictures of one connection: of each, the lines that hold the clock."""

    def __init__(self, folder: Path, connection: str) -> None:
        self._records = Records(folder / f"pictures-{connection}.records")

    def take(self, at_ms: float, width: int, stride: int, luma: memoryview) -> None:
        """Notes a picture that the handler was given at `at_ms`; `luma` is its plane of brightness, 8 bits a pixel."""
        cell = width / _CLOCK_COLUMNS
        tops = [int((row + eighth / 8) * cell) for row in range(_CLOCK_ROWS) for eighth in _SAMPLED]
        lines = b"".join(luma[top * stride : top * stride + width // 2].tobytes() for top in tops)
        self._records.write({"at": at_ms, "width": width, "linesPerRow": len(_SAMPLED)}, lines)

    def close(self) -> None:
        """No more pictures."""
        self._records.close()


class Sound:
    """Decoded sound of one connection, whole."""

    def __init__(self, folder: Path, connection: str) -> None:
        self._records = Records(folder / f"sound-{connection}.records")

    def take(self, at_ms: float, sample: str, channels: int, samples: bytes, media_ms: float | None) -> None:
        """Notes what the handler was given at `at_ms`.

        `sample` is "s16" or "f32", `samples` has `channels` interleaved. `media_ms` is the sound's own time, None where
        the library tells none.
        """
        header = {"at": at_ms, "sample": sample, "channels": channels, "mediaMs": media_ms}
        self._records.write(header, samples)

    def close(self) -> None:
        """No more sound."""
        self._records.close()
