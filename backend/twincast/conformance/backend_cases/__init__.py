"""What a backend has to do: the run plays the client, one case on sockets of its own."""

from typing import Final

from twincast.conformance.backend_cases import (
    acks,
    chunks,
    connecting,
    ending,
    gaps,
    greeting,
    messages,
    resuming,
    segments,
    successors,
    waiting,
)
from twincast.conformance.backend_cases.kind import BackendCase

BACKEND_CASES: Final[tuple[BackendCase, ...]] = (
    *connecting.CASES.all,
    *greeting.CASES.all,
    *messages.CASES.all,
    *chunks.CASES.all,
    *segments.CASES.all,
    *acks.CASES.all,
    *gaps.CASES.all,
    *resuming.CASES.all,
    *successors.CASES.all,
    *ending.CASES.all,
    *waiting.CASES.all,
)
