"""A stream's log in a real engine: in order, once, fenced; through a restart, a full memory and a lost engine."""

import asyncio
import os
import signal
import time
from collections.abc import Callable

import pytest
from redis.exceptions import ResponseError

from tests.fleet.engine import Engine
from tests.fleet.writer import Writer, connected, listens, logged, new_stream, until
from twincast.fleet import pipe
from twincast.fleet.functions import SESSIONS, StreamKeys
from twincast.fleet.stream_log import Retention
from twincast.wire.close_codes import ErrorCode

StartEngine = Callable[..., Engine]


async def test_takes_appends_in_order_and_tells_what_was_taken(engine: Engine) -> None:
    stream = new_stream()
    async with connected(engine) as client:
        writer = await Writer.open(client, stream)
        assert writer.known_counters is None
        for _ in range(100):
            writer.append()
        assert writer.log.queued_bytes > 100 * 100
        await writer.settled()
        assert writer.taken == list(range(100))
        assert writer.log.queued_bytes == 0
    assert logged(engine, stream) == list(range(100))


async def test_the_next_process_goes_on_with_what_the_engine_has(engine: Engine) -> None:
    stream = new_stream()
    async with connected(engine) as first, connected(engine) as second:
        before = await Writer.open(first, stream)
        before.append(structure=b"s")
        await before.settled()
        after = await Writer.open(second, stream, connection=2)
        assert after.next_seq == 1
        after.append()
        await after.settled()
    assert logged(engine, stream) == [0, 1]


async def test_fences_whoever_had_the_stream_before_and_tells_it_at_once(engine: Engine) -> None:
    stream = new_stream()
    async with connected(engine) as first, connected(engine) as second:
        old = await Writer.open(first, stream)
        old.append()
        await old.settled()
        await listens(engine.url, first)
        new = await Writer.open(second, stream, connection=2)
        await until(lambda: old.refused)
        assert old.refused[0].code == ErrorCode.DISPLACED
        new.append()
        await new.settled()
    assert logged(engine, stream) == [0, 1]


async def test_whoever_is_not_told_that_it_was_displaced_cannot_write(engine: Engine) -> None:
    stream = new_stream()
    async with connected(engine) as first, connected(engine) as second:
        old = await Writer.open(first, stream)
        first.logs.discard(old.log)  # as a process that hears nothing
        new = await Writer.open(second, stream, connection=2)
        new.append()
        await new.settled()
        for _ in range(3):
            old.append()
        await until(lambda: old.refused)
        assert old.refused[0].code == ErrorCode.DISPLACED
        assert old.taken == []
        new.append()
        await new.settled()
    assert logged(engine, stream) == [0, 1]


async def test_a_hello_that_was_held_up_takes_nothing_over(engine: Engine) -> None:
    stream = new_stream()
    async with connected(engine) as client:
        newer = await Writer.open(client, stream, connection=7)
        with pytest.raises(ResponseError, match="OLDER 7"):
            await Writer.open(client, stream, connection=6)
        newer.append()
        await newer.settled()
        assert newer.refused == []


async def test_sends_again_what_was_not_answered_when_the_engine_was_killed(start_engine: StartEngine) -> None:
    engine = start_engine()
    streams = [new_stream() for _ in range(5)]
    async with connected(engine) as client:
        writers = [await Writer.open(client, stream) for stream in streams]
        ends_s = time.monotonic() + 1.5
        restarting = asyncio.create_task(engine.restart(away_s=0.3))
        while time.monotonic() < ends_s or not restarting.done():
            for writer in writers:
                writer.append(size=20_000)
            await asyncio.sleep(0.005)
        for writer in writers:
            await writer.settled()
            assert writer.refused == []
            assert writer.taken == list(range(writer.next_seq))
    for stream, writer in zip(streams, writers, strict=True):
        assert logged(engine, stream) == list(range(writer.next_seq))


async def test_takes_an_engine_that_stands_still_for_away(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe, "_SILENCE_S", 0.3)
    engine = start_engine()
    stream = new_stream()
    async with connected(engine) as client:
        writer = await Writer.open(client, stream)
        writer.append()
        await writer.settled()
        os.kill(engine.pid, signal.SIGSTOP)
        for _ in range(10):
            writer.append()
        await until(lambda: client.state == "away")
        assert writer.taken == [0]
        writer.append()
        os.kill(engine.pid, signal.SIGCONT)
        await writer.settled()
        assert writer.taken == list(range(12))
        assert writer.refused == []
    # What it had read before it stood still, and what was sent again, is there once.
    assert logged(engine, stream) == list(range(12))


