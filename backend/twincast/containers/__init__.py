"""Where in a live file a decoder can begin. Pure."""

from twincast.containers.container import Container, find_media, find_newest_join
from twincast.containers.matroska import Matroska
from twincast.containers.mp4 import Mp4
from twincast.wire.message_types import Segment, StreamKind

__all__ = ["Container", "container_of", "find_media", "find_newest_join"]


def container_of(segment: Segment, kind: StreamKind) -> Container | None:
    """How to look through the files of `segment`; None where nobody here knows."""
    subtype = segment.mime_type.partition(";")[0].rpartition("/")[2].strip().lower()
    match subtype:
        case "webm" | "x-matroska" | "matroska":
            return Matroska(kind)
        case "mp4":
            return Mp4(kind)
        case _:
            return None
