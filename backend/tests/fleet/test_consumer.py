"""Consumers of the log: each chunk once and in order, whoever of them is killed; every hole told."""

import asyncio
import uuid
from collections.abc import Callable
from typing import ClassVar

import pytest

from tests.conftest import Recording
from tests.fleet.engine import Engine
from tests.fleet.fed import CLUSTER, HEADER, Fed, consuming, names_of
from tests.fleet.writer import connected, until
from twincast.fleet import consumer
from twincast.fleet.entries import next_seq_of
from twincast.fleet.functions import StreamKeys, consumers_key, positions_key
from twincast.fleet.stream_log import Retention
from twincast.sinks.sink import Sink
from twincast.streams.events import StreamId, TakenChunk

StartEngine = Callable[..., Engine]


def position(engine: Engine, group: str, fed: Fed) -> int | None:
    """The seq behind which the group is saved to be."""
    with engine.client() as plain:
        saved = plain.hget(positions_key(group, fed.id.session), fed.id.kind)
    return None if saved is None else next_seq_of(saved)


def new_group() -> str:
    return str(uuid.uuid4())


async def test_the_sinks_are_told_what_the_backend_took(engine: Engine) -> None:
    recording = Recording()
    async with connected(engine) as client, consuming(engine, new_group(), recording):
        fed = await Fed.open(client)
        for _ in range(3):
            fed.chunk()
        fed.gap(2)
        fed.chunk()
        fed.end()
        session = fed.id.session
        await until(lambda: recording.of(session, "closed") == ["ended"])
    assert names_of(recording, session) == [
        "opened",
        "segment",
        "0",
        "1",
        "2",
        "gap",
        "segment",
        "5",
        "ended",
        "closed",
    ]
    assert [bytes(one.payload) for one in recording.of(session, "chunk")] == list(fed.payloads.values())
    assert recording.of(session, "ended")[0].verified is True
    assert recording.of(session, "chunk")[3].segment.segment == 1


async def test_a_session_that_was_forgotten_and_comes_back_is_followed_again(engine: Engine) -> None:
    recording = Recording()
    brief = Retention(keep_ms=1_000, keep_bytes=2**20, remember_ms=300, grace_ms=0)
    async with connected(engine) as client, consuming(engine, new_group(), recording):
        fed = await Fed.open(client, retention=brief)
        session = fed.id.session
        fed.chunk()
        await until(lambda: recording.of(session, "closed") == ["forgotten"])
        await fed.connect(client, resume_from=1)
        fed.segment += 1
        fed.chunk()
        await until(lambda: recording.seqs(session) == [0, 1])


async def test_another_goes_on_where_a_killed_one_was(engine: Engine) -> None:
    group, first, second = new_group(), Recording(), Recording()
    async with connected(engine) as client:
        fed = await Fed.open(client)
        session = fed.id.session
        async with consuming(engine, group, first) as killed:
            for _ in range(10):
                fed.chunk()
            await until(lambda: len(first.seqs(session)) == 10)
            await until(lambda: position(engine, group, fed) == 10)
            await killed.kill()
        for number in range(10):
            fed.chunk(key_frame=number == 5)
        await fed.settled()
        async with consuming(engine, group, second):
            await until(lambda: len(second.seqs(session)) == 10)
    assert first.seqs(session) + second.seqs(session) == list(range(20))
    assert second.of(session, "opened")[0].how == "continued"
    raw, decodable = second.of(session, "segment")
    assert (raw.from_seq, raw.header_missing, raw.segment.mime_type) == (10, True, "video/webm")
    assert (decodable.from_seq, decodable.header_missing, decodable.header) == (15, False, HEADER)


async def test_one_that_leaves_in_good_order_is_replaced_at_once(engine: Engine) -> None:
    group, first, second = new_group(), Recording(), Recording()
    async with connected(engine) as client:
        fed = await Fed.open(client)
        session = fed.id.session
        async with consuming(engine, group, first, lease_ms=60_000):
            fed.chunk()
            await until(lambda: first.seqs(session) == [0])
        assert first.of(session, "closed") == ["shutdown"]
        async with consuming(engine, group, second, lease_ms=60_000):
            fed.chunk()
            await until(lambda: second.seqs(session) == [1])


