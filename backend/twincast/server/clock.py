"""The wall clock of this process."""

import time


def now_ms() -> float:
    """Milliseconds since the epoch: the `serverTime` of the wire."""
    return time.time() * 1000
