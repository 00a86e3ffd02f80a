"""How many viewers a process has, and how many of them one client address. Pure."""

from collections import Counter

from twincast.wire.watch import WatchCode, WatchError


class ViewerCounts:
    """Counts sockets: who watches a phone's picture and sound has two."""

    def __init__(self, max_viewers: int, max_per_address: int) -> None:
        self._max_viewers = max_viewers
        self._max_per_address = max_per_address
        self._addresses: Counter[str] = Counter()

    def enter(self, address: str) -> None:
        """Counts one. Raises `too-many`, and then it is not counted."""
        if self.total >= self._max_viewers:
            raise _too_many(f"This backend has {self._max_viewers} viewers")
        if self._addresses[address] >= self._max_per_address:
            raise _too_many(f"This address has {self._max_per_address} viewers")
        self._addresses[address] += 1

    def leave(self, address: str) -> None:
        """Takes back what `enter` counted."""
        self._addresses[address] -= 1
        if self._addresses[address] <= 0:
            del self._addresses[address]

    @property
    def total(self) -> int:
        """How many there are."""
        return self._addresses.total()


def _too_many(what: str) -> WatchError:
    return WatchError(WatchCode.TOO_MANY, f"{what}; no more are taken now.")