async def test_several_share_the_sessions_and_none_is_handed_on_twice(start_engine: StartEngine) -> None:
    engine = start_engine()  # whose sessions are this test's alone
    group, recordings = new_group(), [Recording(), Recording()]
    async with (
        connected(engine) as client,
        consuming(engine, group, recordings[0]),
        consuming(engine, group, recordings[1]),
    ):
        with engine.client() as plain:
            await until(lambda: plain.zcard(consumers_key(group)) == 2)
        feds = [await Fed.open(client) for _ in range(8)]
        for _ in range(5):
            for fed in feds:
                fed.chunk()
        await until(lambda: all(sum(len(r.seqs(f.id.session)) for r in recordings) == 5 for f in feds))
    for fed in feds:
        assert sorted(recordings[0].seqs(fed.id.session) + recordings[1].seqs(fed.id.session)) == list(range(5))
    assert all(any(recording.seqs(fed.id.session) for fed in feds) for recording in recordings)


async def test_a_late_one_begins_where_a_decoder_can(engine: Engine) -> None:
    recording = Recording()
    async with connected(engine) as client:
        fed = await Fed.open(client)
        for number in range(10):
            fed.chunk(key_frame=number in (4, 7))
        await fed.settled()
        async with consuming(engine, new_group(), recording, begin="live"):
            session = fed.id.session
            await until(lambda: recording.seqs(session) == [7, 8, 9])
    assert names_of(recording, session)[:3] == ["opened", "segment", "7"]
    start = recording.of(session, "segment")[0]
    assert (start.header_missing, start.header, start.skip_bytes) == (False, HEADER, 0)
    assert bytes(recording.of(session, "chunk")[0].payload).startswith(CLUSTER)


class Slow(Sink):
    """Takes one chunk, and no more before it may."""

    may = asyncio.Event()
    waits: ClassVar[set[StreamId]] = set()

    async def chunk(self, chunk: TakenChunk) -> None:
        self.waits.add(self.stream)
        await self.may.wait()


async def test_a_slow_one_loses_nothing_that_is_kept_and_is_told_what_is_not(engine: Engine) -> None:
    Slow.may = asyncio.Event()
    recording = Recording()

    def both(stream: StreamId) -> Sink:
        return recording(stream)

    small = Retention(keep_ms=600_000, keep_bytes=4 * 2**20, remember_ms=900_000)
    async with connected(engine) as client, consuming(engine, new_group(), Slow, both):
        fed = await Fed.open(client, retention=small)
        session = fed.id.session
        for _ in range(10):
            fed.chunk()
        await fed.settled()
        await until(lambda: fed.id in Slow.waits)
        for number in range(200):
            fed.chunk(bytes(100_000) if number != 190 else CLUSTER, key_frame=number == 190)
            await fed.settled()
        Slow.may.set()
        fed.end()
        await until(lambda: bool(recording.of(session, "ended")))
    seqs = recording.seqs(session)
    gap = recording.of(session, "gap")[0]
    assert len(recording.of(session, "gap")) == 1
    assert gap.reason == "trimmed"
    assert seqs == [*range(gap.from_seq), *range(gap.to_seq + 1, 210)]
    assert gap.to_seq - gap.from_seq + 1 < 200 - 35, "less was handed on than the engine kept"
    assert gap.ms == 100.0 * (gap.to_seq - gap.from_seq + 1)
    _, raw, decodable = recording.of(session, "segment")
    assert (raw.from_seq, raw.header_missing) == (gap.to_seq + 1, True)
    assert (decodable.from_seq, decodable.header_missing, decodable.header) == (200, False, HEADER)


