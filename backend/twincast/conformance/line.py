"""A socket to the backend under test: what a client says, and everything that it is told."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin, Subprotocol

from twincast.conformance.backend_messages import (
    Ack,
    BackendMessage,
    EndedMessage,
    ErrorMessage,
    Pong,
    Ready,
    parse_backend_message,
)
from twincast.conformance.case import BrokenRuleError
from twincast.conformance.outgoing import T0_MS, Json, as_text, end
from twincast.conformance.vectors import Vectors
from twincast.wire.close_codes import ProtocolError
from twincast.wire.message_types import StreamKind

Message = TypeVar("Message", bound=BackendMessage)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a run waits for what. Seconds."""

    answer_s: float = 10.0
    """For an answer that is due at once."""

    grace_s: float = 2.0
    """For a close that is due, after the backend went on as if nothing was wrong."""

    hello_timeout_s: float = 15.0
    """For the close of a socket that says no `hello`; the wire does not tell the backend's own time."""

    idle_s: float = 10.0
    """The longest `idleMs` that is sat out; it takes more than twice as long."""


@dataclass(frozen=True, slots=True)
class Closed:
    """How the backend closed. 1006: without a close frame."""

    code: int
    reason: str


class Line:
    """One socket. What is received is strictly read: a message that breaks the wire's rules is a `BrokenRuleError`."""

    def __init__(self, socket: ClientConnection, session: str, backend: "Backend") -> None:
        self.socket = socket
        self.session = session
        self.acks: list[Ack] = []
        self.errors: list[ErrorMessage] = []
        self._backend = backend
        self._is_greeted = False

    async def send(self, message: Json | str | bytes) -> None:
        """Sends an object as JSON, and anything else as it is. What is sent to a closed socket is lost."""
        with suppress(ConnectionClosed):  # whoever reads next is told
            await self.socket.send(as_text(message) if isinstance(message, dict) else message)

    async def hello(self, resume_from: int = 0, **fields: object) -> Ready:
        """Says hello, and returns the answer."""
        await self.send(self.hello_message(resume_from, **fields))
        return await self.expect(Ready)

    def hello_message(self, resume_from: int = 0, **fields: object) -> Json:
        """A `hello` with the token of the run."""
        token = self._backend.token
        own = {} if token is None else {"token": token}
        return {"type": "hello", "session": self.session, "resumeFrom": resume_from, **own, **fields}

    async def expect(self, kind: type[Message]) -> Message:
        """The next message of this kind. What else comes before it is noted."""
        due = f"`{kind.__struct_config__.tag}`"
        while not isinstance(heard := await self.hear(due), kind):
            if isinstance(heard, Closed):
                raise BrokenRuleError(f"{due} is due, but {self._said(heard)}")
        return heard

    async def acked(self, seq: int) -> None:
        """Waits until `seq` is acknowledged."""
        while not self.acks or self.acks[-1].seq < seq:
            await self.expect(Ack)

    async def ended(self, last_seq: int, claims: Sequence[Json]) -> EndedMessage:
        """Says `end`, and returns the verdict once the backend has closed with 1000."""
        await self.send(end(last_seq, claims))
        verdict = await self.expect(EndedMessage)
        closed = await self.closed(1000)
        if closed.code != 1000:
            raise BrokenRuleError(f"after `ended`, {self._said(closed)} 1000 is due.")
        return verdict

    async def closed(self, due: int | str = "a close") -> Closed:
        """Reads to the end."""
        limit_s = self._backend.waits.answer_s
        while not isinstance(heard := await self.hear(f"a close with {due}", limit_s), Closed):
            if isinstance(heard, Ready | Pong):
                limit_s = self._backend.waits.grace_s
        return heard

    async def refused(self, name: str) -> None:
        """Reads to the end, which has to come with the close code of this name."""
        if self._is_greeted:
            # A backend that did not mind answers this, and need not be waited for much longer.
            await self.send({"type": "ping", "t": T0_MS})
        due = self._backend.vectors.close_code(name)
        closed = await self.closed(due)
        if closed.code != due:
            raise BrokenRuleError(f"{due} is due, but {self._said(closed)}")

    async def hear(self, due: str, wait_s: float | None = None) -> BackendMessage | Closed:
        """The next thing that the backend says. `due`: what ought to come, for the report."""
        limit_s = self._backend.waits.answer_s if wait_s is None else wait_s
        try:
            async with asyncio.timeout(limit_s):
                data = await self.socket.recv()
        except ConnectionClosed as error:
            return Closed(error.rcvd.code, error.rcvd.reason) if error.rcvd else Closed(1006, "")
        except TimeoutError:
            raise BrokenRuleError(f"{due} is due, and did not come within {limit_s:g} s.") from None
        if isinstance(data, bytes):
            raise BrokenRuleError("the backend sent a binary message; only clients do.")
        try:
            message = parse_backend_message(data)
        except ProtocolError as error:
            raise BrokenRuleError(f"the backend sent {data[:80]!r}: {error.message}") from None
        if isinstance(message, Ready):
            self._is_greeted = True
        elif isinstance(message, Ack):
            self.acks.append(message)
        elif isinstance(message, ErrorMessage):
            self.errors.append(message)
        return message

    async def cut(self) -> None:
        """Ends the connection as a phone does that loses its network: without a word."""
        self.socket.transport.abort()
        await self.socket.wait_closed()

    def _said(self, closed: Closed) -> str:
        why = f": {self.errors[-1].message}" if self.errors else ""
        return f"the backend closed with {closed.code}{f' ({closed.reason})' if closed.reason else ''}{why or '.'}"


@dataclass(frozen=True, slots=True)
class Backend:
    """The backend under test. `url` has no path of the wire's own: `ws://localhost:8000`."""

    url: str
    vectors: Vectors
    token: str | None = None
    origin: str | None = None
    waits: Waits = field(default_factory=Waits)

    @asynccontextmanager
    async def line(
        self,
        kind: StreamKind = "video",
        session: str | None = None,
        origin: str | None = None,
        offers: Sequence[str] | None = None,
        compression: str | None = None,
    ) -> AsyncIterator[Line]:
        """A new socket, of a new session where none is given. Raises `BrokenRuleError` where none can be opened."""
        offered = [self.vectors.subprotocol] if offers is None else offers
        chosen = origin or self.origin
        try:
            socket = await connect(
                f"{self.url.rstrip('/')}/ws/{kind}",
                subprotocols=[Subprotocol(one) for one in offered] or None,
                origin=None if chosen is None else Origin(chosen),
                compression=compression,
                open_timeout=self.waits.answer_s,
                close_timeout=1,
                ping_interval=None,
                max_size=None,
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise BrokenRuleError(f"no WebSocket could be opened at /ws/{kind}: {error}") from error
        try:
            yield Line(socket, session or str(uuid.uuid4()), self)
        finally:
            await socket.close(1001)
