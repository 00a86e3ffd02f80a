"""Appends what comes of a stream to files that a decoder plays, one for each stretch without a gap."""

import asyncio
from pathlib import Path
from typing import BinaryIO, Final

from twincast import ClosedReason, SegmentStart, Sink, StreamId, TakenChunk

FOLDER: Final = Path("recordings")


class AppendSink(Sink):
    """Writes in a thread, so that a slow disk slows the one stream and nothing else."""

    on_failure = "close"  # a phone must not read "everything arrived" when the disk is full

    def __init__(self, stream: StreamId, folder: Path = FOLDER) -> None:
        super().__init__(stream)
        self._folder = folder
        self._file: BinaryIO | None = None
        self._skip_bytes = 0

    async def segment(self, start: SegmentStart) -> None:
        """Close the file before, open the next."""
        await self._close()
        name = f"{self.stream.session}-{self.stream.kind}-{start.segment.segment}-{start.from_seq}"
        self._file = await asyncio.to_thread(self._create, name)
        self._skip_bytes = start.skip_bytes
        if start.header:  # this process came late
            await asyncio.to_thread(self._append, memoryview(start.header))

    async def chunk(self, chunk: TakenChunk) -> None:
        """The phone gets its acknowledgement when this returns."""
        payload, self._skip_bytes = chunk.payload[self._skip_bytes :], 0
        await asyncio.to_thread(self._append, payload)

    async def closed(self, reason: ClosedReason) -> None:
        """The stream ended, was forgotten or failed, or the process ends."""
        await self._close()

    async def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            await asyncio.to_thread(file.close)

    def _create(self, name: str) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        return (self._folder / name).open("wb")

    def _append(self, payload: memoryview) -> None:
        if self._file is None:
            raise RuntimeError("a chunk came before its segment")
        self._file.write(payload)
        self._file.flush()