async def test_is_told_how_it_ended_where_the_log_went_before_it_was_read(engine: Engine) -> None:
    Slow.may = asyncio.Event()
    recording = Recording()
    brief = Retention(keep_ms=1_500, keep_bytes=2**30, remember_ms=900_000, grace_ms=1_500)
    async with connected(engine) as client, consuming(engine, new_group(), Slow, recording) as running:
        fed = await Fed.open(client, retention=brief)
        session = fed.id.session
        fed.chunk()
        fed.chunk(bytes(2**20))

        def has_no_room() -> bool:
            followed = running.consumer._sessions.get(session)
            return followed is not None and any(not one.has_room for one in followed.streams)

        await until(has_no_room)
        for _ in range(5):
            fed.chunk()
        fed.end()
        await fed.settled()
        keys = StreamKeys.of(fed.id)

        def log_is_gone() -> bool:
            with engine.client() as plain:
                return not plain.exists(keys.log)

        await until(log_is_gone)
        Slow.may.set()
        await until(lambda: recording.of(session, "closed") == ["ended"])
    assert recording.seqs(session) == [0, 1]
    assert [(gap.from_seq, gap.to_seq, gap.reason) for gap in recording.of(session, "gap")] == [(2, 6, "trimmed")]
    assert recording.of(session, "ended")[0].verified is True


async def test_is_told_what_was_lost_where_the_engine_comes_back_empty(start_engine: StartEngine) -> None:
    engine = start_engine()
    recording = Recording()
    async with connected(engine) as client, consuming(engine, new_group(), recording):
        fed = await Fed.open(client)
        session = fed.id.session
        for _ in range(5):
            fed.chunk()
        await until(lambda: len(recording.seqs(session)) == 5)
        await engine.restart(empty=True)
        await until(lambda: client.state == "up")
        # Its sinks had five; the phone knows of eight that were acknowledged.
        await fed.connect(client, resume_from=8)
        fed.segment += 1
        fed.chunk()
        fed.end()
        await until(lambda: bool(recording.of(session, "ended")), timeout_s=15)
    gaps = recording.of(session, "gap")
    assert [(gap.from_seq, gap.to_seq, gap.reason) for gap in gaps] == [(5, 7, "lost")]
    assert recording.seqs(session) == [0, 1, 2, 3, 4, 8]


async def test_what_the_phone_sends_again_to_an_older_engine_is_not_handed_on_again(
    start_engine: StartEngine,
) -> None:
    engine = start_engine()
    recording = Recording()
    async with connected(engine) as client, consuming(engine, new_group(), recording):
        fed = await Fed.open(client)
        session = fed.id.session
        for _ in range(5):
            fed.chunk()
        await until(lambda: len(recording.seqs(session)) == 5)
        await engine.restart(empty=True)
        await until(lambda: client.state == "up")
        await fed.connect(client, resume_from=3)  # the acks of two had not reached it
        for _ in range(4):
            fed.chunk()
        fed.end()
        await until(lambda: bool(recording.of(session, "ended")), timeout_s=15)
    assert recording.seqs(session) == list(range(7))
    assert recording.of(session, "gap") == []


async def test_hands_on_again_what_a_sink_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be told 4500 here; what was behind the sink is not handed on again."""
    monkeypatch.setattr(consumer, "_AGAIN_S", 0.3)
    recording = Recording()
    failures: list[StreamId] = []
    async with connected(engine) as client:
        fed = await Fed.open(client)

        class Refuses(Sink):
            on_failure = "close"

            def chunk(self, chunk: TakenChunk) -> None:
                if self.stream == fed.id and chunk.seq == 2 and not failures:
                    failures.append(self.stream)
                    raise OSError("the disk is full")

        session = fed.id.session
        for _ in range(4):
            fed.chunk()
        fed.end()
        async with consuming(engine, new_group(), Refuses, recording):
            await until(lambda: bool(recording.of(session, "ended")))
    assert failures == [fed.id]
    assert recording.of(session, "closed") == ["failed", "ended"]
    assert recording.seqs(session) == [0, 1, 2, 3]
