"""Whoever has sent much at once takes turns, so that others are served between."""

import asyncio
import time
from typing import Final, Protocol

_TURN_S: Final = 0.004
"""How long the event loop is held at a time, whatever waits and from however many connections."""


class TakesTurns(Protocol):
    """A connection with bytes that wait."""

    def take_turn(self) -> bool:
        """Works for a short while. Returns whether there is more to do now."""


class Turns:
    """One queue for all connections of a server."""

    def __init__(self) -> None:
        self._queue: dict[TakesTurns, None] = {}
        self._is_scheduled = False

    def add(self, connection: TakesTurns) -> None:
        """It has something to do, behind those that wait already."""
        self._queue[connection] = None
        self._schedule()

    def remove(self, connection: TakesTurns) -> None:
        """It is gone."""
        self._queue.pop(connection, None)

    def _run(self) -> None:
        self._is_scheduled = False
        until_s = time.perf_counter() + _TURN_S
        while self._queue:
            connection = next(iter(self._queue))
            del self._queue[connection]
            if connection.take_turn():
                self._queue[connection] = None
            if time.perf_counter() >= until_s:
                break
        if self._queue:
            self._schedule()

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._run)
