"""Where the streams of a process come from and stay: the seam between the handler and what remembers.

`MemoryStore` (the default) remembers in this process. With an engine, what is remembered is the whole fleet's, and any
process takes up any stream.
"""

from collections.abc import Iterator
from typing import Literal, Protocol

from twincast.server.live_stream import Connection, LiveStream
from twincast.streams.events import StreamId

StoreState = Literal["ready", "full", "away"]
"""full: a new stream would be refused with `too-many`. away: a hello would be refused with `try-again-later`."""


class StreamStore(Protocol):
    """The streams of a process.

    One event loop, no locks; but `connect` and `knows` may wait, and while they do, anything may happen: other
    connections of the same stream, `leave`, `clear`. Every other method is a plain call.
    """

    @property
    def state(self) -> StoreState:
        """What a new stream would meet now."""

    @property
    def connected(self) -> int:
        """How many streams have a connection to this process."""

    @property
    def remembered(self) -> int:
        """How many others this process remembers."""

    def __iter__(self) -> Iterator[LiveStream]:
        """Those that this process has, connected first."""

    async def listing(self) -> dict[StreamId, str]:
        """A `StreamBody` as JSON for each stream, also of other processes, and for each that nobody has."""

    def start(self) -> None:
        """Called in the event loop before the first connection."""

    async def stop(self) -> None:
        """Called last, after `clear`."""

    async def knows(self, stream_id: StreamId) -> bool:
        """Whether `connect` would take the stream up where it was, so that its token may have expired.

        Raises `try-again-later` where that cannot be told.
        """

    async def connect(self, stream_id: StreamId, connection: Connection, number: int | None) -> LiveStream:
        """The stream, carried by `connection` from when this returns: `live.connection` is `connection`.

        `number` is `hello.connection`. Where it is lower than the highest that is known of the stream, this raises
        `displaced` and changes nothing. Otherwise the older connection, in whatever process, takes nothing more and is
        told `displaced`; of two at the same time the one with the higher number stays, and without numbers the later
        one. Raises `too-many` where there is no place, and `try-again-later` where an engine does not answer in time.
        When this is cancelled or raises, whoever carried the stream before may or may not still do.
        """

    def may_grow(self, live: LiveStream, address: str) -> None:
        """The stream is about to have another range or gap. Raises `too-many` where that is one too many."""

    def leave(self, live: LiveStream, address: str) -> None:
        """The connection of `live`, which came from `address`, is gone (`live.connection` is None).

        Called once for each `connect`, also after `clear`. But not where the store itself took the connection away, by
        `live.fail` or `live.carry_by`: it lets go of that stream then.
        """

    def expire(self) -> None:
        """Called every second: forgets what was gone for too long."""

    def clear(self) -> list[LiveStream]:
        """The process ends: has none any more, and returns those that it had, for their sinks to be told.

        Those as well that it has let go and whose sinks are not done yet.
        """
