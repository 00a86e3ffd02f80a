"""A sink that appends what arrives to files: one per range, which a decoder plays, and one with all that happened.

<folder>/<session>/<stream>/segment-<segment>-from-<seq>.<webm|mkv|mp4|mjpeg|bin>
<folder>/<session>/<stream>/events.jsonl
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

import msgspec

from twincast.sinks.load import SinkConfigurationError
from twincast.sinks.sink import ClosedReason, Sink, SinkFactory
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Ended, Gap, Muted

_EXTENSIONS: Final = {"webm": "webm", "x-matroska": "mkv", "matroska": "mkv", "mp4": "mp4", "x-motion-jpeg": "mjpeg"}


@dataclass(slots=True)
class RangeFile:
    """The file of one range, as far as it is written."""

    file: BinaryIO
    name: str
    bytes: int = 0
    # Of the file, for `sha256sum`: the wire's hash is a chain over its chunks.
    sha256: "hashlib._Hash" = field(default_factory=hashlib.sha256)


class StreamFiles:
    """The open files of one stream. Called from worker threads, never twice at once for one stream."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._events: BinaryIO = (folder / "events.jsonl").open("ab")
        self._media: RangeFile | None = None
        self._skip_bytes = 0

    def note(self, event: str, **fields: object) -> None:
        """One line of `events.jsonl`."""
        self._events.write(msgspec.json.encode({"event": event, **fields}) + b"\n")
        self._events.flush()

    def begin(self, start: SegmentStart) -> None:
        """The file of a range, which begins with the segment's header where that came from elsewhere."""
        self.finish()
        subtype = start.segment.mime_type.partition(";")[0].rpartition("/")[2].strip().lower()
        name = f"segment-{start.segment.segment}-from-{start.from_seq}.{_EXTENSIONS.get(subtype, 'bin')}"
        self._media = RangeFile((self._folder / name).open("wb"), name)
        self.note(
            "segment",
            segment=msgspec.structs.asdict(start.segment),
            from_seq=start.from_seq,
            header_missing=start.header_missing,
            header_bytes=len(start.header),
            file=name,
        )
        self._write(start.header)
        self._skip_bytes = start.skip_bytes

    def append(self, chunk: TakenChunk) -> None:
        """Appends to it. Raises `RuntimeError` where none was begun."""
        if self._media is None:
            raise RuntimeError("a chunk came before its segment")
        payload = chunk.payload[self._skip_bytes :]
        self._skip_bytes = 0
        self._write(payload)
        self.note(
            "chunk",
            seq=chunk.seq,
            segment=chunk.segment.segment,
            bytes=len(payload),
            first=chunk.first,
            last=chunk.last,
            keyFrame=chunk.key_frame,
            capturedFrom=chunk.captured_from_ms,
            capturedTo=chunk.captured_to_ms,
            receivedAt=chunk.received_at_ms,
            delayMs=chunk.delay_ms,
        )

    def gap(self, gap: Gap) -> None:
        """Notes what will never come. It ended the range."""
        self.finish()
        self.note("gap", **{"from": gap.from_seq, "to": gap.to_seq, "ms": gap.ms, "reason": gap.reason})

    def ended(self, ended: Ended) -> None:
        """Notes the verdict."""
        self.finish()
        self.note(
            "ended",
            chunks=ended.chunks,
            bytes=ended.bytes,
            verified=ended.verified,
            gaps=[msgspec.structs.asdict(gap) for gap in ended.gaps],
            ranges=[one._asdict() for one in ended.ranges],
        )

    def finish(self) -> None:
        """Closes the file of the range, if any: nothing more comes into it."""
        media, self._media = self._media, None
        if media is not None:
            media.file.close()
            self.note("file", file=media.name, bytes=media.bytes, sha256=media.sha256.hexdigest())

    def close(self) -> None:
        """Nothing more will come."""
        with self._events:  # closed also where the media cannot be
            self.finish()

    def _write(self, data: bytes | memoryview) -> None:
        media = self._media
        if media is not None and len(data) > 0:
            media.file.write(data)
            media.file.flush()  # the chunk is acknowledged after this; a crash of the process must not lose it
            media.bytes += len(data)
            media.sha256.update(data)


class FileSink(Sink):
    """Writes what comes of one stream below `folder`.

    A full disk refuses the stream (4500): the phone must not believe that its media are safe.
    """

    on_failure = "close"

    def __init__(self, stream: StreamId, folder: Path, open_files: Callable[[Path], StreamFiles] = StreamFiles) -> None:
        super().__init__(stream)
        self._folder = folder / stream.session / stream.kind
        self._open_files = open_files
        self._files: StreamFiles | None = None

    async def opened(self, opened: Opened) -> None:
        """Opens the folder of the stream on its first connection to this process."""
        if self._files is None:
            self._files = await asyncio.to_thread(self._open_files, self._folder)
        await self._note("opened", how=opened.how, nextSeq=opened.next_seq, userAgent=opened.user_agent)

    async def segment(self, start: SegmentStart) -> None:
        """Begins the file of the range."""
        await asyncio.to_thread(self._open.begin, start)

    async def chunk(self, chunk: TakenChunk) -> None:
        """Appends to it."""
        await asyncio.to_thread(self._open.append, chunk)

    async def gap(self, gap: Gap) -> None:
        """Notes what will never come."""
        await asyncio.to_thread(self._open.gap, gap)

    async def muted(self, muted: Muted) -> None:
        """Notes a mute or unmute."""
        await self._note("muted", muted=muted.muted)

    async def ended(self, ended: Ended) -> None:
        """Notes the verdict."""
        await asyncio.to_thread(self._open.ended, ended)

    async def closed(self, reason: ClosedReason) -> None:
        """Closes the files. The verdict stays the last line where there is one."""
        if self._files is None:
            return
        try:
            if reason != "ended":
                await asyncio.to_thread(self._files.finish)
                await self._note("closed", reason=reason)
        finally:
            await asyncio.to_thread(self._files.close)

    @property
    def _open(self) -> StreamFiles:
        if self._files is None:
            raise RuntimeError("an event came before the stream was opened")
        return self._files

    async def _note(self, event: str, **fields: object) -> None:
        await asyncio.to_thread(lambda: self._open.note(event, **fields))


def file_sink(folder: Path, open_files: Callable[[Path], StreamFiles] = StreamFiles) -> SinkFactory:
    """The factory for `SINKS=file`: everything goes below `folder`. Raises `SinkConfigurationError` if nothing can.

    `open_files`: makes what writes into the folder of one stream, or goes on with what is there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SinkConfigurationError(f"FILE_SINK_FOLDER: nothing can be written to {folder}: {error}") from error
    return partial(FileSink, folder=folder, open_files=open_files)
