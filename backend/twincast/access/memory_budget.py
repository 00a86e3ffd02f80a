"""How much of what streams make the process remember one client address may cause, and all of them. Pure."""

from collections import Counter
from typing import Final, Generic, TypeVar

MAX_ITEMS_PER_ADDRESS: Final = 32_768
"""Ranges and gaps of all streams of an address: some 10 MiB. Four streams as broken as one may be, or a hall full of
phones of which each has lost its path hundreds of times."""

MAX_ITEMS: Final = 8 * MAX_ITEMS_PER_ADDRESS
"""Of all addresses, which a stranger may have many of: some 80 MiB."""

Stream = TypeVar("Stream")


class MemoryBudget(Generic[Stream]):
    """Counts the ranges and gaps of all streams, by the address that a stream came from last."""

    def __init__(self, max_per_address: int = MAX_ITEMS_PER_ADDRESS, max_items: int = MAX_ITEMS) -> None:
        self._max_per_address = max_per_address
        self._max_items = max_items
        self._addresses: dict[Stream, str] = {}
        self._members: dict[str, dict[Stream, int]] = {}
        self._sums: Counter[str] = Counter()
        self._total = 0

    def count(self, stream: Stream, address: str, items: int) -> str | None:
        """Notes that `stream` has so many now. Returns the address that has to make room: this or the one with most."""
        self.release(stream)
        self._addresses[stream] = address
        self._members.setdefault(address, {})[stream] = items
        self._sums[address] += items
        self._total += items
        if self._sums[address] > self._max_per_address:
            return address
        if self._total > self._max_items:
            return max(self._sums, key=lambda one: self._sums[one])
        return None

    def release(self, stream: Stream) -> None:
        """It is forgotten."""
        if stream not in self._addresses:
            return
        address = self._addresses.pop(stream)
        members = self._members[address]
        items = members.pop(stream)
        self._sums[address] -= items
        self._total -= items
        if not members:
            del self._members[address], self._sums[address]

    def greatest(self, address: str) -> Stream:
        """The stream of `address` that has most."""
        members = self._members[address]
        return max(members, key=lambda one: members[one])

    def __len__(self) -> int:
        return len(self._addresses)
