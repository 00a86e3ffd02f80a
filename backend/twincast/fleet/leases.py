"""Which consumer of a group has which session, and how far it is.

A lease is a key that goes by itself: whoever does not renew it is taken for dead. Each consumer takes at most its fair
share of the sessions, so that those who come next find some.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from twincast.fleet import functions
from twincast.fleet.functions import SESSIONS, consumers_key, lease_key, positions_key

POSITIONS_LIVE_MS: Final = 24 * 3600 * 1000
"""Of a session that nobody saves any more: longer than the engine remembers any stream by default."""

Positions = Mapping[str, bytes]
"""stream kind -> id of the last entry behind the sinks."""


class Leases:
    """The leases of one consumer. Every method raises what redis-py raises where the engine is away."""

    def __init__(self, client: "Redis", group: str, name: str, lease_ms: int) -> None:
        self._client = client
        self._group = group
        self._name = name
        self._lease_ms = lease_ms
        self.now_ms = 0
        """The engine's clock at the last claim."""

    async def prepare(self) -> None:
        """Brings the functions into the engine."""
        try:
            await self._client.function_load(functions.SOURCE)
        except ResponseError as error:
            if "already exists" not in str(error):
                raise

    async def claim(self, mine: Iterable[str], finished: Mapping[str, float]) -> list[tuple[str, Positions]]:
        """Takes free sessions up to the fair share, and returns them with what the group has behind it.

        `finished`: sessions that nothing more is expected of, since when (ms of the engine's clock). One that somebody
        had later than that is taken again.
        """
        seconds, microseconds = await self._client.time()
        now_ms = seconds * 1000 + microseconds // 1000
        key = consumers_key(self._group)
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.zadd(key, {self._name: now_ms})
            pipe.zremrangebyscore(key, "-inf", now_ms - 2 * self._lease_ms)
            pipe.pexpire(key, 10 * self._lease_ms)
            pipe.zcard(key)
            pipe.zrange(SESSIONS, 0, -1, withscores=True)
            *_, consumers, seen = await pipe.execute()
        have = set(mine)
        self.now_ms = now_ms
        sessions = [name.decode() for name, at_ms in seen if at_ms > finished.get(name.decode(), -1)]
        share = math.ceil(len(set(sessions) | have) / max(1, consumers))
        claimed: list[tuple[str, Positions]] = []
        for session in sessions:
            if len(have) >= share:
                break
            if session in have:
                continue
            if await self._client.set(lease_key(self._group, session), self._name, nx=True, px=self._lease_ms):
                have.add(session)
                found: Any = await self._client.hgetall(positions_key(self._group, session))
                claimed.append((session, {kind.decode(): position for kind, position in found.items()}))
        return claimed

    async def save(self, positions: Mapping[str, Positions]) -> set[str]:
        """Renews the leases of these sessions and saves what is given of each. Returns those that another has."""
        async with self._client.pipeline(transaction=False) as pipe:
            for session, of_session in positions.items():
                flat: list[Any] = [part for item in of_session.items() for part in item]
                keys = (lease_key(self._group, session), positions_key(self._group, session))
                pipe.execute_command(
                    "FCALL", functions.SAVE, 2, *keys, self._name, self._lease_ms, POSITIONS_LIVE_MS, *flat
                )
            answers = await pipe.execute()
        return {session for session, answer in zip(positions, answers, strict=True) if answer != 1}

    async def release(self, sessions: Iterable[str]) -> None:
        """Gives them back: another may have them at once."""
        async with self._client.pipeline(transaction=False) as pipe:
            for session in sessions:
                pipe.execute_command("FCALL", functions.RELEASE, 1, lease_key(self._group, session), self._name)
            await pipe.execute()

    async def leave(self) -> None:
        """Is no longer counted."""
        await self._client.zrem(consumers_key(self._group), self._name)
