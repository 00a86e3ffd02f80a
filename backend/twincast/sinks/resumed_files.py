"""Files that go on where another process stopped, however it ended: each chunk is in them once.

Their own record says how far they are. It is written after the media, so what lies behind it is cut off.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from typing_extensions import override

from twincast.sinks.file import RangeFile, StreamFiles
from twincast.streams.events import SegmentStart, TakenChunk
from twincast.wire.message_types import Ended, Gap


@dataclass(slots=True)
class _Record:
    """What `events.jsonl` says. `bytes`: of the newest file, which is of `segment`; None after a gap."""

    next_seq: int = 0
    segment: int | None = None
    file: str = ""
    bytes: int = 0
    decodes: bool = False
    has_ended: bool = False

    def take(self, line: dict[str, Any]) -> None:
        """The next line."""
        match line:
            case {"event": "segment", "segment": {"segment": number}, "file": file}:
                header_bytes = line.get("header_bytes", 0)
                self.segment, self.file, self.bytes = number, file, header_bytes
                self.decodes = not line["header_missing"]
            case {"event": "chunk", "seq": seq, "bytes": size}:
                self.next_seq = seq + 1
                self.bytes += size
            case {"event": "gap", "to": to_seq}:
                self.next_seq = to_seq + 1
                self.segment = None
            case {"event": "ended"}:
                self.has_ended = True
            case _:
                pass


class ResumedFiles(StreamFiles):
    """As `StreamFiles`, behind what is in the folder already. What comes again is left out."""

    def __init__(self, folder: Path) -> None:
        self._record = _read(folder / "events.jsonl")
        self._start: SegmentStart | None = None
        super().__init__(folder)

    @override
    def begin(self, start: SegmentStart) -> None:
        """With the next chunk that is new: until then nothing is known to begin."""
        self._start = start

    @override
    def append(self, chunk: TakenChunk) -> None:
        """Unless it is there."""
        if chunk.seq < self._record.next_seq:
            return
        start, self._start = self._start, None
        if start is not None:
            self._begin(start, chunk.seq)
        super().append(chunk)
        self._record.next_seq = chunk.seq + 1

    @override
    def gap(self, gap: Gap) -> None:
        """Unless it is there."""
        if gap.to_seq < self._record.next_seq:
            return
        super().gap(gap)
        self._record.next_seq = gap.to_seq + 1
        self._record.segment = None

    @override
    def ended(self, ended: Ended) -> None:
        """Unless it is there."""
        if not self._record.has_ended:
            self._record.has_ended = True
            super().ended(ended)

    def _begin(self, start: SegmentStart, seq: int) -> None:
        record = self._record
        number = start.segment.segment
        if start.from_seq != seq:
            start = replace(start, from_seq=seq, header_missing=True, header=b"", skip_bytes=0)  # the rest is there
        goes_on = record.segment == number and record.next_seq == seq
        if goes_on and (record.decodes or start.header_missing):
            if self._media is None:
                self._media = _reopen(self._folder / record.file, record)
            return
        super().begin(start)
        record.segment, record.decodes = number, not start.header_missing
        record.file = "" if self._media is None else self._media.name


def _read(events: Path) -> _Record:
    """Reads the record, and cuts off a line that was not finished."""
    record = _Record()
    if not events.exists():
        return record
    data = events.read_bytes()
    end = data.rfind(b"\n") + 1
    if end < len(data):
        with events.open("r+b") as file:
            file.truncate(end)
    for line in data[:end].splitlines():
        record.take(msgspec.json.decode(line))
    return record


def _reopen(path: Path, record: _Record) -> RangeFile:
    """Cuts off what the record does not know of, and goes on behind it."""
    file = path.open("r+b")
    file.truncate(record.bytes)
    sha256 = hashlib.sha256()
    while data := file.read(2**20):
        sha256.update(data)
    return RangeFile(file, path.name, record.bytes, sha256)
