"""uvicorn's WebSocket protocol with bounds that it does not have, and a short way to the handler.

Many frames at once do not hold up the event loop, control frames have a rate, and a process that ends waits for the
phone's answer to its close frame. Written against the pinned uvicorn: the attributes used here are its own, and
tests/test_guarded_server.py fails when one changes its meaning.
"""

from collections.abc import Callable
from typing import Any, Final

import structlog
from typing_extensions import override
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import OPEN

from twincast.access.rate_limits import Rate, TokenBucket
from twincast.server.direct_socket import lend
from twincast.wire.close_codes import CLOSE_RESTART

_log = structlog.get_logger("twincast.server")

_FRAMES_PER_SLICE: Final = 128
_MIN_SLICE_BYTES: Final = 2 * 1024
_MAX_SLICE_BYTES: Final = 64 * 1024
"""What arrives is parsed in slices, and other sockets get their turn between: 256 KiB of empty frames at once would
take a third of a second. A slice holds about so many frames of the size that this connection sends."""

_READ_AHEAD_BYTES: Final = 64 * 1024
_MESSAGE_BYTES: Final = 256
"""What a message in the queue weighs beside its data."""

_MAX_SHORT_PAYLOAD_BYTES: Final = 125
_FINAL_TEXT_FRAME: Final = 0x81
"""RFC 6455, 5.2: FIN and the text opcode; a payload of up to 125 bytes has its length in the second byte."""

_CONTROL_FRAMES: Final = Rate(per_second=2, burst=20)
"""Pings and pongs. Browsers send none of their own accord; proxies send a few per minute."""

_MAX_AFTER_CLOSE_BYTES: Final = 16 * 2**20
"""What may still arrive after our close frame: more than socket buffers hold. A reset could eat the close frame."""

_GOODBYE_S: Final = 1.0
"""How long a phone may take to answer the close frame of a process that ends."""


class GuardedWebSocket(WebSocketsSansIOProtocol):
    """Parses in slices, bounds control frames, and is the handler's `DirectSocket`."""

    take_bytes: Callable[[bytes], bool] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rest = b""
        self._rest_from = 0
        self._reader_waits = False
        self._ahead_bytes = 0
        self._frames = 0
        self._parsed_bytes = 0
        self._slice_bytes = _MIN_SLICE_BYTES
        self._control_frames = TokenBucket(_CONTROL_FRAMES, self.loop.time())
        self._after_close_bytes = 0

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            lend(self.scope, self)  # type: ignore[arg-type]  # a TypedDict there, a mapping here

    @override
    def data_received(self, data: bytes) -> None:
        if self.close_sent:
            self._after_close_bytes += len(data)
            if self._after_close_bytes > _MAX_AFTER_CLOSE_BYTES:
                self.transport.abort()
                return
        if self._rest:
            self._rest = self._rest[self._rest_from :] + data
            self._rest_from = 0
            self.transport.pause_reading()
        elif len(data) <= self._slice_bytes:
            self._parse(data)
        else:
            self.transport.pause_reading()
            self._rest, self._rest_from = data, 0
            self._parse_slice()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._rest = b""
        super().connection_lost(exc)

    @override
    def shutdown(self) -> None:
        # uvicorn's own closes the socket right behind the close frame. Where the phone is still sending, the kernel
        # answers that with a reset, which can overtake the frame: 1006 instead of 1012. So wait for the phone's answer.
        if not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        if not self.close_sent:
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CLOSE_RESTART})
            self.conn.send_close(CLOSE_RESTART)
            self.transport.write(b"".join(self.conn.data_to_send()))
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(_GOODBYE_S, self.transport.close)
        if not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    def write_text(self, text: str) -> bool:
        """Writes a text of up to 125 bytes at once, or returns False.

        Acks are most of what is sent. So short a text needs a frame header of two bytes, and none of the machinery.
        """
        payload = text.encode()
        if (
            len(payload) > _MAX_SHORT_PAYLOAD_BYTES
            or not self.handshake_complete
            or self.close_sent
            or self.disconnected
            or not self.writable.is_set()
            or self.conn.state is not OPEN
            or self.conn.extensions
        ):
            return False
        self.transport.write(bytes((_FINAL_TEXT_FRAME, len(payload))) + payload)
        return True

    def abort(self) -> None:
        """Resets the connection."""
        self.transport.abort()

    @override
    def send_receive_event_to_app(self) -> None:
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        event: ASGIReceiveEvent
        if self.curr_msg_data_type == "bytes":
            if self._reader_waits and self.take_bytes is not None and self.queue.empty() and self.take_bytes(data):
                return
            event = {"type": "websocket.receive", "bytes": data}
        else:
            try:
                event = {"type": "websocket.receive", "text": data.decode()}
            except UnicodeDecodeError:
                self.conn.send_close(CloseCode.INVALID_DATA)
                self.handle_parser_exception()
                return
        # uvicorn stops reading after every message and starts again when the app asks for the next one: two system
        # calls per chunk. To read a little ahead costs none, and what the app does not take still stops the reader.
        self.queue.put_nowait(event)
        self._ahead_bytes += len(data) + _MESSAGE_BYTES
        if self._ahead_bytes > _READ_AHEAD_BYTES and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    @override
    async def receive(self) -> ASGIReceiveEvent:
        self._reader_waits = True
        try:
            message = await self.queue.get()
        finally:
            self._reader_waits = False
        if self.queue.empty():
            self._ahead_bytes = 0
            if self.read_paused:
                self.read_paused = False
                if not self._rest:  # what was read already comes first
                    self.transport.resume_reading()
        return message

    @override
    async def send(self, message: ASGISendEvent) -> None:
        text = message.get("text") if message["type"] == "websocket.send" else None
        if text is None or not self.write_text(text):
            await super().send(message)

    @override
    def handle_bytes(self, event: Frame) -> None:
        self._frames += 1
        super().handle_bytes(event)

    @override
    def handle_text(self, event: Frame) -> None:
        self._frames += 1
        super().handle_text(event)

    @override
    def handle_cont(self, event: Frame) -> None:
        self._frames += 1
        super().handle_cont(event)

    @override
    def handle_ping(self) -> None:
        if self._control_frame_fits():
            super().handle_ping()

    @override
    def handle_pong(self, event: Frame) -> None:
        if self._control_frame_fits():
            super().handle_pong(event)

    def _parse_slice(self) -> None:
        """Parses a slice of what arrived, and comes back for the next one after everybody else."""
        data, start = self._rest, self._rest_from
        if not data:
            return  # the connection was lost meanwhile
        end = start + self._slice_bytes
        if end < len(data):
            self._rest_from = end
            self.loop.call_soon(self._parse_slice)
            self._parse(data[start:end])
            return
        self._rest = b""
        self._parse(data[start:])
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _parse(self, data: bytes) -> None:
        super().data_received(data)
        self._parsed_bytes += len(data)
        if self._frames:
            wanted = _FRAMES_PER_SLICE * self._parsed_bytes // self._frames
            self._slice_bytes = max(_MIN_SLICE_BYTES, min(_MAX_SLICE_BYTES, wanted))
            self._frames = self._parsed_bytes = 0

    def _control_frame_fits(self) -> bool:
        if self._control_frames.take(1, self.loop.time()):
            return True
        if not self.transport.is_closing():
            _log.info("connection dropped", reason="too many control frames")
            self.transport.abort()
        return False
