"""Decodes live chunks with PyAV: audio to PCM, video to frames, across segments and gaps."""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

import av
from av import AudioFrame, VideoFrame

from twincast import ClosedReason, Pending, SegmentStart, Sink, StreamId, TakenChunk

_MAX_WAITING_CHUNKS: Final = 50
"""Five seconds at the usual cadence. When the decoder is further behind, the stream waits for it."""

_LIVE: Final = {"probesize": "8192"}
"""Bytes that FFmpeg may collect before it says what it sees; its own limit is 5 MB."""

_log = logging.getLogger("decode")

OnFrame = Callable[[StreamId, SegmentStart, AudioFrame | VideoFrame], None]


class Decoder:
    """Decodes one segment in a thread of its own: PyAV pulls bytes, and chunks are pushed."""

    def __init__(self, on_frame: Callable[[AudioFrame | VideoFrame], None]) -> None:
        self._chunks: queue.Queue[bytes] = queue.Queue(_MAX_WAITING_CHUNKS)
        self._rest = b""
        self._ended = False
        self._on_frame = on_frame
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def feed(self, data: bytes) -> Pending:
        """Hands over bytes; none are the end. Waits only where the decoder is far behind."""
        try:
            self._chunks.put_nowait(data)
        except queue.Full:
            return asyncio.to_thread(self._chunks.put, data)
        return None

    async def finish(self) -> None:
        """Decodes what is left."""
        pending = self.feed(b"")
        if pending is not None:
            await pending
        await asyncio.to_thread(self._thread.join)

    def read(self, size: int) -> bytes:
        """Called by PyAV, in the thread: waits for bytes; none at the end of the segment."""
        if not self._rest and not self._ended:
            self._rest = self._chunks.get()
            self._ended = not self._rest  # FFmpeg asks again after the end
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def _run(self) -> None:
        try:
            with av.open(self, mode="r", options=_LIVE) as container:
                for frame in container.decode(container.streams[0]):
                    if isinstance(frame, AudioFrame | VideoFrame):
                        self._on_frame(frame)
        except Exception:
            _log.exception("the rest of a segment cannot be decoded; the next one begins afresh")
            while not self._ended:
                self._rest = b""
                self.read(1)


class DecodeSink(Sink):
    """Calls `on_frame(stream, segment, frame)` for every decoded frame, in a thread per segment.

    `frame.to_ndarray()` is the PCM or the picture. `frame.time` counts seconds from the segment's beginning, which was
    `segment.segment.started_at` on the phone's clock.
    """

    def __init__(self, stream: StreamId, on_frame: OnFrame) -> None:
        super().__init__(stream)
        self._on_frame = on_frame
        self._decoder: Decoder | None = None
        self._skip_bytes = 0

    async def segment(self, start: SegmentStart) -> None:
        """Each segment is a file of its own, so each has its decoder. A gap always ends a segment."""
        await self._finish()
        if not start.header_missing:  # begun in another process: cannot be decoded, and the phone begins another soon
            self._decoder = Decoder(lambda frame: self._on_frame(self.stream, start, frame))
            self._skip_bytes = start.skip_bytes
            if start.header:  # this process came late
                self._decoder.feed(start.header)

    def chunk(self, chunk: TakenChunk) -> Pending:
        """An empty chunk has nothing to decode."""
        payload, self._skip_bytes = bytes(chunk.payload[self._skip_bytes :]), 0
        return self._decoder.feed(payload) if self._decoder is not None and payload else None

    async def closed(self, reason: ClosedReason) -> None:
        """The last frames come out here."""
        await self._finish()

    async def _finish(self) -> None:
        decoder, self._decoder = self._decoder, None
        if decoder is not None:
            await decoder.finish()
