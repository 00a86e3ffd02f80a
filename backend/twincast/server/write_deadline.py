"""An end for a peer that does not take what it is sent."""

import asyncio
from collections.abc import Callable
from typing import Final

_LEAST_TAKEN_BYTES: Final = 16 * 1024
"""What it has to take within the time-out, so that it cannot hold an answer by a byte now and then."""


class WriteDeadline:
    """Runs while more is waiting for the peer than its transport wants to keep."""

    def __init__(self, transport: asyncio.Transport, timeout_s: float, give_up: Callable[[str], None]) -> None:
        self.timeout_s = timeout_s
        self._transport = transport
        self._give_up = give_up
        self._timer: asyncio.TimerHandle | None = None
        self._waiting_bytes = 0

    @property
    def is_running(self) -> bool:
        """Whether the peer is behind."""
        return self._timer is not None

    def start(self) -> None:
        """As `pause_writing`."""
        self.stop()
        self._waiting_bytes = self._transport.get_write_buffer_size()
        self._timer = asyncio.get_running_loop().call_later(self.timeout_s, self._check)

    def stop(self) -> None:
        """As `resume_writing`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        taken = self._waiting_bytes - self._transport.get_write_buffer_size()
        self._timer = None
        if taken < _LEAST_TAKEN_BYTES:
            self._give_up("the peer does not read")
        else:
            self.start()
