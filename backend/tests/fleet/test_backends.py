"""Backends that share an engine: any socket of any stream may come to any of them at any moment."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import jwt
import pytest
from pydantic import SecretStr, ValidationError

from tests.conftest import Recording, Server, running_app
from tests.fleet.engine import Engine
from tests.fleet.fed import consuming
from tests.fleet.writer import listens, until
from tests.wire import Phone, claim, frame, phone, segment_message
from twincast import Settings, SinkConfigurationError, create_app
from twincast.fleet.functions import StreamKeys
from twincast.server.hub import Hub
from twincast.server.redis_store import RedisStore
from twincast.sinks.sink import Sink
from twincast.streams.events import StreamId

StartEngine = Callable[..., Engine]
Join = Callable[..., Awaitable[Server]]


@pytest.fixture
async def join(engine: Engine) -> AsyncIterator[Join]:
    """`await join()` starts one more backend in this process, on the shared engine or on `url`."""
    async with AsyncExitStack() as stack:

        async def start(url: str = engine.url, **settings: object) -> Server:
            chosen = Settings(_env_file=None, log_url=url, log_configure=False, **settings)  # type: ignore[arg-type]
            server = await stack.enter_async_context(running_app(chosen, create_app(chosen), Recording()))
            store = server.hub.store
            assert isinstance(store, RedisStore)
            await listens(url, store.engine)
            return server

        yield start


async def take(one: Phone, seqs: range, first: bool = False) -> None:
    """Announces the segment, sends the chunks, and waits for the ack of the last."""
    await one.send(segment_message())
    for seq in seqs:
        await one.send(frame(seq, bytes([seq]), first=first and seq == seqs[0]))
    await one.acked(seqs[-1])


def payloads(count: int) -> list[bytes]:
    return [bytes([seq]) for seq in range(count)]


async def test_a_stream_goes_on_at_another_backend_and_is_verified_to_its_end(join: Join, engine: Engine) -> None:
    first, second = await join(), await join()
    recording = Recording()
    async with consuming(engine, "test goes on", recording):
        async with phone(first.port) as old:
            await old.hello(connection=1)
            await take(old, range(3), first=True)
            # A half-open socket is still at the first one.
            async with phone(second.port, session=old.session) as new:
                ready = await new.hello(resume_from=2, connection=2)
                assert (ready["nextSeq"], ready["resumed"]) == (3, True)
                _, code = await old.closed()
                assert code == 4409
                await take(new, range(3, 6))
                await new.send({"type": "end", "lastSeq": 5, "segments": [claim(0, 0, *payloads(6))]})
                ended = await new.receive("ended")
                assert ended["verified"] is True
                assert ended["ranges"] == [{"segment": 0, "from": 0, "state": "verified"}]
                assert (ended["chunks"], ended["bytes"]) == (6, 6)
        # Its answer was lost: the end again, at the first one.
        async with phone(first.port, session=old.session) as again:
            assert (await again.hello(resume_from=6, connection=3))["nextSeq"] == 6
            await again.send({"type": "end", "lastSeq": 5, "segments": [claim(0, 0, *payloads(6))]})
            assert (await again.receive("ended"))["verified"] is True
        await until(lambda: bool(recording.of(old.session, "ended")))
    assert recording.seqs(old.session) == list(range(6))
    assert len(recording.of(old.session, "segment")) == 1


async def test_a_hello_that_was_held_up_displaces_nobody_at_another_backend(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as live:
        await live.hello(connection=2)
        async with phone(second.port, session=live.session) as late:
            await late.send({"type": "hello", "session": live.session, "resumeFrom": 0, "connection": 1})
            _, code = await late.closed()
            assert code == 4409
        await take(live, range(2), first=True)


async def test_of_hellos_that_race_through_two_backends_the_newest_has_the_stream(join: Join) -> None:
    backends = [await join(), await join()]
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(phone(backends[0].port))
        others = [phone(backends[number % 2].port, session=first.session) for number in range(1, 8)]
        phones = [first, *[await stack.enter_async_context(one) for one in others]]
        await asyncio.gather(
            *(
                one.send({"type": "hello", "session": first.session, "resumeFrom": 0, "connection": number})
                for number, one in enumerate(phones)
            )
        )
        newest = phones[-1]
        await newest.receive("ready")
        await take(newest, range(3), first=True)
        codes = [(await one.closed())[1] for one in phones[:-1]]
        assert set(codes) == {4409}
        await newest.send({"type": "end", "lastSeq": 2, "segments": [claim(0, 0, *payloads(3))]})
        assert (await newest.receive("ended"))["verified"] is True


async def test_a_backend_that_is_told_to_stop_acknowledges_all_that_the_engine_has_of_it(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as one:
        await one.hello(connection=1)
        await one.send(segment_message())
        for seq in range(40):
            await one.send(frame(seq, bytes([seq]), first=seq == 0))
        await one.acked(0)
        first.uvicorn.should_exit = True
        messages, code = await one.closed()
    acked_seq = max((message["seq"] for message in messages if message["type"] == "ack"), default=0)
    assert code == 1012
    async with phone(second.port, session=one.session) as two:
        ready = await two.hello(resume_from=acked_seq + 1, connection=2)
        assert (ready["nextSeq"], ready["resumed"]) == (acked_seq + 1, True)
        if acked_seq < 39:
            await take(two, range(acked_seq + 1, 40))
        await two.send({"type": "end", "lastSeq": 39, "segments": [claim(0, 0, *payloads(40))]})
        assert (await two.receive("ended"))["verified"] is True


async def test_takes_up_mutes_and_gaps_where_another_left_them(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as one:
        await one.hello(connection=1)
        await one.send({"type": "muted", "muted": True})
        await take(one, range(2), first=True)
        await one.send({"type": "gap", "from": 2, "to": 4, "ms": 300, "reason": "outbox-full"})
        await one.acked(4)
    async with phone(second.port, session=one.session) as two:
        assert (await two.hello(resume_from=5, connection=2))["nextSeq"] == 5
        await two.send(segment_message(1))
        await two.send(frame(5, b"x", segment=1, first=True))
        await two.acked(5)
        claims = [claim(0, 0, *payloads(2)), claim(1, 5, b"x")]
        await two.send({"type": "end", "lastSeq": 5, "segments": claims})
        ended = await two.receive("ended")
    assert ended["verified"] is True
    assert ended["gaps"] == [{"from": 2, "to": 4, "ms": 300.0, "reason": "outbox-full"}]


async def test_every_backend_lists_the_streams_of_the_whole_fleet(join: Join, start_engine: StartEngine) -> None:
    url = start_engine().url
    first, second = await join(url), await join(url)

    async def listed(server: Server) -> dict[str, tuple[object, ...]]:
        async with httpx.AsyncClient() as client:
            streams = (await client.get(f"{server.url}/streams")).json()["streams"]
        return {one["session"]: (one["state"], one["process"], one["nextSeq"], one["verified"]) for one in streams}

    async with phone(first.port) as one, phone(second.port) as two, phone(second.port) as three:
        for each in (one, two, three):
            await each.hello(connection=1)
            await take(each, range(3), first=True)
        await two.send({"type": "end", "lastSeq": 2, "segments": [claim(0, 0, *payloads(3))]})
        await two.closed()
        await three.socket.close()
        await until(lambda: second.hub.store.connected == 0)
        lists = await listed(first), await listed(second)
        store = first.hub.store
        assert isinstance(store, RedisStore)
        assert (
            lists[0]
            == lists[1]
            == {
                one.session[:8]: ("connected", store.engine.owner, 3, None),
                two.session[:8]: ("ended", None, 3, True),
                three.session[:8]: ("gone", None, 3, None),
            }
        )


async def test_leaves_nothing_in_the_engine_of_a_phone_that_only_said_hello(join: Join, engine: Engine) -> None:
    server = await join()
    async with phone(server.port) as one:
        await one.hello(connection=1)
    state = StreamKeys.of(StreamId(one.session, "video")).state

    def gone() -> bool:
        with engine.client() as client:
            return not client.exists(state)

    await until(gone)


async def test_while_the_engine_is_away_phones_are_held_back_and_nothing_is_lost(
    join: Join, start_engine: StartEngine
) -> None:
    engine = start_engine()
    server = await join(engine.url)
    async with phone(server.port) as one, httpx.AsyncClient() as http:
        await one.hello(connection=1)
        await take(one, range(2), first=True)
        engine.kill()
        await until(lambda: server.hub.store.state == "away")
        for seq in range(2, 6):
            await one.send(frame(seq, bytes([seq])))
        async with phone(server.port) as new:
            await new.send({"type": "hello", "session": new.session, "resumeFrom": 0})
            messages, code = await new.closed()
            assert (code, messages[-1]["code"]) == (1013, "try-again-later")
        assert (await http.get(f"{server.url}/ready")).status_code == 503
        assert (await http.get(f"{server.url}/health")).status_code == 200
        assert (await one.ping())["type"] == "pong"  # nothing was acknowledged meanwhile
        engine.start()
        await one.acked(5)
        await one.send({"type": "end", "lastSeq": 5, "segments": [claim(0, 0, *payloads(6))]})
        assert (await one.receive("ended"))["verified"] is True


async def test_an_engine_that_comes_back_empty_is_told_by_resumed_false(join: Join, start_engine: StartEngine) -> None:
    engine = start_engine()
    server = await join(engine.url)
    async with phone(server.port) as one:
        await one.hello(connection=1)
        await take(one, range(3), first=True)
        await engine.restart(empty=True)
        await one.send(frame(3, b"x"))
        _, code = await one.closed()
        assert code == 1011  # the phone retries
    async with phone(server.port, session=one.session) as two:
        ready = await two.hello(resume_from=3, connection=2)
        assert (ready["nextSeq"], ready["resumed"]) == (3, False)
        await two.send(segment_message())
        await two.send(frame(3, b"x"))
        await two.acked(3)


async def test_new_streams_find_no_place_in_an_engine_that_is_nearly_full(join: Join) -> None:
    server = await join()
    store = server.hub.store
    assert isinstance(store, RedisStore)
    async with phone(server.port) as known, phone(server.port) as new, httpx.AsyncClient() as http:
        await known.hello(connection=1)
        await take(known, range(2), first=True)
        store.engine.crowded = True
        await new.send({"type": "hello", "session": new.session, "resumeFrom": 0})
        assert (await new.closed())[1] == 4503
        assert (await http.get(f"{server.url}/ready")).json()["status"] == "full"
        store.engine.crowded = True  # it looks every second
        async with phone(server.port, session=known.session) as again:
            assert (await again.hello(resume_from=2, connection=2))["resumed"] is True


async def test_an_engine_behind_a_password(join: Join, start_engine: StartEngine) -> None:
    engine = start_engine()
    with engine.client() as client:
        client.config_set("requirepass", "open sesame")
    server = await join(f"redis://:open%20sesame@127.0.0.1:{engine.port}")
    async with phone(server.port) as one:
        await one.hello(connection=1)
        await take(one, range(2), first=True)


async def test_an_expired_token_resumes_a_stream_that_another_backend_had(join: Join) -> None:
    key = "k" * 32
    first, second = await join(token_signing_key=key), await join(token_signing_key=key)
    session = str(uuid.uuid4())

    def token(lifetime_s: float) -> str:
        claims = {"aud": "twincast", "exp": time.time() + lifetime_s, "session": session, "stream": "video"}
        return jwt.encode(claims, key, "HS256")

    async with phone(second.port, session=session) as early:
        assert (await early.hello(token=token(-60)))["code"] == "unauthorised"
    async with phone(first.port, session=session) as one:
        assert (await one.hello(connection=1, token=token(60)))["type"] == "ready"
        await take(one, range(2), first=True)
        async with phone(second.port, session=session) as two:
            ready = await two.hello(resume_from=2, connection=2, token=token(-60))
            assert (ready.get("nextSeq"), ready.get("resumed")) == (2, True)


async def test_a_lifespan_that_begins_again_has_its_engine_again(engine: Engine) -> None:
    hub = Hub(Settings(_env_file=None, log_url=SecretStr(engine.url), log_configure=False), [], RedisStore)
    for _ in range(3):
        hub.start(anew=True)
        await until(lambda: hub.store.state == "ready")
        await hub.stop()
        assert hub.store.state == "away"


def test_a_backend_with_an_engine_takes_no_sinks_of_its_own() -> None:
    with pytest.raises(ValidationError, match=r"twincast\.consume"):
        Settings(_env_file=None, log_url="redis://127.0.0.1", sinks=("console", "file"))
    settings = Settings(_env_file=None, log_url="redis://127.0.0.1")
    with pytest.raises(SinkConfigurationError, match=r"twincast\.consume"):
        create_app(settings, [Sink])


async def test_a_backend_without_an_engine_has_nothing_of_it(join: Join) -> None:
    server = await join()
    assert isinstance(server.hub.store, RedisStore)
    alone = create_app(Settings(_env_file=None), [])
    assert not isinstance(alone.state.hub.store, RedisStore)
