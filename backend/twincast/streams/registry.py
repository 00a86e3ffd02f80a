"""Which streams are connected and which are remembered, within bounds. Pure; the clock is given."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from twincast.wire.close_codes import ErrorCode, ProtocolError

Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class _Gone(Generic[Entry]):
    entry: Entry
    left_s: float
    owner: str
    worth: int


class Registry(Generic[Key, Entry]):
    """Entries that are connected, plus those whose connection is gone, each for `remember_s` seconds.

    At most `max_entries` in all, and `max_gone_per_owner` of one owner without a connection: beyond these, whoever has
    most of those makes room with the one that is worth least. Where all are connected, a new one is refused with
    `too-many`.
    """

    def __init__(
        self, max_entries: int, remember_s: float, now_s: Callable[[], float], max_gone_per_owner: int | None = None
    ) -> None:
        self._max_entries = max_entries
        self._max_gone_per_owner = max_entries if max_gone_per_owner is None else max_gone_per_owner
        self._remember_s = remember_s
        self._now_s = now_s
        self._connected: dict[Key, Entry] = {}
        self._gone: dict[Key, _Gone[Entry]] = {}  # in order of leaving, as dicts keep it
        self._gone_of: dict[str, dict[Key, None]] = {}

    def get(self, key: Key) -> Entry | None:
        """The entry of `key`, connected or remembered."""
        gone = self._gone.get(key)
        return self._connected.get(key) if gone is None else gone.entry

    def connect(self, key: Key, create: Callable[[], Entry]) -> tuple[Entry, list[Entry]]:
        """The entry of `key`, remembered or made by `create`, and the entry that had to be forgotten for it, if any."""
        if key in self._connected:
            return self._connected[key], []
        if key in self._gone:
            self._connected[key] = self._pop_gone(key)
            return self._connected[key], []
        forgotten: list[Entry] = []
        if len(self) >= self._max_entries:
            if not self._gone:
                raise ProtocolError(
                    ErrorCode.TOO_MANY, f"{self._max_entries} streams are connected; no more are taken now."
                )
            owner = max(self._gone_of, key=lambda name: len(self._gone_of[name]))
            forgotten += self.make_room(owner)
        self._connected[key] = create()
        return self._connected[key], forgotten

    def leave(self, key: Key, owner: str = "", worth: int = 0) -> list[Entry]:
        """The connection of `key` is gone; the entry is remembered from now on.

        `owner`: where it came from. `worth`: how much is lost with it. Returns what had to be forgotten for it.
        """
        if key not in self._connected:
            return []
        self._gone[key] = _Gone(self._connected.pop(key), self._now_s(), owner, worth)
        self._gone_of.setdefault(owner, {})[key] = None
        return self.make_room(owner) if len(self._gone_of[owner]) > self._max_gone_per_owner else []

    def forget(self, key: Key) -> bool:
        """The connection of `key` is gone, and nothing is remembered. False where it was not connected."""
        return self._connected.pop(key, None) is not None

    def make_room(self, owner: str) -> list[Entry]:
        """Forgets and returns what `owner` misses least, and of equals what is gone longest."""
        keys = self._gone_of.get(owner)
        return [self._pop_gone(min(keys, key=lambda key: self._gone[key].worth))] if keys else []

    def expire(self) -> list[Entry]:
        """Forgets and returns what was gone for longer than `remember_s`."""
        deadline = self._now_s() - self._remember_s
        expired = [key for key, gone in self._gone.items() if gone.left_s <= deadline]
        return [self._pop_gone(key) for key in expired]

    def clear(self) -> list[Entry]:
        """Forgets and returns everything."""
        entries = list(self)
        self._connected.clear()
        self._gone.clear()
        self._gone_of.clear()
        return entries

    def _pop_gone(self, key: Key) -> Entry:
        gone = self._gone.pop(key)
        keys = self._gone_of[gone.owner]
        del keys[key]
        if not keys:
            del self._gone_of[gone.owner]
        return gone.entry

    def __contains__(self, key: Key) -> bool:
        return key in self._connected or key in self._gone

    def __len__(self) -> int:
        return len(self._connected) + len(self._gone)

    def __iter__(self) -> Iterator[Entry]:
        yield from self._connected.values()
        for gone in self._gone.values():
            yield gone.entry

    @property
    def connected(self) -> int:
        """How many entries have a connection."""
        return len(self._connected)
