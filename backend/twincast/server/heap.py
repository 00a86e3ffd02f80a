"""Gives memory back to the operating system after much of it was needed for a while."""

import asyncio
import ctypes
from collections.abc import Callable
from typing import Final

_WORTH_IT_BYTES: Final = 4 * 2**20
_AFTER_S: Final = 1.0
"""Once for many connections that go at the same time, and so seldom that what it costs (16 ms) is no attack."""


class Heap:
    """What Python frees, glibc keeps: its heap shrinks from the end only, and something that lives is at the end."""

    def __init__(self) -> None:
        self._freed_bytes = 0
        self._is_due = False
        self._trim = _malloc_trim()

    def freed(self, size: int) -> None:
        """So much is not needed any more."""
        self._freed_bytes += size
        if self._freed_bytes >= _WORTH_IT_BYTES and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(_AFTER_S, self._give_back)

    def _give_back(self) -> None:
        self._is_due = False
        self._freed_bytes = 0
        self._trim(0)


def _malloc_trim() -> Callable[[int], object]:
    """glibc's, which gives back free pages within the heap, too. Elsewhere nothing of the kind is there."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _keep: None
    return trim
