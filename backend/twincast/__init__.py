"""Takes the camera and the microphone of phones as live streams, and hands every chunk to sinks of your own.

docs/own-sink.md shows how. What is not named here is the inside of the package.
"""

from twincast.app import create_app, create_router
from twincast.serve import run
from twincast.settings import Settings
from twincast.sinks.load import SinkConfigurationError
from twincast.sinks.sink import ClosedReason, Pending, Sink, SinkFactory
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Encoder, Ended, Gap, Muted, Segment, StreamKind

__all__ = [
    "ClosedReason",
    "Encoder",
    "Ended",
    "Gap",
    "Muted",
    "Opened",
    "Pending",
    "Segment",
    "SegmentStart",
    "Settings",
    "Sink",
    "SinkConfigurationError",
    "SinkFactory",
    "StreamId",
    "StreamKind",
    "TakenChunk",
    "create_app",
    "create_router",
    "run",
]
