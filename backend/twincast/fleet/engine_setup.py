"""What a backend asks of an engine before it entrusts media to it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import NoPermissionError, ResponseError

from twincast.fleet.pipe import EngineAwayError
from twincast.fleet.safety import memory_problem, unsafe_settings, version_problem

_log = structlog.get_logger("twincast.fleet")

Call = Callable[..., Awaitable[Any]]
"""Sends a command, and returns the reply or raises the engine's error."""


class EngineSetup:
    """Changes what is unsafe, where `configure` and the engine allow it, and says in a sentence what is left."""

    def __init__(self, configure: bool) -> None:
        self._configure = configure
        self._warned: set[str] = set()

    async def check(self, call: Call) -> None:
        """Raises `EngineAwayError`, with a sentence, for an engine that is too old."""
        info = parsed_info(await call(b"INFO", b"server"))
        version = info.get("redis_version", "")
        if (problem := version_problem(version)) is not None:
            raise EngineAwayError(problem)
        try:
            have = await _settings(call)
        except (NoPermissionError, ResponseError):
            _log.warning("engine settings unknown", sentence="It keeps them to itself: see that nothing is lost.")
            return
        for unsafe in unsafe_settings(have):
            if self._configure:
                with suppress(NoPermissionError, ResponseError):
                    await call(b"CONFIG", b"SET", unsafe.name, unsafe.wanted)
                    _log.info("engine setting changed", setting=unsafe.name, was=unsafe.value, now=unsafe.wanted)
                    continue
            self._warn(unsafe.sentence)
        if (problem := memory_problem(have.get("maxmemory", ""))) is not None:
            self._warn(problem)

    def _warn(self, sentence: str) -> None:
        """Once, however often it connects."""
        if sentence not in self._warned:
            self._warned.add(sentence)
            _log.warning("engine is unsafe", sentence=sentence)


async def _settings(call: Call) -> Mapping[str, str]:
    have: dict[str, str] = {}
    for name in ("append*", "auto-aof-rewrite-percentage", "maxmemory*"):
        flat = await call(b"CONFIG", b"GET", name)
        have |= {key.decode(): value.decode() for key, value in zip(flat[::2], flat[1::2], strict=True)}
    return have


def parsed_info(info: bytes) -> dict[str, str]:
    """The answer to INFO as a mapping."""
    lines = (line.partition(":") for line in info.decode(errors="replace").splitlines())
    return {name: value for name, colon, value in lines if colon}
