"""/ws/video and /ws/audio: one reader per socket, from handshake to close."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from typing import Any, Final

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from twincast.access.address_limits import client_address
from twincast.server.acks import AckSender
from twincast.server.clock import now_ms
from twincast.server.direct_socket import direct_socket
from twincast.server.hub import Hub
from twincast.server.live_stream import LeavingTimes, LiveStream
from twincast.server.shutdown import ensure_started
from twincast.streams.events import Event, StreamId
from twincast.wire.chunk import parse_chunk
from twincast.wire.close_codes import CLOSE_NORMAL, CLOSE_RESTART, ErrorCode, ProtocolError
from twincast.wire.message_types import (
    SUBPROTOCOL,
    ClientMessage,
    End,
    Ended,
    Gap,
    Hello,
    Muted,
    Ping,
    Segment,
    StreamKind,
)
from twincast.wire.messages import (
    MAX_TEXT_BYTES,
    format_ended,
    format_error,
    format_pong,
    format_ready,
    parse_client_message,
    text_bytes,
)

_log = structlog.get_logger("twincast.ws")

_MESSAGES_IN_A_ROW: Final = 32
"""After so many messages other sockets get their turn: reading what has arrived already never waits."""

_RESTART: Final = "restart"
"""The reason in the close frame of a process that ends."""

_ABORT_AFTER_S: Final = 8.0
"""A connection that was closed is reset after this time, whatever its peer does."""


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
        self._live: LiveStream | None = None
        self._closes = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at_s = self._loop.time()
        self._waiting_for_sinks = False
        self._is_receiving = False
        self._waiting_ack: str | None = None
        self._acks: AckSender | None = None
        self._address = client_address(websocket.client.host if websocket.client else None)
        self._undo = ExitStack()  # what this connection was counted in, to be taken back when it leaves
        self._direct = direct_socket(websocket.scope)
        self._opened = asyncio.Event()  # the handshake is answered, or will never be

    async def run(self) -> None:
        """Serves the socket until it closes. Raises nothing: what goes wrong is answered and logged here."""
        try:
            ensure_started(self._hub)
            self._hub.arrive(self)
            self._undo.callback(self._hub.depart, self)
            offered = SUBPROTOCOL in self._ws.scope["subprotocols"]
            await self._ws.accept(subprotocol=SUBPROTOCOL if offered else None)
            self._opened.set()
            if self._hub.is_leaving:
                self._closes.set()
                await self._say_last(None, CLOSE_RESTART, _RESTART)
                return
            self._hub.addresses.connect(self._address)
            self._undo.callback(self._hub.addresses.disconnect, self._address)
            self._check_handshake(offered)
            settings = self._hub.settings
            self._timer = self._loop.call_later(settings.hello_timeout_ms / 1000, self._hello_is_late)
            self._direct.take_bytes = self.take_bytes
            await self._read()
        except ProtocolError as error:
            await self._fail(error)
        except WebSocketDisconnect:
            pass
        except asyncio.CancelledError:
            # Only uvicorn's shutdown cancels this task, when a sink still holds the reader: the socket has its 1012.
            # Raising on would be logged as a fault of the application.
            pass
        except Exception:
            _log.exception("fault in the connection", **self._who())
            await self._fail(ProtocolError(ErrorCode.INTERNAL, "A fault in the backend ended this connection."))
        finally:
            self._leave()

    def ack_due(self) -> None:
        """The sinks took more."""
        if self._acks is not None:
            self._acks.flush()

    def ended(self, ended: Ended) -> None:
        """The sinks took the end: answers it and closes."""
        self._hub.spawn(self._finish(ended))

    def fail_soon(self, error: ProtocolError) -> None:
        """Takes nothing more from now on, and closes with `error` without waiting for a peer that may be half-open."""
        if self._begin_to_fail(error):
            self._hub.spawn(self._say_last(format_error(error), error.close_code, error.code.value))

    async def restart(self, times: LeavingTimes) -> None:
        """Takes nothing more, acknowledges what the sinks took, and closes with 1012."""
        await self._opened.wait()
        live = self._live
        if self._closes.is_set():
            if live is not None and live.connection is self:
                live.cut_short()  # what is taken now could not be acknowledged
            return
        self._closes.set()
        if live is None:
            await self._say_last(None, CLOSE_RESTART, _RESTART)
            return
        if self._acks is not None:
            # From here on an ack that waits is dropped; the newest goes out with the close frame.
            self._acks.stop()
            if self._waiting_ack is not None:
                self._acks.repeat()
        await _wait_until(times.queues_end_s, live.drained())
        live.cut_short()
        await _wait_until(times.sinks_end_s, live.drained())
        if live.end_taken and live.stream.verdict is not None:
            await self._say_last(format_ended(live.stream.verdict), CLOSE_NORMAL, "")
        else:
            newest_ack = None if self._acks is None else self._acks.newest
            await self._say_last(newest_ack, CLOSE_RESTART, _RESTART)

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
                    self._log_gone(message.get("code", 1005))
                return
            if self._closes.is_set():
                continue
            self._heard_at_s = self._loop.time()
            data = message.get("bytes")
            if data is not None:
                if self._live is None:
                    raise ProtocolError(ErrorCode.BAD_MESSAGE, "The first message must be a hello, as text.")
                self._take_chunk(self._live, data)
                await self._wait_for_sinks(self._live)
            else:
                await self._take_text(message["text"])

    def take_bytes(self, data: bytes) -> bool:
        """The short way of a chunk. False: not taken, the reader is to take it (or to say what is wrong with it)."""
        live = self._live
        if live is None or not self._is_receiving or self._closes.is_set() or not live.takes_at_once:
            return False
        self._heard_at_s = self._loop.time()
        try:
            self._take_chunk(live, data)
        except Exception:
            # Nothing was changed; the reader meets the same fault where it can be answered.
            return False
        return True

    def _take_chunk(self, live: LiveStream, data: bytes) -> None:
        live.rates.take(len(data), self._heard_at_s)
        chunk = parse_chunk(data, self._hub.limits.max_chunk_bytes)
        events = live.stream.take_chunk(chunk, now_ms())
        if events:
            live.push(events, data)
        else:
            self._hub.metrics.duplicates += 1
            self._ack_again()

    async def _take_text(self, text: str) -> None:
        size = text_bytes(text)
        if size > MAX_TEXT_BYTES:
            raise ProtocolError(
                ErrorCode.BAD_MESSAGE, f"The message has {size} bytes; at most {MAX_TEXT_BYTES} are taken."
            )
        if self._live is not None:
            self._live.rates.take(size, self._heard_at_s)
        message = parse_client_message(text)
        if self._live is not None:
            await self._take_message(self._live, message)
        elif isinstance(message, Hello):
            await self._hello(message)
        else:
            raise ProtocolError(ErrorCode.BAD_MESSAGE, "The first message must be a hello.")

    async def _take_message(self, live: LiveStream, message: ClientMessage) -> None:
        match message:
            case Ping():
                live.stream.take_ping(message)
                await self._send(format_pong(message.t, now_ms()))
            case Segment():
                self._hub.store.may_grow(live, self._address)
                live.stream.announce(message)
            case Gap():
                self._hub.store.may_grow(live, self._address)
                events = live.stream.take_gap(message)
                await self._deliver(live, events)
                if not events:
                    self._ack_again()
            case Muted():
                await self._deliver(live, live.stream.take_muted(message))
            case End():
                events = live.stream.take_end(message)
                if events:
                    await self._deliver(live, events)
                elif live.end_taken and live.stream.verdict is not None:
                    await self._finish(live.stream.verdict)
            case Hello():
                raise ProtocolError(ErrorCode.BAD_MESSAGE, "A connection says hello once.")

    async def _hello(self, hello: Hello) -> None:
        hub = self._hub
        stream_id = StreamId(hello.session, self._kind)
        if self._timer is not None:
            self._timer.cancel()
        # Before anything else: who may not have the stream must not displace who has it.
        known = hub.access.knows_streams and await hub.store.knows(stream_id)
        hub.access.check_stream(hello.token, stream_id, known, time.time())
        hub.addresses.open(self._address, hello.session)
        self._undo.callback(hub.addresses.close, self._address, hello.session)
        live = await hub.connect(stream_id, self, hello.connection)
        if self._closes.is_set():
            # This side closed meanwhile, and takes nothing.
            hub.leave(live, self, self._address)
            return
        self._undo.callback(hub.leave, live, self, self._address)
        self._live = live
        if live.refused is not None:
            raise live.refused
        opening = live.stream.open(hello.resume_from, hello.client.user_agent if hello.client else None)
        self._acks = AckSender(live.stream, hub.limits.ack_every_ms, self._send_soon)
        if opening.event is not None:
            live.push((opening.event,))
        self._timer = self._loop.call_later(hub.limits.idle_ms / 1000, self._check_idle)
        await self._send(format_ready(opening.next_seq, opening.resumed, now_ms(), hub.limits))

    async def _deliver(self, live: LiveStream, events: tuple[Event, ...]) -> None:
        if events:
            live.push(events)
        await self._wait_for_sinks(live)

    async def _wait_for_sinks(self, live: LiveStream) -> None:
        """Does not read on until there is room, or until this side closes: then what comes is no longer taken."""
        if live.queued_bytes < self._hub.limits.window_bytes:
            return
        self._waiting_for_sinks = True
        room = asyncio.create_task(live.room(self._hub.limits.window_bytes))
        closing = asyncio.create_task(self._closes.wait())
        try:
            await asyncio.wait((room, closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            room.cancel()
            closing.cancel()
        self._waiting_for_sinks = False
        self._heard_at_s = self._loop.time()

    def _ack_again(self) -> None:
        if self._acks is not None:
            self._acks.repeat()
            self._acks.flush()

    async def _finish(self, ended: Ended) -> None:
        if not self._closes.is_set():
            self._closes.set()
            await self._say_last(format_ended(ended), CLOSE_NORMAL, "")

    async def _fail(self, error: ProtocolError) -> None:
        if self._begin_to_fail(error):
            await self._say_last(format_error(error), error.close_code, error.code.value)

    def _begin_to_fail(self, error: ProtocolError) -> bool:
        """Takes nothing more. False where this connection closes already: whoever comes second is too late."""
        if self._closes.is_set():
            return False
        self._closes.set()
        self._hub.metrics.refusals[error.code.value] += 1
        _log.warning("connection refused or ended", code=error.code.value, reason=error.message, **self._who())
        return True

    async def _say_last(self, message: str | None, code: int, reason: str) -> None:
        if self._acks is not None:
            self._acks.stop()
        # A peer that does not read would keep what we say, and the socket, for as long as it likes.
        self._loop.call_later(_ABORT_AFTER_S, self._direct.abort)
        with suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
            if message is not None:
                await self._ws.send_text(message)
            await self._ws.close(code, reason)

    def _send_soon(self, text: str) -> None:
        """Sends an ack without waiting. Where the phone does not read, one waits, and the newest takes its place."""
        if self._closes.is_set():
            return
        if self._waiting_ack is not None:
            self._waiting_ack = text
        elif not self._direct.write_text(text):
            self._waiting_ack = text
            self._hub.spawn(self._send_waiting_ack())

    async def _send_waiting_ack(self) -> None:
        while self._waiting_ack is not None and not self._closes.is_set():
            text = self._waiting_ack
            await self._send(text)
            if self._waiting_ack is text:
                self._waiting_ack = None

    async def _send(self, text: str) -> None:
        if self._closes.is_set():
            return
        # Closed under our hands: the reader is told in its turn.
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._ws.send_text(text)

    def _hello_is_late(self) -> None:
        timeout_ms = self._hub.settings.hello_timeout_ms
        self.fail_soon(ProtocolError(ErrorCode.HELLO_TIMEOUT, f"No hello within {timeout_ms} ms."))

    def _check_idle(self) -> None:
        idle_s = self._hub.limits.idle_ms / 1000
        if self._waiting_for_sinks:
            self._heard_at_s = self._loop.time()  # it is this side that does not listen
        due_s = self._heard_at_s + idle_s
        if self._loop.time() < due_s:
            self._timer = self._loop.call_at(due_s, self._check_idle)
            return
        self.fail_soon(ProtocolError(ErrorCode.IDLE, f"Nothing came for {self._hub.limits.idle_ms} ms."))

    def _leave(self) -> None:
        self._direct.take_bytes = None
        self._closes.set()
        self._opened.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._acks is not None:
            self._acks.stop()
        self._undo.close()

    def _log_gone(self, code: int) -> None:
        _log.info("connection gone", code=code, **self._who())

    def _who(self) -> dict[str, str]:
        who: dict[str, str] = {"stream": self._kind}
        if self._live is not None:
            who["session"] = self._live.stream.id.short
        return who


async def _wait_until(end_s: float, work: Coroutine[Any, Any, None]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout_at(end_s):
            await work
