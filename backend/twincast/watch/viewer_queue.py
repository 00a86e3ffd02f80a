"""What waits for one viewer, within bounds: who does not read in time is told what is missing. Pure; time is given."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from twincast.watch.outgoing import Outgoing
from twincast.wire.watch import format_skipped

MAX_QUEUED_BYTES: Final = 2 * 2**20
MAX_QUEUED_S: Final = 2.0

_ITEM_BYTES: Final = 64
"""What an item weighs beside its data."""


class _Item(NamedTuple):
    what: Outgoing
    role: Literal["media", "control"]
    """media: worth nothing once something before it is missing. control: told in any case."""
    put_at_s: float


class ViewerQueue:
    """The way of one viewer's messages.

    `send_now` sends one where nothing stands in its way, or returns False. Then it waits here, `wake` is called, and
    whoever sends takes it by `pop`.
    """

    def __init__(self, send_now: Callable[[Outgoing], bool], wake: Callable[[], None]) -> None:
        self._send_now = send_now
        self._wake = wake
        self._items: deque[_Item] = deque()
        self._bytes = 0
        self._burst_bytes = 0
        self._lost_from: int | None = None
        self._is_following = False

    @property
    def is_following(self) -> bool:
        """Whether every chunk is for it. Else it waits for a place to begin."""
        return self._is_following

    @property
    def queued_bytes(self) -> int:
        """What waits."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._items)

    def begin(self, segment: Outgoing, media: Sequence[Outgoing], next_seq: int, now_s: float) -> None:
        """A segment begins for this viewer, with `media` or with the chunk that comes next, `next_seq`.

        As much as `media` are may wait beyond the bounds: they are what a late joiner needs at once.
        """
        self._tell_what_was_lost(media[0].seq if media and media[0].seq is not None else next_seq, now_s)
        self._is_following = True
        self._put(segment, "media", now_s)
        for one in media:
            self._put(one, "media", now_s)
        if media and self._items:
            self._burst_bytes = sum(one.size + _ITEM_BYTES for one in media)

    def follow(self, chunk: Outgoing, now_s: float) -> None:
        """The next chunk. Does nothing while the viewer waits for a place to begin."""
        if not self._is_following:
            return
        if self._is_behind(chunk, now_s):
            self._fall_behind(chunk)
        else:
            self._put(chunk, "media", now_s)

    def tell(self, text: Outgoing, now_s: float) -> None:
        """A message that is not left out."""
        self._put(text, "control", now_s)

    def end(self, text: Outgoing, next_seq: int, now_s: float) -> None:
        """The last message. `next_seq`: the number that no chunk of the stream will have."""
        self._tell_what_was_lost(next_seq, now_s)
        self._is_following = False
        self._put(text, "control", now_s)

    def pop(self) -> Outgoing | None:
        """Takes the next message out; None where nothing waits."""
        if not self._items:
            return None
        what = self._items.popleft().what
        self._bytes -= what.size + _ITEM_BYTES
        if not self._items:
            self._burst_bytes = 0
        return what

    def clear(self) -> None:
        """Nothing of it will be sent."""
        self._items.clear()
        self._bytes = self._burst_bytes = 0
        self._is_following = False

    def _put(self, what: Outgoing, role: Literal["media", "control"], now_s: float) -> None:
        if not self._items and self._send_now(what):
            return
        self._items.append(_Item(what, role, now_s))
        self._bytes += what.size + _ITEM_BYTES
        self._wake()

    def _is_behind(self, chunk: Outgoing, now_s: float) -> bool:
        if not self._items:
            return False
        is_late = not self._burst_bytes and now_s - self._items[0].put_at_s > MAX_QUEUED_S
        return is_late or self._bytes + chunk.size > MAX_QUEUED_BYTES + self._burst_bytes

    def _fall_behind(self, chunk: Outgoing) -> None:
        lost = [item.what.seq for item in self._items if item.role == "media" and item.what.seq is not None]
        self._lost_from = min((one for one in (self._lost_from, chunk.seq, *lost) if one is not None), default=None)
        self._items = deque(item for item in self._items if item.role == "control")
        self._bytes = sum(item.what.size + _ITEM_BYTES for item in self._items)
        self._burst_bytes = 0
        self._is_following = False

    def _tell_what_was_lost(self, next_seq: int, now_s: float) -> None:
        if self._lost_from is None:
            return
        # Where it goes on within the first chunk that was lost, what is in front of the join point is missing of it.
        self._put(Outgoing(format_skipped(self._lost_from, max(self._lost_from, next_seq - 1))), "control", now_s)
        self._lost_from = None
