"""One life of the client under test: it is started, and served on all its connections until its script is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from twincast.conformance.client_cases.findings import Findings
from twincast.conformance.client_cases.ledger import AwayError, Ledger, LifeOverError
from twincast.conformance.client_cases.peer import Pace, Peer
from twincast.wire.message_types import SUBPROTOCOL, StreamKind

Start = Callable[[str], Awaitable[None]]
"""Starts the client with the address that it is to stream to, and returns when it has ended. Cancelled, it ends it."""


class Life:
    """The connections of one client, in their order."""

    def __init__(self, findings: Findings, pace: Pace, kind: StreamKind) -> None:
        self.findings: Final = findings
        self.pace: Final = pace
        self.ledger: Final = Ledger(findings)
        self._kind = kind
        self._others = Ledger(Findings())
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self._client: asyncio.Task[None] | None = None
        self._has_come = False

    async def next(self, wait_s: float | None = None) -> Peer:
        """The client's next connection. Raises `AwayError` where none comes, or the client has ended."""
        limit_s = wait_s or (self.pace.patience_s if self._has_come else self.pace.start_s)
        found = asyncio.create_task(self._peers.get())
        waiting = {found} if self._client is None else {found, self._client}
        await asyncio.wait(waiting, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        if found.done():
            self._has_come = True
            return found.result()
        found.cancel()
        if self._client is not None and self._client.done():
            raise AwayError("the client ended.")
        raise AwayError(f"it did not come{' back' if self._has_come else ''} within {limit_s:g} s.")

    async def comes_back(self) -> Peer | None:
        """A connection that a client makes which ought to stay away; None where it does."""
        try:
            return await self.next(self.pace.away_s)
        except AwayError:
            return None

    @asynccontextmanager
    async def served(self, start: Start, host: str, port: int) -> AsyncIterator[None]:
        """Listens, starts the client, and ends it with the block."""
        async with serve(
            self._serve,
            host,
            port,
            select_subprotocol=_select,
            compression=None,
            max_size=None,
            close_timeout=1,
            ping_interval=None,
        ) as server:
            listens_at: int = next(iter(server.sockets)).getsockname()[1]
            self._client = asyncio.ensure_future(start(f"ws://{host}:{listens_at}/ws/{self._kind}"))
            try:
                yield
            finally:
                self._client.cancel()
                with suppress(asyncio.CancelledError):
                    await self._client

    async def _serve(self, socket: ServerConnection) -> None:
        path = socket.request.path if socket.request else ""
        if path.endswith(f"/ws/{self._kind}"):
            peer = Peer(socket, self.ledger, self.pace)
            self._peers.put_nowait(peer)
            await peer.wait_until_done()
        else:
            with suppress(LifeOverError, ConnectionClosed):
                await self._serve_other(Peer(socket, self._others, self.pace))

    async def _serve_other(self, peer: Peer) -> None:
        """The other stream of the session is served without a fault."""
        await peer.hello()
        await peer.ready(self._others.next_seq, resumed=self._others.next_seq > 0)
        await peer.take_until_end()
        await peer.ended()


def _select(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
