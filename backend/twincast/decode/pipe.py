"""Bytes on their way from the event loop, which pushes chunks, to a thread in which FFmpeg pulls them."""

import asyncio
import threading
from collections import deque
from typing import Final

from twincast.sinks.sink import Pending

MAX_WAITING_CHUNKS: Final = 50
"""Five seconds at the usual cadence. When the reader is further behind, the stream waits for it."""


class Pipe:
    """One writer, in the event loop that makes it, and one reader, in a thread. No thread waits for the reader."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._chunks: deque[bytes] = deque()
        self._rest = b""
        self._is_ended = False
        self.is_abandoned = False
        self._room: asyncio.Future[None] | None = None

    def write(self, data: bytes) -> Pending:
        """Takes `data` in any case. What it returns is to be awaited before the next call."""
        with self._changed:
            if self.is_abandoned or not data:
                return None
            self._chunks.append(data)
            self._changed.notify()
            if len(self._chunks) <= MAX_WAITING_CHUNKS:
                return None
            self._room = self._loop.create_future()
            return self._room

    def end(self) -> None:
        """Nothing more will be written. What was is still read."""
        with self._changed:
            self._is_ended = True
            self._changed.notify()

    def abandon(self) -> None:
        """Nothing more is read: drops what waits, and whatever comes. From either side."""
        with self._changed:
            self._is_ended = self.is_abandoned = True
            self._chunks.clear()
            self._rest = b""
            self._changed.notify()
            self._make_room()

    def read(self, size: int) -> bytes:
        """At most `size` bytes, for which it waits; none are the end. In the reader's thread."""
        if not self._rest:
            with self._changed:
                self._changed.wait_for(lambda: self._chunks or self._is_ended)
                if self._chunks:
                    self._rest = self._chunks.popleft()
                    self._make_room()
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            call_in(self._loop, room)


def call_in(loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]) -> None:
    """Resolves `done` from another thread. An event loop that is over, or one that gave up waiting, needs no answer."""
    try:
        loop.call_soon_threadsafe(lambda: None if done.done() else done.set_result(None))
    except RuntimeError:
        if not loop.is_closed():
            raise
