"""Streams that a store has let go, until their sinks are done with them."""

from collections.abc import Iterable

from twincast.server.live_stream import LiveStream
from twincast.sinks.sink import ClosedReason


class ClosingStreams:
    """A process that ends waits for these too: each of their sinks is told `closed`."""

    def __init__(self) -> None:
        self._streams: set[LiveStream] = set()

    def add(self, streams: Iterable[LiveStream], reason: ClosedReason) -> None:
        """Tells the sinks of these, after what is queued, that nothing more comes."""
        for live in streams:
            live.delivery.close(reason)
            if not live.delivery.is_finished:
                self._streams.add(live)

    def prune(self) -> None:
        """Forgets those that are done."""
        self._streams = {live for live in self._streams if not live.delivery.is_finished}

    def clear(self) -> list[LiveStream]:
        """Those that are not done yet; somebody else has them now."""
        self.prune()
        streams, self._streams = self._streams, set()
        return list(streams)
