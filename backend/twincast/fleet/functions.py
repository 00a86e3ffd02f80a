"""The functions that run inside the engine (functions.lua), and the keys that they are given."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from twincast.streams.events import StreamId

_TEMPLATE: Final = files("twincast.fleet").joinpath("functions.lua").read_text(encoding="utf-8")

LIBRARY: Final = f"twincast_{hashlib.sha256(_TEMPLATE.encode()).hexdigest()[:8]}"
"""The name is the version: another text has another name, so that old and new processes share an engine."""

SOURCE: Final = _TEMPLATE.replace("LIBRARY", LIBRARY)

APPEND: Final = f"{LIBRARY}_append".encode()
OPEN: Final = f"{LIBRARY}_open".encode()
KEEP: Final = f"{LIBRARY}_keep".encode()
FORGET: Final = f"{LIBRARY}_forget".encode()
SAVE: Final = f"{LIBRARY}_save".encode()
RELEASE: Final = f"{LIBRARY}_release".encode()

SESSIONS: Final = b"tc:sessions"
"""Sorted set: session -> when somebody last had it, ms of the engine's clock."""

ROLL_CALL: Final = "tc:roll-call"
"""The channel on which a process asks all others what they have: "<owner> <key of the list for the answers>"."""

DISPLACED: Final = "tc:displaced:"
"""Prefix of the channels on which an owner is told that another took a stream over: "<state key> <epoch>"."""


@dataclass(frozen=True, slots=True)
class StreamKeys:
    """Of one stream; all of them lie in one slot."""

    log: bytes
    state: bytes
    marks: bytes

    @classmethod
    def of(cls, stream_id: StreamId) -> "StreamKeys":
        """The keys of a stream."""
        prefix = f"tc:{{{stream_id.session}:{stream_id.kind}}}:"
        return cls(f"{prefix}log".encode(), f"{prefix}state".encode(), f"{prefix}marks".encode())

    @property
    def arguments(self) -> tuple[bytes, ...]:
        """As FCALL takes them: their number, and the keys in the order of functions.lua."""
        return (b"4", self.log, self.state, self.marks, SESSIONS)


HEADER_SLOTS: Final = 4
"""The state keeps the headers of the newest segments, at their number modulo this: a slow consumer reads older ones."""


def header_field(segment: int) -> bytes:
    """Of the state: the header of a segment, as long as none of a later one took its place."""
    return b"header:%d" % (segment % HEADER_SLOTS)


def lease_key(group: str, session: str) -> str:
    """Which consumer of `group` has the session; gone when it is no longer renewed."""
    return f"tc:lease:{{{group}:{session}}}"


def positions_key(group: str, session: str) -> str:
    """Hash: stream -> the id of the last entry behind the sinks of `group`."""
    return f"tc:position:{{{group}:{session}}}"


def consumers_key(group: str) -> str:
    """Sorted set: consumer -> when it last said that it is there, ms of the engine's clock."""
    return f"tc:consumers:{group}"
