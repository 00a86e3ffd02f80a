"""Notices a socket on which nothing comes."""

import asyncio
from collections.abc import Callable


class IdleWatch:
    """Calls `on_idle` once, when nothing was heard for `idle_s` seconds since `start`, unless it is stopped before."""

    def __init__(self, idle_s: float, on_idle: Callable[[], None]) -> None:
        self.heard_at_s = 0.0
        """When something came last, by the clock of the event loop."""
        self.is_paused = False
        """It is this side that does not listen."""
        self._idle_s = idle_s
        self._on_idle = on_idle
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Watches from now on."""
        self.heard_at_s = self._loop.time()
        self._timer = self._loop.call_later(self._idle_s, self._look)

    def stop(self) -> None:
        """Watches no longer. Safe to call again."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        if self.is_paused:
            self.heard_at_s = self._loop.time()
        due_s = self.heard_at_s + self._idle_s
        if self._loop.time() < due_s:
            self._timer = self._loop.call_at(due_s, self._look)
        else:
            self._on_idle()
