"""Which streams are connected and which are remembered, within bounds. Pure; the clock is given."""

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from twincast.wire.close_codes import ErrorCode, ProtocolError

Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry")


class Registry(Generic[Key, Entry]):
    """Entries that are connected, plus those whose connection is gone, each for `remember_s` seconds.

    At most `max_entries` in all: a new one pushes out the one that has been gone longest, and is refused with
    `too-many` where all are connected.
    """

    def __init__(self, max_entries: int, remember_s: float, now_s: Callable[[], float]) -> None:
        self._max_entries = max_entries
        self._remember_s = remember_s
        self._now_s = now_s
        self._connected: dict[Key, Entry] = {}
        self._gone: dict[Key, tuple[float, Entry]] = {}  # in order of leaving, as dicts keep it

    def connect(self, key: Key, create: Callable[[], Entry]) -> tuple[Entry, list[Entry]]:
        """The entry of `key`, remembered or made by `create`, and the entry that had to be forgotten for it, if any."""
        if key in self._connected:
            return self._connected[key], []
        if key in self._gone:
            self._connected[key] = self._gone.pop(key)[1]
            return self._connected[key], []
        forgotten: list[Entry] = []
        if len(self) >= self._max_entries:
            if not self._gone:
                raise ProtocolError(
                    ErrorCode.TOO_MANY, f"{self._max_entries} streams are connected; no more are taken now."
                )
            forgotten.append(self._gone.pop(next(iter(self._gone)))[1])
        self._connected[key] = create()
        return self._connected[key], forgotten

    def leave(self, key: Key) -> None:
        """The connection of `key` is gone; the entry is remembered from now on."""
        if key in self._connected:
            self._gone[key] = (self._now_s(), self._connected.pop(key))

    def forget(self, key: Key) -> bool:
        """The connection of `key` is gone, and nothing is remembered. False where it was not connected."""
        return self._connected.pop(key, None) is not None

    def expire(self) -> list[Entry]:
        """Forgets and returns what was gone for longer than `remember_s`."""
        deadline = self._now_s() - self._remember_s
        expired = [key for key, (left, _) in self._gone.items() if left <= deadline]
        return [self._gone.pop(key)[1] for key in expired]

    def clear(self) -> list[Entry]:
        """Forgets and returns everything."""
        entries = list(self)
        self._connected.clear()
        self._gone.clear()
        return entries

    def __contains__(self, key: Key) -> bool:
        return key in self._connected or key in self._gone

    def __len__(self) -> int:
        return len(self._connected) + len(self._gone)

    def __iter__(self) -> Iterator[Entry]:
        yield from self._connected.values()
        for _, entry in self._gone.values():
            yield entry

    @property
    def connected(self) -> int:
        """How many entries have a connection."""
        return len(self._connected)
