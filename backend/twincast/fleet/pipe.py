"""One connection to the engine on which nothing waits for the answer to what went before.

redis-py makes the connection (address, TLS, password) and reads the protocol. Its own pipelines wait for the last
answer of each batch, and its clients take a connection for every command on its way.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import hiredis
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import BusyLoadingError, RedisError, ResponseError

from twincast.fleet.ending import end

Argument = bytes | str | int | float
Answered = Callable[[Any], None]
"""Is given the reply, or the engine's error as an exception. Not called where the connection broke before."""

_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 0.5

_SILENCE_S: Final = 5.0
"""An engine that answers nothing for so long is away, whatever its socket says."""


class EngineAwayError(Exception):
    """The connection broke before the answer, or there is none."""


class Pipe:
    """Keeps a connection up, and pipelines what is sent.

    `on_up` is awaited on each new connection before anything else is sent; what it raises counts as a failure to
    connect. `on_lost` is called for each connection that broke or could not be made.
    """

    def __init__(self, url: str, on_up: Callable[[], Awaitable[None]], on_lost: Callable[[Exception], None]) -> None:
        self._pool = ConnectionPool.from_url(
            url, protocol=2, retry=None, socket_timeout=None, socket_connect_timeout=2, health_check_interval=0
        )
        self._on_up = on_up
        self._on_lost = on_lost
        self._connection: AbstractConnection | None = None
        self._out: list[bytes] = []
        self._wake = asyncio.Event()
        self._unanswered: deque[tuple[float, Answered, Callable[[], None] | None]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._heard_at_s = 0.0

    def start(self) -> None:
        """Connects, now and whenever the connection breaks, until `stop`."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Closes; what is not answered never will be."""
        if self._task is not None:
            await end([self._task])
        await self._pool.aclose()

    def reconnect(self) -> None:
        """Begins anew: what is under way counts as lost."""
        if self._connection is not None:
            self._break()

    def send(self, command: Sequence[Argument], answered: Answered, lost: Callable[[], None] | None = None) -> None:
        """Sends with the next batch. Where there is no connection only `lost` is called."""
        if self._connection is None:
            if lost is not None:
                lost()
            return
        packed = hiredis.pack_command(tuple(command))  # type: ignore[arg-type]  # a tuple of any length
        self._out.append(packed)
        self._unanswered.append((asyncio.get_running_loop().time(), answered, lost))
        self._wake.set()

    async def call(self, *command: Argument) -> Any:
        """Sends, and waits for the reply. Raises `EngineAwayError`, or the engine's error."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def answered(reply: Any) -> None:
            if future.done():
                return
            if isinstance(reply, Exception):
                future.set_exception(reply)
            else:
                future.set_result(reply)

        def lost() -> None:
            if not future.done():
                future.set_exception(EngineAwayError("The connection to the engine broke."))

        self.send(command, answered, lost)
        return await future

    async def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            problem: Exception
            parts: list[asyncio.Task[None]] = []
            try:
                await connection.connect()
                self._connection = connection
                parts = [
                    asyncio.create_task(part(connection)) for part in (self._write, self._read, self._notice_silence)
                ]
                greeting = asyncio.ensure_future(self._on_up())
                await asyncio.wait([*parts, greeting], return_when=asyncio.FIRST_COMPLETED)
                if not greeting.done():
                    greeting.cancel()
                else:
                    greeting.result()
                    pause_s = _FIRST_PAUSE_S
                    await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                for part in parts:
                    if part.done():
                        part.result()
                problem = EngineAwayError("The connection to the engine broke.")
            except (TimeoutError, OSError, RedisError, EngineAwayError) as error:
                problem = error
            finally:
                await end(parts)
                self._drop()
                with suppress(OSError, RedisError):
                    await connection.disconnect(nowait=True)
            self._on_lost(problem)
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 1.5)

    def _drop(self) -> None:
        self._connection = None
        self._out.clear()
        unanswered, self._unanswered = self._unanswered, deque()
        for _, _, lost in unanswered:
            if lost is not None:
                lost()

    async def _write(self, connection: AbstractConnection) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._out = self._out, []
            if batch:
                await connection.send_packed_command(batch, check_health=False)

    async def _read(self, connection: AbstractConnection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                reply = await connection.read_response(disable_decoding=True, disconnect_on_error=False)
            except (ResponseError, BusyLoadingError) as error:
                reply = error
            self._heard_at_s = loop.time()
            _, answered, _ = self._unanswered.popleft()
            answered(reply)

    async def _notice_silence(self, _connection: AbstractConnection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1)
            if self._unanswered and loop.time() - max(self._unanswered[0][0], self._heard_at_s) > _SILENCE_S:
                raise EngineAwayError("The engine does not answer.")

    def _break(self) -> None:
        connection = self._connection
        if connection is not None:
            writer = connection._writer  # noqa: SLF001  # redis-py's disconnect() has to be awaited
            if writer is not None:
                writer.transport.abort()
