"""The answer to a WebSocket handshake that the library refuses, in the form of every other error."""

from typing import Final

_BODY: Final = (
    b'{"code":"bad-request","message":"This WebSocket handshake is not valid: too many headers, a header that is too '
    b'long, or a body."}'
)
REFUSAL: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
    % (len(_BODY), _BODY)
)
