"""/ws/watch: one viewer of one stream, from handshake to close (protocol/watch.md)."""

import asyncio
import time
from contextlib import ExitStack, suppress
from typing import Final

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from twincast.access.address_limits import client_address
from twincast.access.rate_limits import Rate, TokenBucket
from twincast.access.watch_access import is_this_computer
from twincast.server.clock import now_ms
from twincast.server.direct_socket import direct_socket
from twincast.server.hub import Hub
from twincast.server.live_stream import LeavingTimes
from twincast.server.shutdown import ensure_started
from twincast.server.watch_hub import OverReason, WatchedStream
from twincast.streams.events import StreamId
from twincast.watch.channel import Channel
from twincast.watch.outgoing import Outgoing
from twincast.watch.viewer_queue import ViewerQueue
from twincast.wire.close_codes import CLOSE_NORMAL, CLOSE_RESTART, ProtocolError
from twincast.wire.message_types import Ended
from twincast.wire.messages import text_bytes
from twincast.wire.watch import (
    MAX_WATCH_TEXT_BYTES,
    WATCH_SUBPROTOCOL,
    Watch,
    WatchCode,
    WatchedState,
    WatchError,
    Watching,
    WatchPing,
    format_watch_error,
    format_watch_pong,
    format_watched_ended,
    format_watching,
    parse_viewer_message,
)

_log = structlog.get_logger("twincast.watch")

STALL_TIMEOUT_S: Final = 30.0
"""How long a viewer may take nothing while there is something for it."""

_LOOK_EVERY_S: Final = 1.0
_ABORT_AFTER_S: Final = 8.0
"""A connection that was closed is reset after this time, whatever its peer does."""

_GOODBYE_S: Final = 0.5
"""The same for a peer that is closed because it does not read."""

_MESSAGES: Final = Rate(per_second=5, burst=50)
"""Of a viewer: a ping every two seconds is all that one has to say."""


