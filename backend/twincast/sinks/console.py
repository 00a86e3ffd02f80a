"""The console sink: one line per chunk, and lines that stand out for segments, gaps, mutes and ends."""

import asyncio
import time
from collections.abc import Callable
from typing import TypedDict

from twincast.sinks.console_lines import Field, Level, Lines
from twincast.sinks.sink import ClosedReason, Sink
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Ended, Gap, Muted, Segment


class _Summary(TypedDict):
    chunks: int
    bytes: int
    max_delay_ms: float | None


class Console:
    """What the streams of one process share: where lines go, and how many may.

    Above `max_lines_per_second` chunk lines there is one summary per stream for the rest of that second instead, and it
    says so; above a third of that number of streams, one summary for all. `write` takes the lines of chunks, which are
    limited here, and `write_notice` any other, of which it may leave some out; `call_later` is the event loop's.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        write_notice: Callable[[str], None],
        lines: Lines,
        max_lines_per_second: int,
        now_ms: Callable[[], float] = lambda: time.time() * 1000,
        call_later: Callable[[float, Callable[[], None]], object] | None = None,
    ) -> None:
        self._write = write
        self._write_notice = write_notice
        self._lines = lines
        self._max_lines = max_lines_per_second
        self._now_ms = now_ms
        self._call_later = call_later
        self._second = 0
        self._lines_this_second = 0
        self._summaries: dict[StreamId, _Summary] = {}

    def sink(self, stream: StreamId) -> "ConsoleSink":
        """The sink of one stream: a `SinkFactory`."""
        return ConsoleSink(stream, self)

    def chunk(self, stream: StreamId, chunk: TakenChunk) -> None:
        """One line, or one more in this second's summary."""
        second = int(chunk.received_at_ms // 1000)
        if second != self._second:
            self._flush_summaries()
            self._second = second
            self._lines_this_second = 0
        self._lines_this_second += 1
        if self._lines_this_second > self._max_lines:
            self._summarise(stream, chunk)
        else:
            self._write(self._lines.chunk(stream, chunk))

    def notice(self, level: Level, stream: StreamId, name: str, text: str, **fields: Field) -> None:
        """Anything else of one stream."""
        self._write_notice(self._lines.notice(self._now_ms(), level, stream, name, text, fields))

    def _summary(self, stream: StreamId | None, text: str, **fields: Field) -> None:
        self._write(self._lines.notice(self._now_ms(), "info", stream, "summary", text, fields))

    def _summarise(self, stream: StreamId, chunk: TakenChunk) -> None:
        if not self._summaries:
            # The next chunk may be long in coming.
            call_later = self._call_later or asyncio.get_running_loop().call_later
            call_later(1.0, self._flush_summaries)
        summary = self._summaries.setdefault(stream, {"chunks": 0, "bytes": 0, "max_delay_ms": None})
        summary["chunks"] += 1
        summary["bytes"] += len(chunk.payload)
        if chunk.delay_ms is not None:
            slowest = summary["max_delay_ms"]
            summary["max_delay_ms"] = chunk.delay_ms if slowest is None else max(chunk.delay_ms, slowest)

    def _flush_summaries(self) -> None:
        summaries, self._summaries = self._summaries, {}
        why = f"summary, over {self._max_lines} lines/s"
        if len(summaries) > self._max_lines / 3:
            chunks = sum(summary["chunks"] for summary in summaries.values())
            size = sum(summary["bytes"] for summary in summaries.values())
            text = f"{why}: {chunks:,} chunks, {size:,} B more of {len(summaries):,} streams"
            self._summary(None, text, streams=len(summaries), chunks=chunks, bytes=size)
            return
        for stream, summary in summaries.items():
            slowest = summary["max_delay_ms"]
            delay = "" if slowest is None else f", delay up to {slowest:.0f} ms"
            text = f"{why}: {summary['chunks']:,} chunks, {summary['bytes']:,} B more{delay}"
            self._summary(
                stream,
                text,
                chunks=summary["chunks"],
                bytes=summary["bytes"],
                maxDelayMs=slowest,
            )


class ConsoleSink(Sink):
    """Prints what arrives of one stream, never what is in it."""

    def __init__(self, stream: StreamId, console: Console) -> None:
        super().__init__(stream)
        self._console = console

    def chunk(self, chunk: TakenChunk) -> None:
        """One line, or one more in this second's summary."""
        self._console.chunk(self.stream, chunk)

    def opened(self, opened: Opened) -> None:
        """The stream begins, resumes, or continues from elsewhere."""
        seq = opened.next_seq
        match opened.how:
            case "new":
                self._notice("info", "opened", "stream opened")
            case "resumed":
                self._notice("info", "resumed", f"resumed at seq {seq}", nextSeq=seq)
            case "continued":
                text = f"continued at seq {seq}: what came before is not in this process"
                self._notice("warning", "continued", text, nextSeq=seq)

    def segment(self, start: SegmentStart) -> None:
        """A segment begins."""
        number = start.segment.segment
        text = f"segment {number} begins at seq {start.from_seq}: {_describe(start.segment)}"
        if start.header_missing:
            text += " (its header is not in this process)"
        self._notice(
            "warning" if start.header_missing else "info",
            "segment",
            text,
            segment=number,
            fromSeq=start.from_seq,
            mimeType=start.segment.mime_type,
            headerMissing=start.header_missing,
        )

    def gap(self, gap: Gap) -> None:
        """Chunks that will never come."""
        count = gap.to_seq - gap.from_seq + 1
        text = f"GAP of {count:,} chunks, {gap.ms:,.0f} ms: seq {gap.from_seq} to {gap.to_seq}, {gap.reason}"
        figures = {"from": gap.from_seq, "to": gap.to_seq, "ms": gap.ms, "reason": gap.reason}
        self._notice("warning", "gap", text, **figures)

    def muted(self, muted: Muted) -> None:
        """Muted or unmuted."""
        self._notice("info", "muted", "muted" if muted.muted else "unmuted", muted=muted.muted)

    def ended(self, ended: Ended) -> None:
        """The verdict."""
        text = f"ended, {'verified' if ended.verified else 'NOT verified'}: {ended.chunks:,} chunks, {ended.bytes:,} B"
        if ended.gaps:
            text += f", {len(ended.gaps)} gaps of {sum(gap.ms for gap in ended.gaps):,.0f} ms"
        odd = [
            f"segment {one.segment} from seq {one.from_seq}: {one.state}"
            for one in ended.ranges
            if one.state != "verified"
        ]
        if odd:
            text += f" ({'; '.join(odd[:10])}{'; …' if len(odd) > 10 else ''})"
        self._notice(
            "info" if ended.verified else "error",
            "ended",
            text,
            verified=ended.verified,
            chunks=ended.chunks,
            bytes=ended.bytes,
            gaps=len(ended.gaps),
        )

    def closed(self, reason: ClosedReason) -> None:
        """Says it where a stream is forgotten that never ended."""
        if reason == "forgotten":
            self._notice("warning", "forgotten", "forgotten: it did not come back and was not ended")

    def _notice(self, level: Level, name: str, text: str, **fields: Field) -> None:
        self._console.notice(level, self.stream, name, text, **fields)


def _describe(segment: Segment) -> str:
    details = [segment.mime_type]
    if segment.width is not None and segment.height is not None:
        details.append(f"{segment.width}x{segment.height}")
    if segment.frame_rate is not None:
        details.append(f"{segment.frame_rate:g} fps")
    if segment.facing is not None:
        details.append(f"{segment.facing} camera")
    if segment.orientation is not None:
        details.append(f"{segment.orientation:g}°")
    if segment.sample_rate is not None:
        details.append(f"{segment.sample_rate:g} Hz")
    if segment.channels is not None:
        details.append(f"{segment.channels} channels")
    if segment.encoder is not None:
        details.append(f"{segment.encoder.name}: {segment.encoder.reason}")
    return ", ".join(details)