async def test_an_engine_that_comes_back_empty_ends_the_stream_here_and_lets_it_begin_anew(
    start_engine: StartEngine,
) -> None:
    engine = start_engine()
    stream = new_stream()
    async with connected(engine) as client:
        writer = await Writer.open(client, stream)
        writer.append()
        await writer.settled()
        await engine.restart(empty=True)
        await until(lambda: client.state == "up")
        writer.append()
        await until(lambda: writer.refused)
        assert writer.refused[0].code == ErrorCode.INTERNAL
        again = await Writer.open(client, stream, connection=2)
        assert again.known_counters is None
        again.append()
        await again.settled()


async def test_a_full_engine_holds_everything_back_with_one_question_at_a_time(start_engine: StartEngine) -> None:
    engine = start_engine("--maxmemory", "12mb")
    retention = Retention(keep_ms=1_500, keep_bytes=2**30, remember_ms=900_000)
    streams = [new_stream() for _ in range(10)]
    async with connected(engine) as client:
        writers = [await Writer.open(client, stream, retention=retention) for stream in streams]
        chunks = 0
        deadline_s = time.monotonic() + 10
        while client.refusals == 0:
            assert time.monotonic() < deadline_s
            for writer in writers:
                writer.append(size=25_000)
            chunks += 1
            await asyncio.sleep(0.01)
        began_s = time.monotonic()
        began = client.refusals
        for _ in range(20):  # 5 MB more, which find room only where the old goes
            for writer in writers:
                writer.append(size=25_000)
        for writer in writers:
            await writer.settled()
            assert writer.refused == []
            assert writer.taken == list(range(writer.next_seq))
        # Nothing but the questions, and what a resumed engine refuses once it is full again.
        paused_s = time.monotonic() - began_s
        assert client.refusals - began < 10 * paused_s + 220 * 4
    assert chunks > 0


async def test_knows_when_there_is_too_little_memory_for_new_streams(start_engine: StartEngine) -> None:
    engine = start_engine("--maxmemory", "40mb")
    async with connected(engine) as client:
        assert not client.crowded
        with engine.client() as plain:
            number = 0
            while int(plain.info("memory")["used_memory"]) < 37 * 2**20:
                number += 1
                plain.set(f"ballast {number}", bytes(500_000))
        await until(lambda: client.crowded)


async def test_trims_by_age_and_by_bytes(engine: Engine) -> None:
    short = Retention(keep_ms=300, keep_bytes=2**30, remember_ms=900_000)
    small = Retention(keep_ms=600_000, keep_bytes=3 * 2**20, remember_ms=900_000)
    by_age, by_bytes = new_stream(), new_stream()
    async with connected(engine) as client:
        writer = await Writer.open(client, by_bytes, retention=small)
        for _ in range(100):
            writer.append(size=100_000)
        await writer.settled()
        kept = logged(engine, by_bytes)
        assert kept[-1] == 99
        assert 30 <= len(kept) <= 45
        aged = await Writer.open(client, by_age, retention=short)
        for _ in range(3):
            aged.append()
            await aged.settled()
            await asyncio.sleep(1.02)  # a mark each second; what lies behind the newest old one is kept
        assert logged(engine, by_age) == [1, 2]


async def test_a_stream_that_nothing_comes_of_is_not_forgotten_while_it_is_connected(engine: Engine) -> None:
    stream = new_stream()
    brief = Retention(keep_ms=1_000, keep_bytes=2**20, remember_ms=400, grace_ms=0)
    async with connected(engine) as client:
        writer = await Writer.open(client, stream, retention=brief)
        writer.append()
        await writer.settled()
        for _ in range(4):
            await asyncio.sleep(0.25)
            writer.log.keep()
        writer.append()
        await writer.settled()
        assert writer.refused == []
        with engine.client() as plain:
            assert plain.zscore(SESSIONS, stream.session) is not None
        await asyncio.sleep(0.6)
        with engine.client() as plain:
            assert not plain.exists(StreamKeys.of(stream).state)


async def test_leaves_nothing_of_a_stream_that_had_only_hellos(engine: Engine) -> None:
    stream = new_stream()
    async with connected(engine) as client:
        writer = await Writer.open(client, stream)
        writer.append()
        await writer.settled()
        writer.log.forget()
        keys = StreamKeys.of(stream)

        def forgotten() -> bool:
            with engine.client() as plain:
                return bool(plain.exists(keys.log, keys.state, keys.marks) == 0)

        await until(forgotten)
