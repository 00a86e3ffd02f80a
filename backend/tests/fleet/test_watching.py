"""A viewer connects to any backend of a fleet, wherever the phone is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.conftest import Recording, Server, running_app
from tests.fleet.engine import Engine
from tests.fleet.writer import until
from tests.watch.client import CHUNK_BYTES, Streaming, viewer, watch_id
from tests.watch.recordings import join_points
from tests.watch.test_watch_http import VECTORS, ask, expect_shape
from tests.wire import claim, phone
from twincast import Settings, StreamId, create_app

Join = Callable[..., Awaitable[Server]]
SIGNING = "a signing key of more than 32 bytes, really"


@pytest.fixture
async def join(engine: Engine) -> AsyncIterator[Join]:
    """`await join()` starts one more backend in this process, on the shared engine."""
    async with AsyncExitStack() as stack:

        async def start() -> Server:
            chosen = Settings(
                _env_file=None, log_url=engine.url, log_configure=False, token_signing_key=SIGNING,
                access_secret="s" * 20,
            )  # fmt: skip
            server = await stack.enter_async_context(running_app(chosen, create_app(chosen), Recording()))
            await until(lambda: server.hub.store.state != "away")
            return server

        yield start


async def begin(server: Server, streaming: Streaming) -> None:
    """With a token, as a page of this fleet would."""
    token = server.hub.access.issue(StreamId(streaming.phone.session, "video"), 2e9)
    await streaming.phone.hello(token=token)
    await streaming.segment()


@pytest.mark.parametrize("here", [True, False])
async def test_a_viewer_gets_a_stream_from_any_backend_to_its_end(join: Join, here: bool) -> None:
    first, second = await join(), await join()
    asked = first if here else second
    async with phone(first.port) as one, viewer(asked.port) as two, viewer(asked.port) as late:
        streaming = Streaming(one)
        await begin(first, streaming)
        await one.ping()
        await streaming.send(2)
        assert (await two.watch(watch_id(first, one.session)))["state"] == "live"
        await streaming.send(9)
        head, middle = join_points(streaming.form)
        payload, texts = await two.upto(10)
        assert texts[0]["type"] == "segment"
        assert payload in (
            streaming.data[: 11 * CHUNK_BYTES],
            streaming.data[:head] + streaming.data[middle : 11 * CHUNK_BYTES],
        )
        await late.watch(watch_id(first, one.session))
        assert (await late.upto(10))[0] == streaming.data[:head] + streaming.data[middle : 11 * CHUNK_BYTES]
        await streaming.send(1)
        assert (await two.upto(11))[0] == streaming.data[11 * CHUNK_BYTES : 12 * CHUNK_BYTES]
        payloads = [streaming.data[at : at + CHUNK_BYTES] for at in range(0, 12 * CHUNK_BYTES, CHUNK_BYTES)]
        await one.send({"type": "end", "lastSeq": 11, "segments": [claim(0, 0, *payloads)]})
        texts, code = await two.closed()
        assert (texts[-1]["type"], texts[-1]["verified"], code) == ("ended", True, 1000)
    async with viewer(asked.port) as after:
        assert (await after.watch(watch_id(first, one.session)))["state"] == "ended"
        assert (await after.closed())[1] == 1000


async def test_a_phone_that_moves_to_another_backend_is_watched_on(join: Join) -> None:
    first, second, third = await join(), await join(), await join()
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(phone(first.port))
        two = await stack.enter_async_context(viewer(third.port))
        streaming = Streaming(one)
        await begin(first, streaming)
        await streaming.send(1)
        await two.watch(watch_id(first, one.session))
        again = await stack.enter_async_context(phone(second.port, session=one.session))
        moved = Streaming(again)
        moved.seq, moved.at = streaming.seq, streaming.at
        token = second.hub.access.issue(StreamId(one.session, "video"), 2e9)
        assert (await again.hello(1, token=token))["resumed"]
        await again.send({"type": "segment", "segment": 0, "mimeType": "video/x-matroska", "startedAt": 1.0})
        await moved.send(9)
        payload, _ = await two.upto(9)
        assert payload.endswith(streaming.data[9 * CHUNK_BYTES : 10 * CHUNK_BYTES])


async def test_the_log_is_read_while_somebody_watches_and_not_longer(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as one:
        streaming = Streaming(one)
        await begin(first, streaming)
        await streaming.send(1)
        async with viewer(second.port) as two, viewer(second.port) as three:
            await two.watch(watch_id(first, one.session))
            await three.watch(watch_id(first, one.session))
            assert len(list(second.hub.watch)) == 1
        await until(lambda: not list(second.hub.watch))
        async with viewer(second.port) as again:
            assert (await again.watch(watch_id(first, one.session)))["type"] == "watching"


async def test_a_viewer_that_leaves_while_its_stream_is_looked_for_leaves_nothing_behind(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as one:
        streaming = Streaming(one)
        await begin(first, streaming)
        await streaming.send(1)
        for _ in range(20):
            async with viewer(second.port) as two:
                await two.send({"type": "watch", "watchId": watch_id(first, one.session), "kind": "video"})
        await until(lambda: not list(second.hub.watch) and second.hub.watch.counts.total == 0)


async def test_that_the_phone_is_gone_is_told_at_every_backend(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as one, viewer(second.port) as two, viewer(second.port) as late:
        streaming = Streaming(one)
        await begin(first, streaming)
        await streaming.send(1)
        await two.watch(watch_id(first, one.session))
        await one.socket.close()
        await two.text("gone")
        assert (await late.watch(watch_id(first, one.session)))["state"] == "gone"


async def test_every_backend_lists_what_can_be_watched_in_the_fleet(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as one:
        streaming = Streaming(one)
        await begin(first, streaming)
        await streaming.send(2)
        for server in (first, second):
            body = (await ask(server, "/watch/streams")).json()
            expect_shape(body, VECTORS["streams"])
            (session,) = [each for each in body["sessions"] if each["watchId"] == watch_id(first, one.session)]
            assert (session["streams"]["video"]["state"], session["streams"]["video"]["chunks"]) == ("live", 2)
            assert one.session not in str(body)


async def test_the_phone_hears_of_viewers_at_every_backend(join: Join) -> None:
    first, second = await join(), await join()
    async with phone(first.port) as one, viewer(first.port) as here:
        streaming = Streaming(one)
        await begin(first, streaming)
        await here.watch(watch_id(first, one.session))
        assert (await one.receive("watched"))["viewers"] == 1
        async with viewer(second.port) as there:
            await there.watch(watch_id(first, one.session))
            assert (await one.receive("watched"))["viewers"] == 2
        assert (await one.receive("watched"))["viewers"] == 1
