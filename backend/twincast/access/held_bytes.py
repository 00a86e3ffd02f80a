"""How much of what clients sent may wait in the process before it can be served. Pure."""

from collections import Counter
from typing import Final, Generic, TypeVar

READ_AHEAD_BYTES: Final = 64 * 1024
"""Of one connection, beside the message that is on its way. To read a little ahead saves system calls."""

Connection = TypeVar("Connection")


class HeldBytes(Generic[Connection]):
    """Counts by connection and by client address.

    Where an address or the process has too much of it, the connection goes that has most, of the address that has most:
    a phone is in the middle of one chunk, who attacks is in the middle of much more.
    """

    def __init__(self, max_per_address: int, max_bytes: int) -> None:
        self._max_per_address = max_per_address
        self._max_bytes = max_bytes
        self._addresses: dict[Connection, str | None] = {}
        self._members: dict[str | None, dict[Connection, int]] = {}
        self._sums: Counter[str | None] = Counter()
        self._total = 0

    def count(self, connection: Connection, address: str | None, held: int) -> list[Connection]:
        """`connection` holds so much now. Returns those that have to go for it, which are not counted any more.

        `address`: None where it is not known yet.
        """
        self.release(connection)
        if held:
            self._addresses[connection] = address
            self._members.setdefault(address, {})[connection] = held
            self._sums[address] += held
            self._total += held
        gone = []
        while address is not None and self._sums[address] > self._max_per_address:
            gone.append(self._release_greatest(address))
        while self._total > self._max_bytes:
            gone.append(self._release_greatest(max(self._sums, key=lambda one: self._sums[one])))
        return gone

    def release(self, connection: Connection) -> None:
        """It holds nothing any more."""
        if connection not in self._addresses:
            return
        address = self._addresses.pop(connection)
        members = self._members[address]
        held = members.pop(connection)
        self._sums[address] -= held
        self._total -= held
        if not members:
            del self._members[address], self._sums[address]

    def _release_greatest(self, address: str | None) -> Connection:
        members = self._members[address]
        greatest = max(members, key=lambda one: members[one])
        self.release(greatest)
        return greatest

    @property
    def total(self) -> int:
        """Of all connections."""
        return self._total
