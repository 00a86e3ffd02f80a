"""Asks every process of the fleet at once, and waits for as many answers as there are processes."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError

from twincast.fleet.engine import Engine
from twincast.fleet.functions import ROLL_CALL
from twincast.fleet.pipe import EngineAwayError

_ANSWERS_S: Final = 1.0
"""How long the answers of all others may take together. Who is killed does not listen, and is not waited for."""

_LIFE_MS: Final = 10_000
"""Of answers that nobody waits for any more."""


class RollCall:
    """`answer()` is this process's own, for others that ask."""

    def __init__(self, engine: Engine, answer: Callable[[], Awaitable[bytes]]) -> None:
        self._engine = engine
        self._answer = answer
        self._answering: set[asyncio.Task[None]] = set()
        engine.on_roll_call = self._asked

    async def ask(self) -> list[bytes]:
        """What the other processes answer; without those that take too long."""
        engine = self._engine
        key = f"tc:answers:{uuid.uuid4().hex}"
        answers: list[bytes] = []
        with suppress(EngineAwayError, RedisError, TimeoutError):
            async with asyncio.timeout(_ANSWERS_S):
                listeners = await engine.command(b"PUBLISH", ROLL_CALL, f"{engine.owner} {key}")
                while len(answers) < listeners - 1:
                    answers.append(await engine.pop(key))
        return answers

    def _asked(self, data: bytes) -> None:
        owner, _, key = data.decode().partition(" ")
        if owner != self._engine.owner:
            task = asyncio.create_task(self._reply(key))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _reply(self, key: str) -> None:
        with suppress(EngineAwayError, RedisError):
            await self._engine.command(b"RPUSH", key, await self._answer())
            await self._engine.command(b"PEXPIRE", key, _LIFE_MS)
