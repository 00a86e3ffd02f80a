"""A sink that takes its time, and notes on disk what it was handed: for processes that end with work before them."""

import asyncio
import os
import random
from pathlib import Path

from twincast import Sink, StreamId, TakenChunk

_FILE = Path(os.environ.get("HANDED_FILE", os.devnull))
_PAUSE_MS = float(os.environ.get("SINK_PAUSE_MS", "0"))


class SlowSink(Sink):
    """Two streams of three pause up to SINK_PAUSE_MS at each chunk; the third is fast."""

    def __init__(self, stream: StreamId) -> None:
        super().__init__(stream)
        self._file = _FILE.open("a")
        self._slow = int(stream.session[:8], 16) % 3 > 0

    async def chunk(self, chunk: TakenChunk) -> None:
        """Notes it first: from here on it has come."""
        self._file.write(f"{self.stream.session} {chunk.seq}\n")
        self._file.flush()
        if self._slow:
            await asyncio.sleep(random.random() * _PAUSE_MS / 1000)

    def closed(self, reason: str) -> None:
        """Closes the file."""
        self._file.close()
