"""When acks go out: at once after a quiet time, else at most one per `ackEveryMs`, always the newest."""

import asyncio
from collections.abc import Callable

from twincast.streams.stream import Stream
from twincast.wire.messages import format_ack


class AckSender:
    """The acks of one connection. `send` must neither raise nor wait."""

    def __init__(self, stream: Stream, every_ms: float, send: Callable[[str], None]) -> None:
        self._stream = stream
        self._every_s = every_ms / 1000
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._acked_seq = stream.taken_seq
        self._not_before_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_stopped = False

    @property
    def newest(self) -> str | None:
        """The ack that the client does not have yet, if any. Nothing taken: nothing to acknowledge."""
        taken_at_ms = self._stream.taken_at_ms
        if taken_at_ms is None or self._stream.taken_seq <= self._acked_seq:
            return None
        return format_ack(self._stream.taken_seq, taken_at_ms)

    def repeat(self) -> None:
        """A duplicate tells that the client does not know the newest ack: it is due again, if there is one."""
        self._acked_seq = min(self._acked_seq, self._stream.taken_seq - 1)

    def again(self) -> None:
        """Something came that is taken already: the newest ack is due again."""
        self.repeat()
        self.flush()

    def flush(self) -> None:
        """Sends the newest ack now if it may go out now, else when it may."""
        if self._is_stopped or self._timer is not None:
            return
        newest = self.newest
        if newest is None:
            return
        now_s = self._loop.time()
        if now_s < self._not_before_s:
            self._timer = self._loop.call_at(self._not_before_s, self._timer_is_up)
            return
        self._not_before_s = now_s + self._every_s
        self._acked_seq = self._stream.taken_seq
        self._send(newest)

    def stop(self) -> None:
        """Sends no more; `newest` goes on to tell what the client does not have."""
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _timer_is_up(self) -> None:
        self._timer = None
        self.flush()
