"""The clock of this process: what chunks are stamped with, and what rates and delays are measured by."""

import time

_STARTED_MS = (time.time() - time.monotonic()) * 1000


def now_ms() -> float:
    """Milliseconds since the epoch: the `serverTime` of the wire.

    By the system's clock when the process started, and steady from there: it neither leaps nor goes back when that
    clock is set, so that no rate and no delay shows it. Lines of the log carry the system's own time.
    """
    return _STARTED_MS + time.monotonic() * 1000
