"""The frame of a short text. Acks are most of what is sent, and need none of a WebSocket library's machinery."""

from typing import Final

_FINAL_TEXT_FRAME: Final = 0x81
_MAX_SHORT_PAYLOAD_BYTES: Final = 125
"""RFC 6455, 5.2: FIN and the text opcode; a payload of up to 125 bytes has its length in the second byte."""


def short_text_frame(text: str) -> bytes | None:
    """The whole frame; None for a text of more than 125 bytes in UTF-8."""
    payload = text.encode()
    if len(payload) > _MAX_SHORT_PAYLOAD_BYTES:
        return None
    return bytes((_FINAL_TEXT_FRAME, len(payload))) + payload
