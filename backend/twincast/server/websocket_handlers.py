"""/ws/video and /ws/audio: one reader per socket, from handshake to close."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from typing import Any, Final, assert_never

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from twincast.access.address_limits import client_address
from twincast.server.carried_stream import CarriedStream
from twincast.server.connection_state import Closing, ConnectionState, Gone, Greeting, Joining, Opening, Streaming
from twincast.server.direct_socket import direct_socket
from twincast.server.hub import Hub
from twincast.server.idle_watch import IdleWatch
from twincast.server.live_stream import LeavingTimes, LiveStream
from twincast.server.replies import Replies
from twincast.server.shutdown import ensure_started
from twincast.streams.events import StreamId
from twincast.wire.close_codes import CLOSE_NORMAL, CLOSE_RESTART, ErrorCode, ProtocolError
from twincast.wire.message_types import SUBPROTOCOL, Ended, Hello, StreamKind
from twincast.wire.messages import (
    MAX_TEXT_BYTES,
    format_ended,
    format_error,
    format_watched,
    parse_client_message,
    text_bytes,
)

_log = structlog.get_logger("twincast.ws")

_MESSAGES_IN_A_ROW: Final = 32
"""After so many messages other sockets get their turn: reading what has arrived already never waits."""

_RESTART: Final = "restart"
"""The reason in the close frame of a process that ends."""


class StreamConnection:
    """One socket of one stream.

    The reader takes one message at a time and never waits for a sink while less than the window is queued, so that
    pings are answered; beyond it the reader stops, and TCP holds the sender back.
    """

    def __init__(self, websocket: WebSocket, kind: StreamKind, hub: Hub) -> None:
        self._ws = websocket
        self._kind = kind
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._state: ConnectionState = Opening()
        self._closes = asyncio.Event()
        """Set when nothing is taken any more, for who waits."""
        self._direct = direct_socket(websocket.scope)
        self._replies = Replies(websocket, self._direct, hub.spawn)
        self._idle = IdleWatch(hub.limits.idle_ms / 1000, self._is_idle)
        self._is_receiving = False
        self._session: str | None = None  # as a log shows it
        self._address = client_address(websocket.client.host if websocket.client else None)
        self._undo = ExitStack()  # what this connection was counted in, to be taken back when it leaves

    async def run(self) -> None:
        """Serves the socket until it closes. Raises nothing: what goes wrong is answered and logged here."""
        try:
            ensure_started(self._hub)
            self._hub.arrive(self)
            self._undo.callback(self._hub.depart, self)
            offered = SUBPROTOCOL in self._ws.scope["subprotocols"]
            await self._ws.accept(subprotocol=SUBPROTOCOL if offered else None)
            if self._hub.is_leaving:
                self._begin_to_close()
                await self._replies.last(None, CLOSE_RESTART, _RESTART)
                return
            self._hub.addresses.connect(self._address)
            self._undo.callback(self._hub.addresses.disconnect, self._address)
            self._check_handshake(offered)
            hello_timeout_s = self._hub.settings.hello_timeout_ms / 1000
            self._state = Greeting(self._loop.call_later(hello_timeout_s, self._hello_is_late))
            self._direct.take_bytes = self.take_bytes
            await self._read()
        except ProtocolError as error:
            await self._fail(error)
        except WebSocketDisconnect:
            pass
        except asyncio.CancelledError:
            # Only uvicorn's shutdown cancels this task, when a sink or the store still holds the reader: the socket has
            # its 1012. Raising on would be logged as a fault of the application.
            pass
        except Exception:
            _log.exception("fault in the connection", **self._who())
            await self._fail(ProtocolError(ErrorCode.INTERNAL, "A fault in the backend ended this connection."))
        finally:
            self._leave()

    # What the stream that it carries calls.

    def ack_due(self) -> None:
        """The sinks took more."""
        if isinstance(self._state, Streaming):
            self._state.carried.acks.flush()

    def ended(self, ended: Ended) -> None:
        """The sinks took the end: answers it and closes."""
        self._hub.spawn(self._finish(ended))

    def watched(self, viewers: int) -> None:
        """So many watch the stream now: the person is to know."""
        if isinstance(self._state, Streaming):
            self._hub.spawn(self._replies.say(format_watched(viewers)))

    def fail_soon(self, error: ProtocolError) -> None:
        """Takes nothing more from now on, and closes with `error` without waiting for a peer that may be half-open."""
        if self._begin_to_fail(error):
            self._hub.spawn(self._say_failure(error))

    # The end of the process.

    async def restart(self, times: LeavingTimes) -> None:
        """Takes nothing more, acknowledges what the sinks took, and closes with 1012."""
        match self._state:
            case Opening() | Gone():
                return  # `run` looks when the handshake is answered; or there is nobody to tell
            case Greeting() | Joining():
                self._begin_to_close()
                await self._replies.last(None, CLOSE_RESTART, _RESTART)
            case Closing(was):
                if was is not None and was.live.connection is self:
                    was.live.cut_short()  # what is taken now could not be acknowledged
            case Streaming(carried):
                await self._restart(carried, times)
            case _:
                assert_never(self._state)

    async def _restart(self, carried: CarriedStream, times: LeavingTimes) -> None:
        live, acks = carried.live, carried.acks
        if self._replies.has_waiting_ack:
            acks.repeat()  # it is dropped; the newest goes out with the close frame
        self._begin_to_close()
        await _wait_until(times.queues_end_s, live.drained())
        live.cut_short()
        await _wait_until(times.sinks_end_s, live.drained())
        if live.end_taken and live.stream.verdict is not None:
            await self._replies.last(format_ended(live.stream.verdict), CLOSE_NORMAL, "")
        else:
            await self._replies.last(acks.newest, CLOSE_RESTART, _RESTART)

    # Reading.

    def _check_handshake(self, offered: bool) -> None:
        headers = self._ws.headers
        self._hub.origin_policy.check(headers.get("origin"), headers.get("host"))
        if not offered:
            raise ProtocolError(
                ErrorCode.BAD_SUBPROTOCOL, f"Offer the sub-protocol {SUBPROTOCOL} when you open the WebSocket."
            )

    async def _read(self) -> None:
        receive = self._ws.receive
        in_a_row = 0
        while True:
            self._is_receiving = True
            message = await receive()
            self._is_receiving = False
            in_a_row += 1
            if in_a_row >= _MESSAGES_IN_A_ROW:
                in_a_row = 0
                await asyncio.sleep(0)
            if message["type"] == "websocket.disconnect":
                if not self._closes.is_set():
                    _log.info("connection gone", code=message.get("code", 1005), **self._who())
                return
            self._idle.heard_at_s = self._loop.time()
            await self._take(message.get("bytes"), message.get("text"))

    async def _take(self, data: bytes | None, text: str | None) -> None:
        match self._state:
            case Streaming() as streaming:
                await self._take_of_stream(streaming, data, text)
            case Greeting(deadline):
                if text is None:
                    raise ProtocolError(ErrorCode.BAD_MESSAGE, "The first message must be a hello, as text.")
                _size_of(text)
                hello = parse_client_message(text)
                if not isinstance(hello, Hello):
                    raise ProtocolError(ErrorCode.BAD_MESSAGE, "The first message must be a hello.")
                deadline.cancel()
                self._state = Joining()
                await self._hello(hello)
            case Closing():
                pass  # what comes is no longer taken
            case Opening() | Joining() | Gone():
                raise RuntimeError("nothing is read now")
            case _:
                assert_never(self._state)

    async def _take_of_stream(self, streaming: Streaming, data: bytes | None, text: str | None) -> None:
        carried, heard_at_s = streaming.carried, self._idle.heard_at_s
        verdict = None
        if data is not None:
            carried.take_chunk(data, heard_at_s)
        elif text is not None:
            carried.live.rates.take(_size_of(text), heard_at_s)
            verdict = await carried.take_message(parse_client_message(text))
        if verdict is not None:
            await self._finish(verdict)
        else:
            await self._wait_for_sinks(carried.live)

    def take_bytes(self, data: bytes) -> bool:
        """The short way of a chunk. False: not taken, the reader is to take it (or to say what is wrong with it)."""
        state = self._state
        if not isinstance(state, Streaming) or not self._is_receiving or not state.carried.live.takes_at_once:
            return False
        self._idle.heard_at_s = self._loop.time()
        try:
            state.carried.take_chunk(data, self._idle.heard_at_s)
        except Exception:
            # Nothing was changed; the reader meets the same fault where it can be answered.
            return False
        return True

    async def _hello(self, hello: Hello) -> None:
        hub = self._hub
        stream_id = StreamId(hello.session, self._kind)
        self._session = stream_id.short
        # Before anything else: who may not have the stream must not displace who has it.
        known = hub.access.knows_streams and await hub.store.knows(stream_id)
        hub.access.check_stream(hello.token, stream_id, known, time.time())
        hub.addresses.open(self._address, hello.session)
        self._undo.callback(hub.addresses.close, self._address, hello.session)
        live = await hub.store.connect(stream_id, self, hello.connection)
        self._undo.callback(hub.leave, live, self, self._address)
        if not isinstance(self._state, Joining):
            # This side closed meanwhile, and takes nothing.
            hub.leave(live, self, self._address)
            return
        carried = CarriedStream(live, hub, self._address, self._replies)
        self._state = Streaming(carried)
        self._idle.start()
        await carried.open(hello)

    async def _wait_for_sinks(self, live: LiveStream) -> None:
        """Does not read on until there is room, or until this side closes: then what comes is no longer taken."""
        if live.queued_bytes < self._hub.limits.window_bytes:
            return
        self._idle.is_paused = True
        room = asyncio.create_task(live.room(self._hub.limits.window_bytes))
        closing = asyncio.create_task(self._closes.wait())
        try:
            await asyncio.wait((room, closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            room.cancel()
            closing.cancel()
        self._idle.is_paused = False
        self._idle.heard_at_s = self._loop.time()

    # Closing.

    async def _finish(self, ended: Ended) -> None:
        if self._begin_to_close():
            await self._replies.last(format_ended(ended), CLOSE_NORMAL, "")

    async def _fail(self, error: ProtocolError) -> None:
        if self._begin_to_fail(error):
            await self._say_failure(error)

    async def _say_failure(self, error: ProtocolError) -> None:
        await self._replies.last(format_error(error), error.close_code, error.code.value)

    def _begin_to_fail(self, error: ProtocolError) -> bool:
        if not self._begin_to_close():
            return False
        self._hub.metrics.refusals[error.code.value] += 1
        _log.warning("connection refused or ended", code=error.code.value, reason=error.message, **self._who())
        return True

    def _begin_to_close(self) -> bool:
        """Takes nothing more. False where this connection closes already: whoever comes second is too late."""
        match self._state:
            case Opening() | Joining():
                self._state = Closing(None)
            case Greeting(deadline):
                deadline.cancel()
                self._state = Closing(None)
            case Streaming(carried):
                carried.acks.stop()
                self._state = Closing(carried)
            case Closing() | Gone():
                return False
            case _:
                assert_never(self._state)
        self._idle.stop()
        self._replies.end()
        self._closes.set()
        return True

    def _leave(self) -> None:
        self._begin_to_close()
        self._state = Gone()
        self._direct.take_bytes = None
        self._undo.close()

    def _hello_is_late(self) -> None:
        timeout_ms = self._hub.settings.hello_timeout_ms
        self.fail_soon(ProtocolError(ErrorCode.HELLO_TIMEOUT, f"No hello within {timeout_ms} ms."))

    def _is_idle(self) -> None:
        self.fail_soon(ProtocolError(ErrorCode.IDLE, f"Nothing came for {self._hub.limits.idle_ms} ms."))

    def _who(self) -> dict[str, str]:
        return {"stream": self._kind} if self._session is None else {"stream": self._kind, "session": self._session}


def _size_of(text: str) -> int:
    """Bytes of a text message. Raises `bad-message` where they are too many."""
    size = text_bytes(text)
    if size > MAX_TEXT_BYTES:
        raise ProtocolError(ErrorCode.BAD_MESSAGE, f"The message has {size} bytes; at most {MAX_TEXT_BYTES} are taken.")
    return size


async def _wait_until(end_s: float, work: Coroutine[Any, Any, None]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout_at(end_s):
            await work
