"""A sink that appends what arrives to files: one per run, which a decoder plays, and one with all that happened.

<folder>/<session>/<stream>/segment-<segment>-from-<seq>.<webm|mkv|mp4|bin>
<folder>/<session>/<stream>/events.jsonl
"""

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final

from twincast.sinks.sink import ClosedReason, Sink
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Ended, Gap, Muted

FOLDER_VARIABLE: Final = "FILE_SINK_FOLDER"
_EXTENSIONS: Final = {"webm": "webm", "x-matroska": "mkv", "matroska": "mkv", "mp4": "mp4"}


class _Files:
    """The open files of one stream. Called from worker threads, never twice at once for one stream."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._events: BinaryIO = (folder / "events.jsonl").open("ab")
        self._media: BinaryIO | None = None

    def note(self, event: str, **fields: object) -> None:
        self._events.write(json.dumps({"event": event, **fields}).encode() + b"\n")
        self._events.flush()

    def begin(self, start: SegmentStart) -> None:
        if self._media is not None:
            self._media.close()
        subtype = start.segment.mime_type.partition(";")[0].rpartition("/")[2].strip().lower()
        name = f"segment-{start.segment.segment}-from-{start.from_seq}.{_EXTENSIONS.get(subtype, 'bin')}"
        self._media = (self._folder / name).open("wb")
        self.note("segment", **asdict(start), file=name)

    def append(self, chunk: TakenChunk) -> None:
        if self._media is None:
            raise RuntimeError("a chunk came before its segment")
        self._media.write(chunk.payload)
        self._media.flush()  # the chunk is acknowledged after this; a crash of the process must not lose it
        self.note(
            "chunk",
            seq=chunk.seq,
            segment=chunk.segment.segment,
            bytes=len(chunk.payload),
            first=chunk.first,
            last=chunk.last,
            keyFrame=chunk.key_frame,
            capturedFrom=chunk.captured_from_ms,
            capturedTo=chunk.captured_to_ms,
            receivedAt=chunk.received_at_ms,
            delayMs=chunk.delay_ms,
        )

    def close(self) -> None:
        if self._media is not None:
            self._media.close()
        self._events.close()


class FileSink(Sink):
    """Writes below `folder`.

    A full disk refuses the stream (4500): the phone must not believe that its media are safe.
    """

    on_failure = "close"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._streams: dict[StreamId, _Files] = {}

    async def opened(self, stream: StreamId, opened: Opened) -> None:
        """Opens the folder of the stream on its first connection to this process."""
        if stream not in self._streams:
            folder = self._folder / stream.session / stream.kind
            self._streams[stream] = await asyncio.to_thread(_Files, folder)
        await self._note(stream, "opened", how=opened.how, nextSeq=opened.next_seq, userAgent=opened.user_agent)

    async def segment(self, stream: StreamId, start: SegmentStart) -> None:
        """Begins the file of the run."""
        await asyncio.to_thread(self._streams[stream].begin, start)

    async def chunk(self, stream: StreamId, chunk: TakenChunk) -> None:
        """Appends to it."""
        await asyncio.to_thread(self._streams[stream].append, chunk)

    async def gap(self, stream: StreamId, gap: Gap) -> None:
        """Notes what will never come."""
        await self._note(stream, "gap", **{"from": gap.from_seq, "to": gap.to_seq, "ms": gap.ms, "reason": gap.reason})

    async def muted(self, stream: StreamId, muted: Muted) -> None:
        """Notes a mute or unmute."""
        await self._note(stream, "muted", muted=muted.muted)

    async def ended(self, stream: StreamId, ended: Ended) -> None:
        """Notes the verdict."""
        await self._note(
            stream,
            "ended",
            chunks=ended.chunks,
            bytes=ended.bytes,
            verified=ended.verified,
            gaps=[gap._asdict() for gap in ended.gaps],
            runs=[run._asdict() for run in ended.runs],
        )

    async def closed(self, stream: StreamId, reason: ClosedReason) -> None:
        """Closes the files."""
        files = self._streams.pop(stream, None)
        if files is not None:
            await asyncio.to_thread(files.note, "closed", reason=reason)
            await asyncio.to_thread(files.close)

    async def _note(self, stream: StreamId, event: str, **fields: object) -> None:
        files = self._streams[stream]
        await asyncio.to_thread(lambda: files.note(event, **fields))


def file_sink() -> FileSink:
    """The factory for `SINKS=file`; the folder is `FILE_SINK_FOLDER`, or `recordings` where that is not set."""
    return FileSink(Path(os.environ.get(FOLDER_VARIABLE, "recordings")))
