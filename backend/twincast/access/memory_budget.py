"""How much of what streams make the process remember one client address may cause. Pure."""

from collections import Counter
from typing import Final

MAX_ITEMS_PER_ADDRESS: Final = 32_768
"""Ranges and gaps of all streams of an address: some 10 MiB. Eight streams as broken as one may be, or a hall full of
phones of which each has lost its path hundreds of times."""


class MemoryBudget:
    """Counts the ranges and gaps of all streams, by the address that a stream came from last."""

    def __init__(self, max_items: int = MAX_ITEMS_PER_ADDRESS) -> None:
        self._max_items = max_items
        self._items: Counter[str] = Counter()
        self._counted: dict[object, tuple[str, int]] = {}

    def count(self, stream: object, address: str, items: int) -> bool:
        """Notes that `stream` has so many now. Returns whether the address stays within its bound."""
        self.release(stream)
        self._counted[stream] = (address, items)
        self._items[address] += items
        return self._items[address] <= self._max_items

    def release(self, stream: object) -> None:
        """It is forgotten."""
        address, items = self._counted.pop(stream, ("", 0))
        self._items[address] -= items
        if self._items[address] <= 0:
            del self._items[address]

    def __len__(self) -> int:
        return len(self._counted)
