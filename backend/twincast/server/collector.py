"""Gives back soon what the WebSocket library keeps of a message that never came to its end."""

import asyncio
import gc
from typing import Final

_WORTH_IT_BYTES: Final = 64 * 1024
_AFTER_S: Final = 1.0
"""For many connections at once, and so seldom that what it costs is not worth an attack."""


class Collector:
    """The library's objects refer to each other in circles, and Python looks for those only when many are made."""

    def __init__(self) -> None:
        self._is_due = False

    def lost(self, unfinished_bytes: int) -> None:
        """A connection is gone, and so much of a message waited for its end."""
        if unfinished_bytes >= _WORTH_IT_BYTES and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(_AFTER_S, self._collect)

    def _collect(self) -> None:
        self._is_due = False
        gc.collect()
