"""A message on its way to viewers: made once, for all of them. Pure."""

import struct

_FINAL_TEXT, _FINAL_BINARY = 0x81, 0x82
"""RFC 6455, 5.2: FIN and the opcode. What a server sends is not masked."""


class Outgoing:
    """A text message, or a chunk with its number."""

    __slots__ = ("_frame", "data", "seq")

    def __init__(self, data: str | bytes, seq: int | None = None) -> None:
        self.data = data
        self.seq = seq
        """Of a chunk; None for a text."""
        self._frame: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes, about: a text is counted by its characters."""
        return len(self.data)

    @property
    def frame(self) -> bytes:
        """The whole WebSocket frame."""
        if self._frame is None:
            if isinstance(self.data, str):
                payload = self.data.encode()
                self._frame = _header(_FINAL_TEXT, len(payload)) + payload
            else:
                self._frame = _header(_FINAL_BINARY, len(self.data)) + self.data
        return self._frame


def _header(first_byte: int, size: int) -> bytes:
    if size < 126:
        return bytes((first_byte, size))
    if size < 65_536:
        return struct.pack(">BBH", first_byte, 126, size)
    return struct.pack(">BBQ", first_byte, 127, size)
