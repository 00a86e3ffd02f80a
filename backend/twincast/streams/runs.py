"""Runs: what was taken of each segment without a gap, hashed as it comes, and compared with the client's word. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from twincast.wire.close_codes import bad_message
from twincast.wire.message_types import MAX_RUNS, RunClaim, RunResult, RunState


class _Hash(Protocol):
    def update(self, data: memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(slots=True)
class _Run:
    segment: int
    from_seq: int
    bytes: int
    sha256: str
    maybe_shorter: bool


class RunLog:
    """The runs of one stream. Only the open one holds a hash state; a closed one is its digest."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._hash: _Hash | None = None

    def begin(self, segment: int, from_seq: int) -> None:
        """Closes the open run and opens the next. Raises `bad-message` beyond `MAX_RUNS`."""
        if len(self._runs) >= MAX_RUNS:
            raise bad_message(f"The stream has {MAX_RUNS} runs; no more are taken.", from_seq)
        self.close()
        self._runs.append(_Run(segment, from_seq, 0, "", maybe_shorter=False))
        self._hash = hashlib.sha256()

    def add(self, payload: memoryview) -> None:
        """Appends to the open run."""
        if self._hash is None:
            raise RuntimeError("no run is open")
        self._hash.update(payload)
        self._runs[-1].bytes += len(payload)

    def close(self, maybe_shorter: bool = False) -> None:
        """Closes the open run, if any.

        `maybe_shorter`: the client went on elsewhere and may not know that the last chunks arrived here, so that its
        own record of this run may end earlier.
        """
        if self._hash is None:
            return
        self._runs[-1].sha256 = self._hash.hexdigest()
        self._runs[-1].maybe_shorter = maybe_shorter
        self._hash = None

    @property
    def is_open(self) -> bool:
        """Whether chunks can be added."""
        return self._hash is not None

    def compare(self, claims: tuple[RunClaim, ...]) -> tuple[RunResult, ...]:
        """The state of every run that either side knows, in order of their first seq."""
        self.close()
        ours = {(run.segment, run.from_seq): run for run in self._runs}
        results = [
            RunResult(claim.segment, claim.from_seq, _state(ours.pop((claim.segment, claim.from_seq), None), claim))
            for claim in claims
        ]
        results += [RunResult(run.segment, run.from_seq, "mismatch") for run in ours.values()]
        return tuple(sorted(results, key=lambda run: run.from_seq))


def _state(run: _Run | None, claim: RunClaim) -> RunState:
    if run is None:
        return "unknown"
    if run.bytes == claim.bytes:
        return "verified" if run.sha256 == claim.sha256 else "mismatch"
    return "unknown" if run.maybe_shorter and run.bytes > claim.bytes else "mismatch"