class WatchConnection:
    """One socket of a viewer. Everything that it is told goes through one queue, in order."""

    def __init__(self, websocket: WebSocket, hub: Hub) -> None:
        self._ws = websocket
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._direct = direct_socket(websocket.scope)
        self._address = client_address(websocket.client.host if websocket.client else None)
        self._undo = ExitStack()  # what this connection was counted in, to be taken back when it leaves
        self._opened = asyncio.Event()  # the handshake is answered, or will never be
        self._is_closing = False
        self._is_sending = False
        self._over: OverReason | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at_s = self._progress_at_s = self._loop.time()
        self._messages = TokenBucket(_MESSAGES, self._heard_at_s)
        self._is_watching = False
        self._stream: StreamId | None = None  # for the log
        self._watched: WatchedStream | None = None
        self._queue = ViewerQueue(self._send_now, self._wake)

    @property
    def queue(self) -> ViewerQueue:
        """As `Viewer`."""
        return self._queue

    async def run(self) -> None:
        """Serves the socket until it closes. Raises nothing: what goes wrong is answered and logged here."""
        try:
            ensure_started(self._hub)
            self._hub.arrive(self)
            self._undo.callback(self._hub.depart, self)
            offered = WATCH_SUBPROTOCOL in self._ws.scope["subprotocols"]
            await self._ws.accept(subprotocol=WATCH_SUBPROTOCOL if offered else None)
            self._opened.set()
            if self._hub.is_leaving:
                await self._close(None, CLOSE_RESTART, "restart")
                return
            self._hub.addresses.connect(self._address)
            self._undo.callback(self._hub.addresses.disconnect, self._address)
            self._check_handshake(offered)
            self._direct.wait_for_reader(STALL_TIMEOUT_S)
            self._timer = self._loop.call_later(self._hub.settings.hello_timeout_ms / 1000, self._watch_is_late)
            await self._read()
        except ProtocolError as error:
            await self._fail(WatchError.of(error))
        except WatchError as error:
            await self._fail(error)
        except WebSocketDisconnect:
            pass
        except asyncio.CancelledError:
            pass  # only uvicorn's shutdown cancels this task, and the socket has its 1012
        except Exception:
            _log.exception("fault in the connection of a viewer", **self._who())
            await self._fail(WatchError(WatchCode.INTERNAL, "A fault in the backend ended this connection."))
        finally:
            self._leave()

    def over(self, reason: OverReason) -> None:
        """Nothing more will come: closes once everything is sent."""
        self._over = reason
        self._wake()

    async def restart(self, times: LeavingTimes) -> None:  # noqa: ARG002  # a viewer loses nothing by it
        """Closes with 1012."""
        await self._opened.wait()
        await self._close(None, CLOSE_RESTART, "restart")

    # What comes.

    def _check_handshake(self, offered: bool) -> None:
        headers = self._ws.headers
        self._hub.origin_policy.check(headers.get("origin"), headers.get("host"))
        if not offered:
            raise WatchError(
                WatchCode.BAD_SUBPROTOCOL, f"Offer the sub-protocol {WATCH_SUBPROTOCOL} when you open the WebSocket."
            )

    async def _read(self) -> None:
        while True:
            message = await self._ws.receive()
            if message["type"] == "websocket.disconnect":
                return
            if self._is_closing:
                continue
            self._heard_at_s = self._loop.time()
            if not self._messages.take(1, self._heard_at_s):
                raise WatchError(WatchCode.TOO_FAST, f"More than {_MESSAGES.per_second:g} messages a second.")
            text = message.get("text")
            if text is None:
                raise WatchError(WatchCode.BAD_MESSAGE, "A viewer sends text only.")
            if text_bytes(text) > MAX_WATCH_TEXT_BYTES:
                raise WatchError(WatchCode.BAD_MESSAGE, f"A message has at most {MAX_WATCH_TEXT_BYTES} bytes.")
            await self._take(text)

    async def _take(self, text: str) -> None:
        match parse_viewer_message(text):
            case Watch() as watch if not self._is_watching:
                await self._watch(watch)
            case Watch():
                raise WatchError(WatchCode.BAD_MESSAGE, "A connection watches one stream.")
            case WatchPing(t) if self._is_watching:
                offset_ms = None if self._watched is None else self._watched.channel.clock_offset_ms
                self._tell(format_watch_pong(t, now_ms(), offset_ms))
            case WatchPing():
                raise WatchError(WatchCode.BAD_MESSAGE, "The first message must be a watch.")

    async def _watch(self, watch: Watch) -> None:
        hub = self._hub
        client, headers = self._ws.client, self._ws.headers
        from_here = is_this_computer(client and client.host, headers.get("host"), headers.get("x-forwarded-host"))
        hub.watch.access.check(watch.token, watch.watch_id, from_here, time.time())
        hub.watch.counts.enter(self._address)
        self._undo.callback(hub.watch.counts.leave, self._address)
        if self._timer is not None:
            self._timer.cancel()
        self._is_watching = True
        found = await hub.watch.find(watch.watch_id, watch.kind)
        if self._is_closing:
            return
        match found:
            case None:
                what = f"There is no {watch.kind} of that session here, or not any more."
                raise WatchError(WatchCode.UNKNOWN_STREAM, what)
            case WatchedStream():
                self._stream = found.id
                self._watched = found
                self._begin(watch, found.state, found.channel)
                hub.watch.enter(found, self)
                self._undo.callback(hub.watch.leave, found, self)
                _log.info("somebody watches", viewers=len(found.viewers), **self._who())
            case Ended():
                self._begin(watch, "ended", None)
                self._tell(format_watched_ended(found))
                self.over("ended")

    def _begin(self, watch: Watch, state: WatchedState, channel: Channel | None) -> None:
        self._timer = self._loop.call_later(_LOOK_EVERY_S, self._look)
        watching = Watching(
            watch_id=watch.watch_id,
            kind=watch.kind,
            state=state,
            muted=channel is not None and channel.is_muted,
            server_time=now_ms(),
            idle_ms=self._hub.limits.idle_ms,
            clock_offset_ms=None if channel is None else channel.clock_offset_ms,
        )
        self._tell(format_watching(watching))

    # What is said.

    def _tell(self, text: str) -> None:
        self._queue.tell(Outgoing(text), time.monotonic())

    def _send_now(self, one: Outgoing) -> bool:
        if self._is_sending or self._is_closing or not self._direct.write_frame(one.frame):
            return False
        self._progress_at_s = self._loop.time()
        return True

    def _wake(self) -> None:
        if not self._is_sending and not self._is_closing:
            self._is_sending = True
            self._progress_at_s = self._loop.time()
            self._hub.spawn(self._send_all())

    async def _send_all(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # closed under our hands: the reader is told in its turn
            while not self._is_closing and (one := self._queue.pop()) is not None:
                if isinstance(one.data, str):
                    await self._ws.send_text(one.data)
                else:
                    await self._ws.send_bytes(one.data)
                self._progress_at_s = self._loop.time()
        self._is_sending = False
        match self._over:
            case None:
                pass
            case "ended":
                await self._close(None, CLOSE_NORMAL, "")
            case "moved":
                await self._close(None, CLOSE_RESTART, "restart")
            case "forgotten":
                await self._fail(
                    WatchError(WatchCode.UNKNOWN_STREAM, "The backend does not know this stream any more.")
                )

    def _look(self) -> None:
        """Every second: is this viewer still there, and does it read?"""
        now_s = self._loop.time()
        if self._is_sending and now_s - self._progress_at_s > STALL_TIMEOUT_S:
            error = WatchError(WatchCode.TOO_SLOW, f"Nothing was read for {STALL_TIMEOUT_S:g} s.")
            self._hub.spawn(self._fail(error))
            self._loop.call_later(_GOODBYE_S, self._direct.abort)  # it will hardly read that either
        elif now_s - self._heard_at_s > self._hub.limits.idle_ms / 1000:
            error = WatchError(WatchCode.IDLE, f"Nothing came for {self._hub.limits.idle_ms} ms.")
            self._hub.spawn(self._fail(error))
        else:
            self._timer = self._loop.call_later(_LOOK_EVERY_S, self._look)

    def _watch_is_late(self) -> None:
        timeout_ms = self._hub.settings.hello_timeout_ms
        self._hub.spawn(self._fail(WatchError(WatchCode.HELLO_TIMEOUT, f"No watch within {timeout_ms} ms.")))

    # The end.

    async def _fail(self, error: WatchError) -> None:
        if not self._is_closing:
            self._hub.metrics.refusals[error.code.value] += 1
            _log.warning("viewer refused or ended", code=error.code.value, reason=error.message, **self._who())
        await self._close(format_watch_error(error), error.close_code, error.code.value)

    async def _close(self, message: str | None, code: int, reason: str) -> None:
        """Says the last word. Whoever comes second is too late."""
        if self._is_closing:
            return
        self._is_closing = True
        self._queue.clear()
        # A peer that does not read would keep what we say, and the socket, for as long as it likes.
        self._loop.call_later(_ABORT_AFTER_S, self._direct.abort)
        with suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
            if message is not None:
                await self._ws.send_text(message)
            await self._ws.close(code, reason)

    def _leave(self) -> None:
        self._is_closing = True
        self._queue.clear()
        self._opened.set()
        if self._timer is not None:
            self._timer.cancel()
        self._undo.close()

    def _who(self) -> dict[str, str]:
        return {} if self._stream is None else {"stream": self._stream.kind, "session": self._stream.short}
