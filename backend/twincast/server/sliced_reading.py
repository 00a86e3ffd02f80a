"""What a client sends is passed on in slices. What is not wanted yet waits here, within bounds.

Without slices, half a megabyte of empty frames would hold the event loop for half a second: whatever protocol is served
parses all that it is given.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from twincast.access.frame_limits import FrameLimitError, FrameLimits
from twincast.access.held_bytes import READ_AHEAD_BYTES
from twincast.server.turns import Turns

_HTTP_SLICE_BYTES: Final = 4 * 1024
_END_OF_HEAD: Final = b"\r\n\r\n"
"""Requests are passed on one at a time: uvicorn parses all that it is given, and keeps it while one is answered."""

_FRAMES_AT_ONCE: Final = 4
_FRAMES_PER_SLICE: Final = 32
_SLICE_BYTES: Final = 64 * 1024
"""A phone sends a few frames at a time, and they are taken at once. More wait for their turn."""

_COUNTED_FROM_BYTES: Final = 16 * 1024
"""What holds less is not worth counting: most chunks arrive whole, or nearly."""


class ReadsFor(Protocol):
    """The connection, as its reading sees it."""

    @property
    def takes_more(self) -> bool:
        """Whether its state, and its peer's reading, allow that anything is passed on."""

    def pass_on(self, data: bytes) -> None:
        """To the protocol that is served."""

    def holds(self, size: int) -> None:
        """So many bytes have come that cannot be served yet."""

    def drop(self, reason: str) -> None:
        """Ends it for a bound that it broke."""


class SlicedReading:
    """What arrives on one connection, from the first byte until `end`."""

    def __init__(
        self,
        connection: ReadsFor,
        transport: asyncio.Transport,
        turns: Turns,
        max_request_bytes: int,
        now_s: Callable[[], float],
    ) -> None:
        self._connection: ReadsFor | None = connection  # None: it has ended
        self._transport = transport
        self._turns = turns
        self._max_request_bytes = max_request_bytes
        self._now_s = now_s
        self._frames: FrameLimits | None = None  # None: HTTP
        self._request_bytes = 0
        self._rest = b""
        self._rest_from = 0
        self._held_bytes = 0
        self.most_held_bytes = 0
        """At any time: so much is free again when the connection has gone."""
        self._is_paused = False  # by the protocol that is served
        self._is_held = False  # the transport, because enough is waiting here

    @property
    def is_paused(self) -> bool:
        """Whether the protocol that is served wants no more for now."""
        return self._is_paused

    def take(self, data: bytes) -> None:
        """It arrived just now."""
        if self._rest:
            self._keep(self._rest[self._rest_from :] + data)
        elif not self._wants_more:
            self._keep(data)
        else:
            self._pass_on_slice(data, 0, _FRAMES_AT_ONCE)

    def take_turn(self) -> bool:
        """Passes on a slice of what waits here. Returns whether the next one may follow."""
        if not self._rest or not self._wants_more:
            return False
        self._pass_on_slice(self._rest, self._rest_from, _FRAMES_PER_SLICE)
        return bool(self._rest) and self._wants_more

    def pause(self) -> None:
        """The protocol that is served wants no more. The transport is stopped when something comes all the same."""
        self._is_paused = True

    def resume(self) -> None:
        """The protocol that is served wants more."""
        self._is_paused = False
        self.go_on()

    def go_on(self) -> None:
        """What stood in the way may be gone."""
        if not self._wants_more:
            return
        if self._rest:
            self._turns.add(self)
        elif self._is_held:
            self._is_held = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def begin_websocket(self) -> None:
        """The head of the request was the last of HTTP."""
        self._frames = FrameLimits(self._now_s())

    def begin_request(self) -> None:
        """The request before is complete."""
        self._request_bytes = 0

    def end(self) -> None:
        """Nothing is passed on any more."""
        self._connection = None
        self._rest = b""
        self._turns.remove(self)

    @property
    def _wants_more(self) -> bool:
        return not self._is_paused and self._connection is not None and self._connection.takes_more

    def _keep(self, data: bytes) -> None:
        self._rest, self._rest_from = data, 0
        wants_more = self._wants_more
        if wants_more or len(data) > READ_AHEAD_BYTES:
            self._hold()
        if wants_more:
            self._turns.add(self)
        self._count()

    def _hold(self) -> None:
        if not self._is_held and self._connection is not None and not self._transport.is_closing():
            self._is_held = True
            self._transport.pause_reading()

    def _pass_on_slice(self, data: bytes, start: int, max_frames: int) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            end = self._end_of_slice(data, start, max_frames)
        except FrameLimitError as error:
            connection.drop(str(error))
            return
        part = data if end - start == len(data) else data[start:end]
        self._rest, self._rest_from = (data, end) if end < len(data) else (b"", 0)
        connection.pass_on(part)
        if self._rest:
            self._hold()
        self._count()
        self.go_on()

    def _end_of_slice(self, data: bytes, start: int, max_frames: int) -> int:
        if self._frames is not None:
            return self._frames.slice(data, start, max_frames, _SLICE_BYTES, self._now_s())
        stop = min(len(data), start + _HTTP_SLICE_BYTES)
        at = data.find(_END_OF_HEAD, start, stop)
        end = stop if at < 0 else at + len(_END_OF_HEAD)
        self._request_bytes += end - start
        if self._request_bytes > self._max_request_bytes:
            raise FrameLimitError("the request is too large")
        return end

    def _count(self) -> None:
        if self._connection is None:
            return
        unfinished = self._request_bytes if self._frames is None else self._frames.unfinished_bytes
        held = len(self._rest) - self._rest_from + unfinished
        if held < _COUNTED_FROM_BYTES:
            held = 0
        if held != self._held_bytes:
            self._held_bytes = held
            self.most_held_bytes = max(self.most_held_bytes, held)
            self._connection.holds(held)
