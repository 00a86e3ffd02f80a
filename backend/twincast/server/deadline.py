"""An end for what shall not last."""

import asyncio
from collections.abc import Callable


class Deadline:
    """One at a time: another one takes its place."""

    def __init__(self, loop: asyncio.AbstractEventLoop, give_up: Callable[[str], None]) -> None:
        self._loop = loop
        self._give_up = give_up
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, seconds: float, reason: str) -> None:
        """Gives up after so long, for this reason."""
        self.cancel()
        self._timer = self._loop.call_later(seconds, self._give_up, reason)

    def cancel(self) -> None:
        """It may last."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
