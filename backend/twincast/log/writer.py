"""Writes lines to a stream from a thread of its own, so that a stalled terminal never stalls the event loop."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

_GATHER_S: Final = 0.01
"""After it wakes the thread waits this long and writes all lines at once: one wake-up and one write, not one each."""


class LogWriter:
    """A bounded queue of lines in front of `out`. What does not fit is dropped and counted.

    `write` is for callers that limit themselves. `write_limited` takes `max_per_second` lines, so that a flood of
    errors does not become a flood of lines. `dropped_line` makes the line that states how many did not come out.
    """

    def __init__(
        self,
        out: TextIO,
        dropped_line: Callable[[int], str],
        max_per_second: int = 150,
        max_lines: int = 10_000,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out
        self._dropped_line = dropped_line
        self._max_lines = max_lines
        self._max_per_second = max_per_second
        self._now_s = now_s
        self._second = 0
        self._this_second = 0
        self._lines: deque[str] = deque()
        self._dropped = 0  # only writers touch it
        self._told = 0  # only the thread touches it
        self._wake = threading.Event()
        self._closing = False
        self._broken = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Queues one line, without its line end. Never blocks, never raises."""
        if len(self._lines) >= self._max_lines:
            self._dropped += 1
            return
        self._lines.append(line)
        if not self._wake.is_set():
            self._wake.set()

    def write_limited(self, line: str) -> None:
        """As `write`, while this second has room."""
        if self.claim():
            self.write(line)

    def claim(self) -> bool:
        """Whether this second has room for a line, which the caller then writes; else it counts as left out."""
        second = int(self._now_s())
        if second != self._second:
            self._second = second
            self._this_second = 0
        self._this_second += 1
        if self._this_second > self._max_per_second:
            self._dropped += 1
            return False
        return True

    def close(self, timeout_s: float = 1.0) -> None:
        """Writes what is queued and ends the thread, waiting at most `timeout_s` for a stalled reader."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait()
            if not self._closing:
                time.sleep(_GATHER_S)
            # Cleared before the queue is read: a line that comes now wakes the thread again.
            self._wake.clear()
            self._write_queued()
        self._write_queued()

    def _write_queued(self) -> None:
        lines: list[str] = []
        while self._lines:
            lines.append(self._lines.popleft())
        dropped = self._dropped - self._told
        if dropped:
            self._told += dropped
            lines.append(self._dropped_line(dropped))
        if not lines or self._broken:
            return
        try:
            self._out.write("\n".join(lines) + "\n")
            self._out.flush()
        except (OSError, ValueError):
            # The reader is gone, or the stream is closed. There is nobody left to tell.
            self._broken = True
