"""The backend's own decoding sink with the collector behind it: what PyAV makes of each chunk, and when."""

import os
from pathlib import Path

from twincast import StreamId
from twincast.decode import DecodeSink, Picture, Sound

from collector import Pictures, now_ms
from collector import Sound as SoundFile

FOLDER = Path(os.environ["PEERS_FOLDER"])


class DecodingSink(DecodeSink):
    """Notes what the application is given, in the thread in which it would work on it."""

    channels = 1

    def __init__(self, stream: StreamId) -> None:
        super().__init__(stream)
        self._pictures = Pictures(FOLDER, stream.session) if stream.kind == "video" else None
        self._sound = SoundFile(FOLDER, stream.session) if stream.kind == "audio" else None

    def picture(self, picture: Picture) -> None:
        """The next picture."""
        at, frame = now_ms(), picture.frame
        plane = frame.planes[0]
        if self._pictures is not None:
            self._pictures.take(at, frame.width, plane.line_size, memoryview(plane))

    def sound(self, sound: Sound) -> None:
        """The next piece of sound."""
        if self._sound is not None:
            self._sound.take(now_ms(), "f32", 1, sound.pcm.tobytes(), sound.captured_at_ms)
