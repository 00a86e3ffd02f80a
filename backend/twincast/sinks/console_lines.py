"""How a line of the console looks: readable and aligned, or one JSON object."""

import json
import os
import sys
import time
from typing import Final, Literal, Protocol

from twincast.streams.events import StreamId, TakenChunk

Level = Literal["info", "warning", "error"]
Field = str | int | float | bool | None

# Columns that a line with all of it takes, with a MIME type of up to 35 characters.
_WITH_SESSION: Final = 160
_WITH_TOTAL: Final = 142
_WITH_SEGMENT: Final = 122

_RESET: Final = "\x1b[0m"
_DIM: Final = "\x1b[2m"
_BOLD: Final = "\x1b[1m"
_KIND_COLOURS: Final = {"video": "\x1b[36m", "audio": "\x1b[35m"}
_LEVEL_COLOURS: Final[dict[Level, str]] = {"info": "\x1b[32m", "warning": "\x1b[33m", "error": "\x1b[31m"}


def terminal_columns() -> int | None:
    """How wide the terminal is that standard output goes to; None where it goes elsewhere."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


class Lines(Protocol):
    """Makes lines, without their line end."""

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> str:
        """The line of one chunk."""

    def notice(
        self, now_ms: float, level: Level, stream: StreamId | None, name: str, text: str, fields: dict[str, Field]
    ) -> str:
        """Anything else, of one stream or of all. `name` is stable, `text` is for people."""


class TextLines:
    """For a person at a terminal, in the local time zone."""

    def __init__(self, colour: bool, columns: int | None = None) -> None:
        """`columns`: the terminal's; what changes least is left out until a line fits. None: there is no terminal."""
        self._has_session = columns is None or columns >= _WITH_SESSION
        self._has_total = columns is None or columns >= _WITH_TOTAL
        self._has_segment = columns is None or columns >= _WITH_SEGMENT
        self._dim, self._bold, self._reset = (_DIM, _BOLD, _RESET) if colour else ("", "", "")
        self._kinds = {kind: f"{code if colour else ''}{kind}{self._reset}" for kind, code in _KIND_COLOURS.items()}
        self._levels = {level: code if colour else "" for level, code in _LEVEL_COLOURS.items()}
        self._second = 0
        self._second_text = ""

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> str:
        """Time, stream, seq, size, segment, MIME type, delay since capture, rate, running total, session."""
        delay = "-" if chunk.delay_ms is None else f"{chunk.delay_ms:.0f}"
        segment = f"segment {chunk.segment.segment:<3} {chunk.segment.mime_type:<24} " if self._has_segment else ""
        total = f"  total {chunk.bytes_total / 1e6:>8.2f} MB" if self._has_total else ""
        session = f"  session {stream.short}" if self._has_session else ""
        return (
            f"{self._clock(chunk.received_at_ms)}  {self._kinds[stream.kind]}  seq {chunk.seq:<6} "
            f"{len(chunk.payload):>9,} B  {segment}"
            f"delay {delay:>5} ms {chunk.bytes_per_second / 1000:>8.1f} KB/s{total}{session}"
        )

    def notice(
        self,
        now_ms: float,
        level: Level,
        stream: StreamId | None,
        name: str,  # noqa: ARG002  the text says it
        text: str,
        fields: dict[str, Field],  # noqa: ARG002  the text says them
    ) -> str:
        """Stands out from the chunk lines where there is colour."""
        body = f"{self._bold}{self._levels[level]}{text}{self._reset}"
        if stream is None:
            return f"{self._clock(now_ms)}  {body}"
        return f"{self._clock(now_ms)}  {self._kinds[stream.kind]}  {body}  session {stream.short}"

    def _clock(self, now_ms: float) -> str:
        second, ms = divmod(int(now_ms), 1000)
        if second != self._second:
            self._second = second
            self._second_text = time.strftime("%H:%M:%S", time.localtime(second))
        return f"{self._dim}{self._second_text}.{ms:03d}{self._reset}"


class JsonLines:
    """For a log collector, in UTC."""

    def __init__(self) -> None:
        self._second = 0
        self._second_text = ""

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> str:
        """Written by hand: json.dumps of the same costs three times as much, for every chunk."""
        delay = "null" if chunk.delay_ms is None else f"{chunk.delay_ms:.1f}"
        return (
            f'{{"time":"{self._date(chunk.received_at_ms)}","level":"info","message":"chunk","stream":"{stream.kind}",'
            f'"seq":{chunk.seq},"bytes":{len(chunk.payload)},"segment":{chunk.segment.segment},'
            f'"mimeType":{json.dumps(chunk.segment.mime_type)},"delayMs":{delay},'
            f'"rateKBps":{chunk.bytes_per_second / 1000:.1f},"totalChunks":{chunk.chunks_total},'
            f'"totalBytes":{chunk.bytes_total},"session":"{stream.short}"}}'
        )

    def notice(
        self, now_ms: float, level: Level, stream: StreamId | None, name: str, text: str, fields: dict[str, Field]
    ) -> str:
        """`message` is the stable name, as Railway wants it; `text` the sentence."""
        whose = {} if stream is None else {"stream": stream.kind, "session": stream.short}
        line = {"time": self._date(now_ms), "level": level, "message": name, **whose, **fields, "text": text}
        return json.dumps(line, separators=(",", ":"), ensure_ascii=False)

    def _date(self, now_ms: float) -> str:
        second, ms = divmod(int(now_ms), 1000)
        if second != self._second:
            self._second = second
            self._second_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._second_text}.{ms:03d}Z"
