"""What the backend says on one socket: acks without waiting, other messages in their order, and a last word."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from fastapi import WebSocket, WebSocketDisconnect

from twincast.server.direct_socket import DirectSocket

_ABORT_AFTER_S: Final = 8.0
"""A connection that was closed is reset after this time, whatever its peer does."""


class Replies:
    """The way out of one socket. A peer that does not read is waited for, but never kept in memory: see `ack`."""

    def __init__(
        self, websocket: WebSocket, direct: DirectSocket, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self._ws = websocket
        self._direct = direct
        self._spawn = spawn
        self._waiting_ack: str | None = None
        self._is_over = False

    @property
    def has_waiting_ack(self) -> bool:
        """Whether an ack was said that is not on its way yet."""
        return self._waiting_ack is not None

    def ack(self, text: str) -> None:
        """Sends an ack without waiting. Where the phone does not read, one waits, and the newest takes its place."""
        if self._is_over:
            return
        if self._waiting_ack is not None:
            self._waiting_ack = text
        elif not self._direct.write_text(text):
            self._waiting_ack = text
            self._spawn(self._send_waiting_ack())

    async def say(self, text: str) -> None:
        """Sends a message, unless the last word is said."""
        if self._is_over:
            return
        # Closed under our hands: the reader is told in its turn.
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._ws.send_text(text)

    def end(self) -> None:
        """From now on only `last` is said; an ack that waits is dropped."""
        self._is_over = True

    async def last(self, message: str | None, code: int, reason: str) -> None:
        """Says `message`, if there is one, and closes."""
        self.end()
        # A peer that does not read would keep what we say, and the socket, for as long as it likes.
        asyncio.get_running_loop().call_later(_ABORT_AFTER_S, self._direct.abort)
        with suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
            if message is not None:
                await self._ws.send_text(message)
            await self._ws.close(code, reason)

    async def _send_waiting_ack(self) -> None:
        while self._waiting_ack is not None and not self._is_over:
            text = self._waiting_ack
            await self.say(text)
            if self._waiting_ack is text:
                self._waiting_ack = None
