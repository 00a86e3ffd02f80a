"""The short way between a WebSocket and its handler, past ASGI's queue and coroutines, where the server lends one.

A chunk that finds the reader idle and the sinks fast is taken in one plain call: no task, no queue, no await. Under any
other server, or for anything out of the ordinary, the long way through ASGI does the same.
"""

from collections.abc import Callable
from typing import Final, Protocol, cast

from starlette.types import Scope

_EXTENSION: Final = "twincast.direct"


class DirectSocket(Protocol):
    """What the server lends."""

    take_bytes: Callable[[bytes], bool] | None
    """Called with each binary message while the handler waits in `receive`. True: taken. False: the long way."""

    def write_text(self, text: str) -> bool:
        """Writes a short text message at once, if nothing stands in its way."""

    def abort(self) -> None:
        """Resets the connection."""


class _NoDirectSocket:
    take_bytes: Callable[[bytes], bool] | None = None

    def write_text(self, _text: str) -> bool:
        return False

    def abort(self) -> None:
        return None


def lend(scope: Scope, socket: DirectSocket) -> None:
    """Puts `socket` where `direct_socket` finds it."""
    scope["extensions"][_EXTENSION] = socket


def direct_socket(scope: Scope) -> DirectSocket:
    """What the server of this connection lends, or a stand-in that does nothing."""
    return cast("DirectSocket", scope.get("extensions", {}).get(_EXTENSION) or _NoDirectSocket())
