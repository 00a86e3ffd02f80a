"""One stream as a consumer follows it: entries in, events to the sinks, and the position behind them."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from twincast.fleet.entries import ReadEntry, next_seq_of
from twincast.fleet.feed import Feed
from twincast.fleet.functions import StreamKeys
from twincast.fleet.join_points import SegmentHeader
from twincast.sinks.delivery import Delivery
from twincast.sinks.sink import SinkFactory
from twincast.streams.events import Event, StreamId
from twincast.wire.message_types import Ended

START: Final = b"0-0"
"""Before every entry."""

ENDED: Final = b"ended"
"""The position behind a stream that has ended."""

_ROOM_BYTES: Final = 2**20
"""Beyond so much in front of slow sinks nothing more is read of the stream."""


class FollowedStream:
    """`position`: None of who takes what is there, from `read_to` on."""

    def __init__(
        self, stream_id: StreamId, sinks: Sequence[SinkFactory], position: bytes | None, read_to: bytes
    ) -> None:
        self.id = stream_id
        self.keys = StreamKeys.of(stream_id)
        self.read_to = read_to
        """The id of the last entry that was read."""
        self.position = position
        """The id of the last entry that is behind the sinks; `ENDED` behind the end."""
        self.has_failed = False
        """Whether a sink refused the stream: it is to be handed on anew from `position`."""
        self._feed = Feed(None if position is None or position == ENDED else next_seq_of(position))
        self._sinks = sinks
        self._sinks_have: deque[tuple[bytes, int]] = deque()  # ids, with how many events of each are still on their way
        self.delivery: Delivery | None = None
        """None before there is anything to hand on."""

    @property
    def has_room(self) -> bool:
        """Whether to read on."""
        queued_bytes = 0 if self.delivery is None else self.delivery.queued_bytes
        return queued_bytes < _ROOM_BYTES and not self.has_failed and not self._feed.has_ended and not self.is_done

    @property
    def is_done(self) -> bool:
        """Whether the sinks have everything up to the end."""
        return self.position == ENDED

    @property
    def next_seq(self) -> int | None:
        """The next chunk to come, as far as is known."""
        return self._feed.next_seq

    def needs_header(self, entry: ReadEntry) -> bool:
        """Whether `take` should be given what is known of the segment's header."""
        return self._feed.needs_header(entry)

    def take(self, entry_id: bytes, entry: ReadEntry, header: SegmentHeader | None) -> None:
        """Hands on the next entry."""
        self.read_to = entry_id
        self._push(entry_id, self._feed.events(entry, header))

    def take_rest(self, next_seq: int, ended: Ended | None) -> None:
        """The log is gone; the state says how far the stream went on, and with which verdict it ended."""
        self._push(self.read_to, self._feed.rest(next_seq, ended))

    def _push(self, entry_id: bytes, events: Iterable[Event]) -> None:
        handed = list(events)
        if self.delivery is None and handed:
            self.delivery = Delivery(self.id, self._sinks, self._taken, self._refused)
        self._sinks_have.append((ENDED if self._feed.has_ended else entry_id, len(handed)))
        for event in handed:
            if self.delivery is not None:
                self.delivery.push(event)
        self._pass()

    def _taken(self, _event: Event) -> None:
        entry_id, left = self._sinks_have[0]
        self._sinks_have[0] = (entry_id, left - 1)
        self._pass()

    def _pass(self) -> None:
        while self._sinks_have and self._sinks_have[0][1] == 0:
            self.position = self._sinks_have.popleft()[0]

    def _refused(self) -> None:
        self.has_failed = True
