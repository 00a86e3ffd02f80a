"""Where WebSocket frames begin and end in a client's bytes, and how many of them may come. Pure.

RFC 6455, section 5.2, is all that this knows: whether frames are right is for the WebSocket library to say.
"""

from typing import Final

from twincast.access.rate_limits import Rate, TokenBucket

_CONTROL_FRAMES: Final = Rate(per_second=2, burst=20)
"""Pings and pongs. Browsers send none of their own accord; proxies send a few per minute."""

_MAX_FRAGMENTS: Final = 1_024
"""Of one message: browsers cut what is large into a few, and fragments may be empty."""

_MAX_FIRST_MESSAGE_BYTES: Final = 64 * 1024
"""It is to be a hello, and none is longer."""

_MAX_HEADER_BYTES: Final = 14
_LENGTH_BITS: Final = 0x7F
_LENGTH_IN_2_BYTES: Final = 126
_LENGTH_IN_8_BYTES: Final = 127
_MASKED: Final = 0x80
_FINAL: Final = 0x80
_OPCODE_BITS: Final = 0x0F
_CONTROL: Final = 0x08
_CONTINUATION: Final = 0x00
_WHOLE_MESSAGE: Final = (0x82, 0x81)
"""Binary and text in one frame: nearly all there is."""


class FrameLimitError(Exception):
    """What was too much, in words for the log."""


class FrameLimits:
    """Follows the frames of one client."""

    __slots__ = (
        "_control_frames",
        "_fragments",
        "_header",
        "_is_final",
        "_is_first",
        "_message_bytes",
        "_payload_left",
    )

    def __init__(self, now_s: float) -> None:
        self._control_frames = TokenBucket(_CONTROL_FRAMES, now_s)
        self._fragments = 0
        self._message_bytes = 0
        self._header = b""
        self._payload_left = 0
        self._is_final = True
        self._is_first = True

    @property
    def unfinished_bytes(self) -> int:
        """What has come of a message that is not complete. The WebSocket library keeps it until it is."""
        if self._payload_left or not self._is_final:
            return max(0, self._message_bytes - self._payload_left)
        return 0

    def slice(self, data: bytes, start: int, max_frames: int, max_bytes: int, now_s: float) -> int:
        """Where a slice of `data` that begins at `start` ends: before frame `max_frames` + 1, or after `max_bytes`.

        Each byte is to be asked about once, in order. Raises `FrameLimitError`.
        """
        stop = min(len(data), start + max_bytes)
        at = start + self._payload_left
        if at >= stop:
            self._payload_left = at - stop
            return stop
        self._payload_left = 0
        for _ in range(max_frames):
            at = self._begin_frame(data, at, stop, now_s)
            if at >= stop:
                self._payload_left = at - stop
                return stop
        return at

    def _begin_frame(self, data: bytes, at: int, stop: int, now_s: float) -> int:
        """Reads a header at `at`. Returns where its frame ends, which may be beyond `stop`."""
        if self._header or at + _MAX_HEADER_BYTES > stop:
            return self._begin_frame_in_pieces(data, at, stop, now_s)
        length = data[at + 1] & _LENGTH_BITS
        size = 6 if data[at + 1] & _MASKED else 2
        if length == _LENGTH_IN_2_BYTES:
            length = data[at + 2] << 8 | data[at + 3]
            size += 2
        elif length == _LENGTH_IN_8_BYTES:
            length = int.from_bytes(data[at + 2 : at + 10], "big")
            size += 8
        self._count(data[at], length, now_s)
        return at + size + length

    def _begin_frame_in_pieces(self, data: bytes, at: int, stop: int, now_s: float) -> int:
        """The same where the header may be in two slices."""
        known = len(self._header)
        header = self._header + data[at : min(stop, at + _MAX_HEADER_BYTES - known)]
        second = header[1] if len(header) > 1 else 0
        extra = {_LENGTH_IN_2_BYTES: 2, _LENGTH_IN_8_BYTES: 8}.get(second & _LENGTH_BITS, 0)
        size = 2 + extra + (4 if second & _MASKED else 0)
        if len(header) < size:
            self._header = header
            return stop
        self._header = b""
        length = int.from_bytes(header[2 : 2 + extra], "big") if extra else second & _LENGTH_BITS
        self._count(header[0], length, now_s)
        return at + size - known + length

    def _count(self, first_byte: int, length: int, now_s: float) -> None:
        if first_byte in _WHOLE_MESSAGE and not self._is_first:
            self._message_bytes = length
            self._is_final = True
            return
        opcode = first_byte & _OPCODE_BITS
        if opcode & _CONTROL:
            if not self._control_frames.take(1, now_s):
                raise FrameLimitError("too many control frames")
            if self._is_final:
                self._message_bytes = 0
            return
        self._is_final = bool(first_byte & _FINAL)
        if opcode == _CONTINUATION:
            self._fragments += 1
            self._message_bytes += length
        else:
            self._fragments = 1
            self._message_bytes = length
        if self._fragments > _MAX_FRAGMENTS and not self._is_final:
            raise FrameLimitError("too many fragments")
        if self._is_first:
            if self._message_bytes > _MAX_FIRST_MESSAGE_BYTES:
                raise FrameLimitError("the first message is too large")
            self._is_first = not self._is_final
