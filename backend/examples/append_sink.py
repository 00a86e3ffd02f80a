"""Appends every run of a stream to a file of its own, which a decoder plays."""

import asyncio
from pathlib import Path
from typing import BinaryIO

from twincast import ClosedReason, SegmentStart, Sink, StreamId, TakenChunk


class AppendSink(Sink):
    """Writes in a thread, so that a slow disk slows the one stream and nothing else."""

    on_failure = "close"  # a phone must not read "everything arrived" when the disk is full

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[StreamId, BinaryIO] = {}

    async def segment(self, stream: StreamId, start: SegmentStart) -> None:
        """A new run: close the file of the last one, open the next."""
        await self._close(stream)
        path = self._folder / f"{stream.session}-{stream.kind}-{start.segment.segment}-{start.from_seq}"
        self._files[stream] = await asyncio.to_thread(path.open, "wb")

    async def chunk(self, stream: StreamId, chunk: TakenChunk) -> None:
        """The phone gets its acknowledgement when this returns."""
        await asyncio.to_thread(self._append, self._files[stream], chunk.payload)

    async def closed(self, stream: StreamId, reason: ClosedReason) -> None:
        """The stream ended, was forgotten, or the process ends."""
        await self._close(stream)

    async def _close(self, stream: StreamId) -> None:
        file = self._files.pop(stream, None)
        if file is not None:
            await asyncio.to_thread(file.close)

    @staticmethod
    def _append(file: BinaryIO, payload: memoryview) -> None:
        file.write(payload)
        file.flush()
