"""What the file sink wrote, read again: which sessions there are, and what is known of each.

The events of a stream are read from where the last reading stopped, so that a recording that grows costs what is new.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, get_args

import msgspec

from twincast.wire.message_types import UUID_PATTERN, StreamKind

RecordingState = Literal["recording", "ended", "cut"]
"""`cut`: it did not end in good order, or goes on elsewhere."""

KINDS: Final[tuple[StreamKind, ...]] = get_args(StreamKind)

_SESSION: Final = re.compile(UUID_PATTERN)
_FILE: Final = re.compile(r"segment-\d{1,5}-from-\d{1,10}\.(webm|mkv|mp4|bin)")
_MAX_REMEMBERED: Final = 256
"""Sessions whose events are not read anew when somebody asks again."""


class _Line(msgspec.Struct, rename="camel"):
    """Of events.jsonl, whatever it is about."""

    event: str
    segment: msgspec.Raw = msgspec.Raw(b"null")
    from_seq: int = msgspec.field(default=0, name="from_seq")
    header_missing: bool = msgspec.field(default=False, name="header_missing")
    header_bytes: int = msgspec.field(default=0, name="header_bytes")
    file: str = ""
    seq: int = 0
    bytes: int = 0
    captured_from: float = 0.0
    captured_to: float = 0.0
    from_: int = msgspec.field(default=0, name="from")
    to: int = 0
    ms: float = 0.0
    reason: str = ""
    muted: bool = False
    verified: bool = False
    user_agent: str | None = None


_decoder: Final = msgspec.json.Decoder(_Line)


@dataclass(slots=True)
class RecordedSegment:
    """One file. `announced`: the fields of the phone's `segment`, by their names on the wire."""

    announced: dict[str, Any]
    from_seq: int
    to_seq: int
    file: str
    header_missing: bool
    bytes: int = 0
    chunks: int = 0
    captured_from_ms: float | None = None
    captured_to_ms: float | None = None


@dataclass(slots=True)
class RecordedStream:
    """What is known of one stream. Times are the phone's, in milliseconds since the epoch."""

    segments: list[RecordedSegment] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    mutes: list[dict[str, Any]] = field(default_factory=list)
    user_agent: str | None = None
    verified: bool | None = None
    is_closed: bool = False
    read_bytes: int = 0

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(segment.bytes for segment in self.segments)

    @property
    def chunks(self) -> int:
        """Of all its segments."""
        return sum(segment.chunks for segment in self.segments)

    @property
    def captured_from_ms(self) -> float | None:
        """When its first media were captured."""
        return min((at for one in self.segments if (at := one.captured_from_ms) is not None), default=None)

    @property
    def captured_to_ms(self) -> float | None:
        """When its last media were captured, as far as they are written."""
        return max((at for one in self.segments if (at := one.captured_to_ms) is not None), default=None)

    def take(self, line: _Line) -> None:
        """The next event."""
        match line.event:
            case "opened":
                self.user_agent = line.user_agent or self.user_agent
                self.is_closed = False
            case "segment":
                announced = _on_the_wire(msgspec.json.decode(line.segment))
                self.segments.append(
                    RecordedSegment(announced, line.from_seq, line.from_seq - 1, line.file, line.header_missing)
                )
                self.segments[-1].bytes = line.header_bytes
            case "chunk" if self.segments:
                segment = self.segments[-1]
                segment.to_seq = line.seq
                segment.bytes += line.bytes
                segment.chunks += 1
                if segment.captured_from_ms is None:
                    segment.captured_from_ms = line.captured_from
                segment.captured_to_ms = max(segment.captured_to_ms or 0.0, line.captured_to)
            case "gap":
                gap = {"from": line.from_, "to": line.to, "ms": line.ms, "reason": line.reason}
                self.gaps.append({**gap, "at": self.captured_to_ms})
            case "muted":
                self.mutes.append({"at": self.captured_to_ms, "muted": line.muted})
            case "ended":
                self.verified = line.verified
            case "closed":
                self.is_closed = True
            case _:
                pass  # of a later version, or of no use here


@dataclass(slots=True)
class Recording:
    """A session that was recorded."""

    session: str
    streams: dict[StreamKind, RecordedStream]


class Recordings:
    """All that lies below `folder`. Called from worker threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: OrderedDict[str, dict[StreamKind, RecordedStream]] = OrderedDict()
        self._lock = Lock()

    def sessions(self) -> list[str]:
        """Those that there are, the newest first. Of a folder that is not there: none."""
        if not self._folder.is_dir():
            return []
        found = [
            (entry.stat(follow_symlinks=False).st_mtime, entry.name)
            for entry in self._folder.iterdir()
            if _SESSION.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink()
        ]
        return [name for _, name in sorted(found, reverse=True)]

    def find(self, is_it: Callable[[str], bool]) -> str | None:
        """The session of which `is_it`, if there is one."""
        return next((session for session in self.sessions() if is_it(session)), None)

    def read(self, session: str) -> Recording:
        """What is known of one session that `sessions` named."""
        with self._lock:
            streams = self._known.pop(session, {})
            self._known[session] = streams
            while len(self._known) > _MAX_REMEMBERED:
                self._known.popitem(last=False)
            for kind in KINDS:
                events = self._folder / session / kind / "events.jsonl"
                if events.is_file():
                    streams[kind] = _read_on(events, streams.get(kind, RecordedStream()))
            return Recording(session, dict(streams))

    def file(self, session: str, kind: StreamKind, name: str) -> Path | None:
        """The file of that name of one stream; None where there is none, or where the name is not one of ours."""
        if _SESSION.fullmatch(session) is None or _FILE.fullmatch(name) is None:
            return None
        path = self._folder / session / kind / name
        return path if path.is_file() and not path.is_symlink() else None


def _read_on(events: Path, stream: RecordedStream) -> RecordedStream:
    """Reads the lines that are complete, from where it was read to. A file that was cut off is read anew."""
    if events.stat().st_size < stream.read_bytes:
        stream = RecordedStream()
    with events.open("rb") as file:
        file.seek(stream.read_bytes)
        for line in file:
            if not line.endswith(b"\n"):
                break
            stream.read_bytes += len(line)
            try:
                stream.take(_decoder.decode(line))
            except msgspec.MsgspecError:
                continue  # the machine went down in the middle of it
    return stream


def _on_the_wire(segment: dict[str, Any]) -> dict[str, Any]:
    """The fields that are known, by their names on the wire; the file has those of Python."""
    return {_camel(name): value for name, value in segment.items() if value is not None}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
