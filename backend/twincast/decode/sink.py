"""The sink that decodes."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import av
import numpy as np
from av import AudioFrame, AudioResampler, VideoFrame
from numpy.typing import NDArray

from twincast.decode.pipe import Pipe, call_in
from twincast.sinks.sink import ClosedReason, Pending, Sink
from twincast.streams.events import SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Segment

_LIVE: Final = {"probesize": "8192"}
"""Bytes that FFmpeg may collect before it says what it sees; its own limit is 5 MB."""

_PCM: Final = "fltp"
"""FFmpeg's name for 32-bit floats, one row per channel."""

_LAYOUTS: Final = {None: None, 1: "mono", 2: "stereo"}

_log = logging.getLogger("twincast.decode")

Frame = AudioFrame | VideoFrame


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture. `captured_at_ms` is on the phone's clock, which picture and sound of a session share.

    `frame` is PyAV's, as the encoder made it: in YUV, and perhaps to be turned by `frame.rotation`.
    """

    frame: VideoFrame
    captured_at_ms: float
    segment: Segment

    def rgb(self) -> NDArray[np.uint8]:
        """The picture upright: (height, width, 3), each from 0 to 255."""
        pixels = np.asarray(self.frame.to_ndarray(format="rgb24"), np.uint8)
        return np.rot90(pixels, round(self.frame.rotation / 90))


@dataclass(frozen=True, slots=True)
class Sound:
    """Decoded sound. `captured_at_ms`, of its first sample, is on the phone's clock.

    `pcm`: (channels, samples), each from -1 to 1.
    """

    pcm: NDArray[np.float32]
    sample_rate_hz: int
    captured_at_ms: float
    segment: Segment


class DecodeSink(Sink):
    """Calls `picture` or `sound` for everything that is decoded. Derive from it and define what you need.

    They run in a thread, in order, one at a time for a stream: a model may take its time in them. Where it is more than
    5 s behind, the stream waits for it, and the phone keeps what it records meanwhile. What they raise is a failure of
    this sink. A segment that cannot be decoded is left out, and logged; the next one begins afresh.

    `sample_rate_hz`, `channels`: what sound is converted to; None leaves it as it was sent. `block_samples`: how much
    each call of `sound` gets, but for the last one of a segment; None is what the encoder made, mostly 20 ms.
    """

    sample_rate_hz: int | None = None
    channels: Literal[1, 2] | None = None
    block_samples: int | None = None

    def __init__(self, stream: StreamId) -> None:
        super().__init__(stream)
        self._decoding: _Decoding | None = None
        self._skip_bytes = 0

    def picture(self, picture: Picture) -> None:
        """The next picture, in a thread."""

    def sound(self, sound: Sound) -> None:
        """The next piece of sound, in a thread."""

    async def segment(self, start: SegmentStart) -> None:
        """Each segment is a file of its own, so each has its decoder. A gap always ends a segment."""
        await self._finish()
        if not start.header_missing:  # cannot be decoded, and the phone begins another soon
            self._decoding = _Decoding(partial(self._decode, start.segment))
            self._skip_bytes = start.skip_bytes
            self._decoding.feed(start.header)  # of a process that came late; else empty

    def chunk(self, chunk: TakenChunk) -> Pending:
        """Hands the payload to the decoder."""
        payload, self._skip_bytes = bytes(chunk.payload[self._skip_bytes :]), 0
        return None if self._decoding is None else self._decoding.feed(payload)

    async def closed(self, reason: ClosedReason) -> None:
        """Waits until the last frames have come out."""
        await self._finish()

    async def _finish(self) -> None:
        decoding, self._decoding = self._decoding, None
        if decoding is not None:
            await decoding.finish()

    def _decode(self, segment: Segment, pipe: Pipe) -> None:
        """In the thread: the whole of a segment."""
        resampler = AudioResampler(_PCM, _LAYOUTS[self.channels], self.sample_rate_hz, self.block_samples)
        heard = False
        at_ms = segment.started_at
        for frame in _frames(pipe, self.stream):
            if isinstance(frame, VideoFrame):
                at_ms = _captured_at_ms(segment, frame, at_ms)
                self.picture(Picture(frame, at_ms, segment))
            else:
                heard = True
                self._hear(segment, resampler.resample(frame))
        if heard:
            self._hear(segment, resampler.resample(None))

    def _hear(self, segment: Segment, pieces: list[AudioFrame]) -> None:
        for piece in pieces:
            at_ms = _captured_at_ms(segment, piece, segment.started_at)
            self.sound(Sound(np.asarray(piece.to_ndarray(), np.float32), piece.sample_rate, at_ms, segment))


class _Decoding:
    """One segment's thread. `decode(pipe)` runs in it; what that raises is raised by the next call here."""

    def __init__(self, decode: Callable[[Pipe], None]) -> None:
        self._decode = decode
        self._pipe = Pipe()
        self._loop = asyncio.get_running_loop()
        self._done = self._loop.create_future()
        self._failure: BaseException | None = None
        threading.Thread(target=self._run, name="twincast.decode", daemon=True).start()

    def feed(self, data: bytes) -> Pending:
        """Hands over bytes."""
        self._raise_failure()
        return self._pipe.write(data)

    async def finish(self) -> None:
        """Waits for what is left. Where nobody waits any longer, it is dropped."""
        self._pipe.end()
        try:
            await self._done
        except asyncio.CancelledError:
            self._pipe.abandon()
            raise
        self._raise_failure()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _run(self) -> None:
        """In the thread."""
        try:
            self._decode(self._pipe)
        except BaseException as error:
            self._failure = error
        finally:
            self._pipe.abandon()
            call_in(self._loop, self._done)


def _frames(pipe: Pipe, stream: StreamId) -> Iterator[Frame]:
    """What a segment holds, as far as it can be decoded."""
    try:
        with av.open(pipe, mode="r", options=_LIVE) as container:
            for frame in container.decode(container.streams[0]):
                if pipe.is_abandoned:
                    return
                if isinstance(frame, AudioFrame | VideoFrame):
                    yield frame
    except (av.FFmpegError, IndexError) as error:
        _log.warning("%s of %s: the rest of a segment cannot be decoded: %s", stream.kind, stream.short, error)


def _captured_at_ms(segment: Segment, frame: Frame, without_ms: float) -> float:
    """A frame's time counts from the segment's beginning. `without_ms` is for one that has none."""
    return without_ms if frame.time is None else segment.started_at + frame.time * 1000
