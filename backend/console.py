"""The console sink: one line per chunk, and lines that stand out for segments, gaps, mutes and ends."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Final, Literal, TypedDict

from log_writer import LogWriter
from protocol import Ended, Gap, Muted
from sinks import ClosedReason, Sink
from streams import Opened, SegmentStart, StreamId, TakenChunk

LogFormat = Literal["console", "json"]
Level = Literal["info", "warning", "error"]
Fields = dict[str, str | int | float | bool | None]

_RESET: Final = "\x1b[0m"
_DIM: Final = "\x1b[2m"
_BOLD: Final = "\x1b[1m"
_KIND_COLOURS: Final = {"video": "\x1b[36m", "audio": "\x1b[35m"}
_LEVEL_COLOURS: Final[dict[Level, str]] = {"info": "\x1b[32m", "warning": "\x1b[33m", "error": "\x1b[31m"}


class _Summary(TypedDict):
    chunks: int
    bytes: int
    max_delay_ms: float | None


class ConsoleSink(Sink):
    """Prints what arrives, never what is in it.

    Above `max_lines_per_second` chunk lines it prints one summary per stream for the rest of that second instead, and
    says so; above that number of streams, one summary for all. `call_later` is the event loop's.
    """

    def __init__(
        self,
        writer: LogWriter,
        log_format: LogFormat,
        colour: bool,
        max_lines_per_second: int,
        now_ms: Callable[[], float] = lambda: time.time() * 1000,
        call_later: Callable[[float, Callable[[], None]], object] | None = None,
    ) -> None:
        self._write = writer.write
        self._json = log_format == "json"
        self._colour = colour
        self._max_lines = max_lines_per_second
        self._now_ms = now_ms
        self._call_later = call_later
        self._second = 0
        self._second_text = ""
        self._lines_this_second = 0
        self._summaries: dict[StreamId, _Summary] = {}

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> None:
        """One line, or one more in this second's summary."""
        now_ms = chunk.received_at_ms
        if now_ms // 1000 != self._second:
            self._begin_second(int(now_ms // 1000))
        self._lines_this_second += 1
        if self._lines_this_second > self._max_lines:
            self._summarise(stream, chunk)
            return
        rate = chunk.bytes_per_second / 1000
        delay = chunk.delay_ms
        size = len(chunk.payload)
        mime_type = chunk.segment.mime_type
        if self._json:
            self._write(
                f'{{"time":"{self._date(now_ms)}","level":"info","message":"chunk","stream":"{stream.kind}",'
                f'"seq":{chunk.seq},"bytes":{size},"segment":{chunk.segment.segment},"mimeType":{json.dumps(mime_type)},'
                f'"delayMs":{"null" if delay is None else f"{delay:.1f}"},"rateKBps":{rate:.1f},'
                f'"totalChunks":{chunk.chunks_total},"totalBytes":{chunk.bytes_total},"session":"{stream.short}"}}'
            )
            return
        clock, kind = self._clock(now_ms), stream.kind
        if self._colour:
            clock, kind = f"{_DIM}{clock}{_RESET}", f"{_KIND_COLOURS[kind]}{kind}{_RESET}"  # type: ignore[assignment]
        delay_text = "-" if delay is None else f"{delay:.0f}"
        self._write(
            f"{clock}  {kind}  seq {chunk.seq:<6} {size:>9,} B  segment {chunk.segment.segment:<3} {mime_type:<24} "
            f"delay {delay_text:>5} ms {rate:>8.1f} KB/s  total {chunk.bytes_total / 1e6:>7.2f} MB  session {stream.short}"
        )

    def opened(self, stream: StreamId, opened: Opened) -> None:
        """The stream begins, resumes, or continues from elsewhere."""
        match opened.how:
            case "new":
                self._event("info", stream, "opened", "stream opened")
            case "resumed":
                self._event("info", stream, "resumed", f"resumed at seq {opened.next_seq}", nextSeq=opened.next_seq)
            case "continued":
                text = f"continued at seq {opened.next_seq}: what came before is not in this process"
                self._event("warning", stream, "continued", text, nextSeq=opened.next_seq)

    def segment(self, stream: StreamId, start: SegmentStart) -> None:
        """A segment begins."""
        segment = start.segment
        details = [segment.mime_type]
        if segment.width is not None and segment.height is not None:
            details.append(f"{segment.width}x{segment.height}")
        if segment.frame_rate is not None:
            details.append(f"{segment.frame_rate:g} fps")
        if segment.facing is not None:
            details.append(segment.facing)
        if segment.orientation is not None:
            details.append(f"{segment.orientation:g}°")
        if segment.sample_rate is not None:
            details.append(f"{segment.sample_rate:g} Hz")
        if segment.channels is not None:
            details.append(f"{segment.channels} ch")
        if segment.encoder is not None:
            details.append(f"by {segment.encoder.name}: {segment.encoder.reason}")
        text = f"segment {segment.segment} begins at seq {start.from_seq}: {', '.join(details)}"
        if start.header_missing:
            text += " (its header is not in this process)"
        self._event(
            "warning" if start.header_missing else "info",
            stream,
            "segment",
            text,
            segment=segment.segment,
            fromSeq=start.from_seq,
            mimeType=segment.mime_type,
            headerMissing=start.header_missing,
        )

    def gap(self, stream: StreamId, gap: Gap) -> None:
        """Chunks that will never come."""
        count = gap.to_seq - gap.from_seq + 1
        text = f"GAP of {count} chunks, {gap.ms:.0f} ms: seq {gap.from_seq} to {gap.to_seq}, {gap.reason}"
        self._event(
            "warning", stream, "gap", text, fromSeq=gap.from_seq, toSeq=gap.to_seq, ms=gap.ms, reason=gap.reason
        )

    def muted(self, stream: StreamId, muted: Muted) -> None:
        """Muted or unmuted."""
        self._event("info", stream, "muted", "muted" if muted.muted else "unmuted", muted=muted.muted)

    def ended(self, stream: StreamId, ended: Ended) -> None:
        """The verdict."""
        verdict = "verified" if ended.verified else "NOT verified"
        lost = f", {len(ended.gaps)} gaps" if ended.gaps else ""
        other = [f"segment {run.segment} from seq {run.from_seq}: {run.state}" for run in ended.runs]
        runs = "" if ended.verified else f" ({'; '.join(other)})"
        text = f"ended, {verdict}: {ended.chunks:,} chunks, {ended.bytes:,} B{lost}{runs}"
        self._event(
            "info" if ended.verified else "error",
            stream,
            "ended",
            text,
            verified=ended.verified,
            chunks=ended.chunks,
            bytes=ended.bytes,
            gaps=len(ended.gaps),
        )

    def closed(self, stream: StreamId, reason: ClosedReason) -> None:
        """Says it where a stream is forgotten that never ended."""
        if reason == "forgotten":
            self._event("warning", stream, "forgotten", "forgotten: it did not come back and was not ended")

    def _event(self, level: Level, stream: StreamId, name: str, text: str, **fields: str | int | float | bool) -> None:
        now_ms = self._now_ms()
        if self._json:
            line: Fields = {
                "time": self._date(now_ms),
                "level": level,
                "message": name,
                "stream": stream.kind,
                **fields,
                "text": text,
                "session": stream.short,
            }
            self._write(json.dumps(line, ensure_ascii=False))
            return
        clock = self._clock(now_ms)
        if self._colour:
            colour = _KIND_COLOURS[stream.kind]
            body = f"{_BOLD}{_LEVEL_COLOURS[level]}{text}{_RESET}"
            self._write(f"{_DIM}{clock}{_RESET}  {colour}{stream.kind}{_RESET}  {body}  session {stream.short}")
        else:
            self._write(f"{clock}  {stream.kind}  {text}  session {stream.short}")

    def _begin_second(self, second: int) -> None:
        self._flush_summaries()
        self._second = second
        self._second_text = time.strftime("%H:%M:%S", time.localtime(second))
        self._lines_this_second = 0

    def _summarise(self, stream: StreamId, chunk: TakenChunk) -> None:
        if not self._summaries:
            call_later = self._call_later or asyncio.get_running_loop().call_later
            call_later(1.0, self._flush_summaries)
        summary = self._summaries.setdefault(stream, {"chunks": 0, "bytes": 0, "max_delay_ms": None})
        summary["chunks"] += 1
        summary["bytes"] += len(chunk.payload)
        if chunk.delay_ms is not None:
            summary["max_delay_ms"] = max(chunk.delay_ms, summary["max_delay_ms"] or chunk.delay_ms)

    def _flush_summaries(self) -> None:
        summaries, self._summaries = self._summaries, {}
        why = f"over {self._max_lines} lines/s"
        if len(summaries) > self._max_lines:
            chunks = sum(summary["chunks"] for summary in summaries.values())
            size = sum(summary["bytes"] for summary in summaries.values())
            text = f"summary, {why}: {chunks:,} chunks, {size:,} B more of {len(summaries):,} streams"
            self._plain("info", "summary", text, streams=len(summaries), chunks=chunks, bytes=size)
            return
        for stream, summary in summaries.items():
            slowest = summary["max_delay_ms"]
            delay = "-" if slowest is None else f"{slowest:.0f}"
            text = f"summary, {why}: {summary['chunks']:,} chunks, {summary['bytes']:,} B more, delay up to {delay} ms"
            self._event("info", stream, "summary", text, chunks=summary["chunks"], bytes=summary["bytes"])

    def _plain(self, level: Level, name: str, text: str, **fields: str | int | float | bool) -> None:
        now_ms = self._now_ms()
        if self._json:
            head: Fields = {"time": self._date(now_ms), "level": level, "message": name}
            self._write(json.dumps({**head, **fields, "text": text}, ensure_ascii=False))
        else:
            self._write(f"{self._clock(now_ms)}  {text}")

    def _clock(self, now_ms: float) -> str:
        second, ms = divmod(int(now_ms), 1000)
        if second == self._second:
            return f"{self._second_text}.{ms:03d}"
        return f"{time.strftime('%H:%M:%S', time.localtime(second))}.{ms:03d}"

    def _date(self, now_ms: float) -> str:
        second, ms = divmod(int(now_ms), 1000)
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{ms:03d}Z"
