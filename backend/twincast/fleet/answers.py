"""What the engine answered to an append, as a union."""

from dataclasses import dataclass
from typing import Final

from redis.exceptions import BusyLoadingError, OutOfMemoryError, ReadOnlyError, ResponseError


@dataclass(frozen=True, slots=True)
class Taken:
    """It is in the log, now or since a broken connection."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Another connection has the stream."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The engine does not know the stream any more."""


@dataclass(frozen=True, slots=True)
class Hole:
    """An append before this one is missing: refused for want of memory, or lost with the engine's newest data."""


@dataclass(frozen=True, slots=True)
class Full:
    """The engine has no memory for it. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class NotReady:
    """The engine cannot do it now: it loads, does not know the functions, or is a replica. `why` is its word."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The function failed, which it never should. `why` is its word."""

    why: str


Answer = Taken | Stale | Gone | Hole | Full | NotReady | Refused

TAKEN: Final = Taken()
STALE: Final = Stale()
GONE: Final = Gone()
HOLE: Final = Hole()
FULL: Final = Full()


def answer_of(reply: object) -> Answer:
    """Reads the reply to an append: a number, or an error of the engine."""
    if isinstance(reply, int):
        return TAKEN
    if isinstance(reply, OutOfMemoryError):
        return FULL
    if isinstance(reply, ResponseError) and not isinstance(reply, BusyLoadingError | ReadOnlyError):
        match str(reply).partition(" ")[0]:
            case "STALE":
                return STALE
            case "GONE":
                return GONE
            case "HOLE":
                return HOLE
            case "OOM":
                return FULL
            case _:
                pass
        if "unction not found" not in str(reply):
            return Refused(str(reply))
    return NotReady(str(reply))
