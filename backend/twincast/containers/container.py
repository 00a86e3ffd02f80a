"""What is looked for in a live file: where its media begin, and where in them a decoder can begin.

Nothing here follows a file from its first byte: a place is found by its marker and by what stands behind it, so that
somebody can come at any time, and what nobody looks for costs nothing. Four bytes alone turn up in compressed media
every few hours; the ten and more that are looked at here do not.
"""

from enum import Enum
from typing import Protocol


class Verdict(Enum):
    """What stands at a marker."""

    NOTHING = "nothing"
    """The bytes only look like it."""
    UNDECIDED = "undecided"
    """More has to come first."""
    MEDIA = "media"
    """Media begin here, but no decoder can."""
    JOIN = "join"


class Container(Protocol):
    """How one kind of file is looked through."""

    marker: bytes
    before_marker: int
    """Bytes of the element in front of its marker."""
    max_element_bytes: int
    """How much of the element has to be there before there is a verdict."""

    def judge(self, data: bytes | bytearray, at: int) -> Verdict:
        """What begins at `at`, where the marker was found `before_marker` bytes later."""

    def read_head(self, head: bytes) -> None:
        """The bytes in front of all media are known."""


def find_media(container: Container, data: bytes | bytearray, start: int = 0) -> tuple[int | None, int]:
    """Where the first media at or behind `start` begin, or None; and where to look again when more has come."""
    at = data.find(container.marker, start + container.before_marker)
    while at >= 0:
        element = at - container.before_marker
        match container.judge(data, element):
            case Verdict.UNDECIDED:
                return None, element
            case Verdict.NOTHING:
                at = data.find(container.marker, at + 1)
            case Verdict.MEDIA | Verdict.JOIN:
                return element, element
    return None, max(start, _undecidable_from(container, data))


def find_newest_join(container: Container, data: bytes | bytearray) -> tuple[int | None, int]:
    """Where the last join point begins, or None; and from where on there may be another when more has come."""
    undecided_from = _undecidable_from(container, data)
    stop = len(data)
    while (at := data.rfind(container.marker, container.before_marker, stop)) >= 0:
        element = at - container.before_marker
        verdict = container.judge(data, element)
        if verdict is Verdict.JOIN:
            return element, undecided_from
        if verdict is Verdict.UNDECIDED:
            undecided_from = min(undecided_from, element)
        stop = at + len(container.marker) - 1
    return None, undecided_from


def _undecidable_from(container: Container, data: bytes | bytearray) -> int:
    """From where on there is no room for a marker."""
    return max(0, len(data) - len(container.marker) - container.before_marker + 1)
