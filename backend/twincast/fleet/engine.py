"""The engine as one backend sees it: up, full or away; and the appends of all streams that wait for it."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Literal, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from twincast.fleet import functions
from twincast.fleet.answers import Answer, Full, Taken, answer_of
from twincast.fleet.ending import end
from twincast.fleet.engine_setup import EngineSetup, parsed_info
from twincast.fleet.pipe import Argument, EngineAwayError, Pipe

_log = structlog.get_logger("twincast.fleet")

EngineState = Literal["away", "up", "full"]
"""away: nothing is sent, everything is kept. full: one append asks now and then whether there is room again."""

_PROBE_EVERY_S: Final = 0.2
_TRIM_EVERY_S: Final = 1.0
"""While it is full: nothing else trims then."""

_KEEP_EVERY_S: Final = 20.0
"""How often a stream that is connected is kept from being forgotten, whatever comes of it."""

_LOOK_EVERY_S: Final = 1.0
_CROWDED_SHARE: Final = 0.9


class Log(Protocol):
    """What the engine needs of one stream's appends."""

    @property
    def state_key(self) -> bytes:
        """Names it where it is told that another has taken it over."""

    @property
    def epoch(self) -> int:
        """Of the connection that it belongs to."""

    @property
    def waits(self) -> bool:
        """Whether there are appends without an answer."""

    def send_first(self) -> None:
        """Sends the oldest append without an answer."""

    def send_all(self) -> None:
        """Sends every append without an answer, in order."""

    def keep(self) -> None:
        """Trims, and keeps the stream from being forgotten."""

    def displaced(self) -> None:
        """Another connection has the stream."""


class Engine:
    """One connection for appends and calls, one for what the engine tells; both come back by themselves."""

    def __init__(self, url: str, configure: bool = True) -> None:
        self.owner = uuid.uuid4().hex[:12]
        """Names this process for as long as it lives."""
        self.state: EngineState = "away"
        self.crowded = False
        """Whether so little memory is left that no new stream should begin."""
        self.logs: set[Log] = set()
        self.refusals = 0
        """Appends that the engine had no memory for."""
        self.on_roll_call: Callable[[bytes], None] = lambda _data: None
        """Is given what came on the channel `ROLL_CALL`."""
        self._setup = EngineSetup(configure)
        self._pipe = Pipe(url, self._greet, self._lost)
        self._client: Redis = Redis.from_url(url, protocol=2, retry=None, socket_connect_timeout=2)
        self._up = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._probing: asyncio.Task[None] | None = None
        self._problem: str | None = None

    def start(self) -> None:
        """Connects, now and whenever the connection breaks."""
        self._pipe.start()
        self._tasks = [asyncio.create_task(work()) for work in (self._listen, self._keep, self._look)]

    async def stop(self) -> None:
        """Closes the connections."""
        tasks = [*self._tasks, *([self._probing] if self._probing is not None else [])]
        await end(tasks)
        await self._pipe.stop()
        await self._client.aclose()
        self.state = "away"
        self._up.clear()

    async def call(self, function: bytes, *arguments: Argument, timeout_s: float = 2.0) -> Any:
        """Calls a function of functions.lua. Raises `EngineAwayError` where no answer comes, or the engine's error."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
                return await self._pipe.call(b"FCALL", function, *arguments)
        except TimeoutError:
            raise EngineAwayError("The engine does not answer.") from None

    async def command(self, *command: Argument, timeout_s: float = 2.0) -> Any:
        """As `call`, for a command of the engine's own."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
                return await self._pipe.call(*command)
        except TimeoutError:
            raise EngineAwayError("The engine does not answer.") from None

    async def pop(self, key: str) -> bytes:
        """Waits for the next item of a list, for as long as the caller has patience."""
        while True:
            found = await self._client.blpop([key], timeout=5)
            if found is not None and isinstance(found[1], bytes):
                return found[1]

    def append(
        self, command: Sequence[Argument], answered: Callable[[int, Answer], None], op: int, is_probe: bool = False
    ) -> None:
        """Sends one append; `answered(op, answer)` unless the connection breaks before.

        `is_probe`: asks a full engine whether it has room again. Only its answer ends the pause:
        whatever was on its way before is answered before.
        """

        def replied(reply: Any) -> None:
            answer = answer_of(reply)
            match answer:
                case Taken():
                    if is_probe and self.state == "full":
                        self._has_room()
                case Full():
                    self.refusals += 1
                    self._is_full()
                case _:
                    pass
            answered(op, answer)

        self._pipe.send(command, replied)

    def tell(self, function: bytes, *arguments: Argument) -> None:
        """Calls a function whose answer does not matter."""
        self._pipe.send((b"FCALL", function, *arguments), lambda _reply: None)

    def not_ready(self, why: str) -> None:
        """The engine answered that it cannot do this now: begins anew, with functions and all."""
        _log.warning("engine not ready", why=why[:200])
        self._pipe.reconnect()

    async def _greet(self) -> None:
        with suppress(ResponseError):  # it has them already, under the same name: the very same text
            await self._pipe.call(b"FUNCTION", b"LOAD", functions.SOURCE)
        await self._setup.check(self._pipe.call)  # each time: what was set does not outlast a restart of the engine
        self.state = "up"
        self._up.set()
        if self._problem is not None:
            _log.info("engine is back")
            self._problem = None
        for log in list(self.logs):
            log.send_all()

    def _lost(self, problem: Exception) -> None:
        self.state = "away"
        self._up.clear()
        if str(problem) != self._problem:
            self._problem = str(problem)
            _log.warning("engine is away", reason=self._problem)

    def _is_full(self) -> None:
        if self.state == "up":
            self.state = "full"
            _log.warning("engine is full", sentence="It has no memory for more; phones keep what they record.")
            self._probing = asyncio.create_task(self._probe())

    def _has_room(self) -> None:
        self.state = "up"
        _log.info("engine has room again")
        for log in list(self.logs):
            log.send_all()

    async def _probe(self) -> None:
        loop = asyncio.get_running_loop()
        trimmed_s = 0.0
        while self.state == "full":
            if loop.time() - trimmed_s >= _TRIM_EVERY_S:
                trimmed_s = loop.time()
                for log in list(self.logs):
                    log.keep()
            waiting = next((log for log in self.logs if log.waits), None)
            if waiting is None:
                self._has_room()  # nobody wants any
                return
            waiting.send_first()
            await asyncio.sleep(_PROBE_EVERY_S)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_EVERY_S)
            for log in list(self.logs):
                log.keep()

    async def _look(self) -> None:
        while True:
            with suppress(EngineAwayError, RedisError):
                memory = parsed_info(await self.command(b"INFO", b"memory"))
                bound = int(memory.get("maxmemory", "0"))
                self.crowded = bound > 0 and int(memory.get("used_memory", "0")) > _CROWDED_SHARE * bound
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _listen(self) -> None:
        """Displacements, told at once: quicker than the answer to the next append."""
        while True:
            with suppress(RedisError, OSError):
                async with self._client.pubsub() as told:
                    await told.subscribe(functions.DISPLACED + self.owner, functions.ROLL_CALL)
                    async for message in told.listen():
                        if message["type"] != "message":
                            continue
                        if message["channel"].decode() == functions.ROLL_CALL:
                            self.on_roll_call(message["data"])
                        else:
                            self._displaced(message["data"])
            await asyncio.sleep(_PROBE_EVERY_S)

    def _displaced(self, data: bytes) -> None:
        state_key, _, epoch = data.rpartition(b" ")
        for log in list(self.logs):
            if log.state_key == state_key and log.epoch < int(epoch):
                log.displaced()
