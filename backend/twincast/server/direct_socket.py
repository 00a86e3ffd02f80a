"""What the server lends a handler beside ASGI: a short way for chunks and acks, and the right to end the connection.

A chunk that finds the reader idle and the sinks fast is taken in one plain call: no task, no queue, no await. Under any
other server, or for anything out of the ordinary, the long way through ASGI does the same.
"""

from collections.abc import Callable
from typing import Final, Protocol, cast

from starlette.types import Scope

STATE_KEY: Final = "twincast.socket"
"""In the `state` of the ASGI scope, where a server puts what an application may use."""


class DirectSocket(Protocol):
    """What the server lends."""

    take_bytes: Callable[[bytes], bool] | None
    """Called with a binary message that nothing waits in front of. True: taken. False: the long way."""

    def write_text(self, text: str) -> bool:
        """Writes a short text message at once, or returns False where something stands in its way."""

    def write_frame(self, frame: bytes) -> bool:
        """Writes a whole WebSocket frame at once, or returns False where something stands in its way."""

    def wait_for_reader(self, seconds: float) -> None:
        """Has patience for so long with a peer that takes nothing."""

    def abort(self) -> None:
        """Resets the connection."""

    def identify(self, address: str) -> None:
        """The request told the client's address."""

    def reached_app(self) -> None:
        """The head of a request was good, and the application has it."""

    def has_request(self) -> None:
        """The application has the whole request."""

    def has_answered(self) -> None:
        """The application is done with the request."""


class _NoDirectSocket:
    take_bytes: Callable[[bytes], bool] | None = None

    def write_text(self, _text: str) -> bool:
        return False

    def write_frame(self, _frame: bytes) -> bool:
        return False

    def wait_for_reader(self, _seconds: float) -> None:
        return None

    def abort(self) -> None:
        return None

    def identify(self, _address: str) -> None:
        return None

    def reached_app(self) -> None:
        return None

    def has_request(self) -> None:
        return None

    def has_answered(self) -> None:
        return None


def direct_socket(scope: Scope) -> DirectSocket:
    """What the server of this connection lends, or a stand-in that does nothing."""
    return cast("DirectSocket", scope.get("state", {}).get(STATE_KEY) or _NoDirectSocket())
