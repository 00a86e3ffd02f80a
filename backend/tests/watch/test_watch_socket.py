"""A viewer on a real socket, beside a phone on another."""

import asyncio
import json
import random
import time
from contextlib import AsyncExitStack

import pytest

from tests.conftest import Serve
from tests.good_stream import GoodStream
from tests.watch.client import CHUNK_BYTES, FORM, Streaming, narrow_socket, viewer, watch_id
from tests.watch.recordings import join_points
from tests.wire import Json, claim, eventually, frame, phone, segment_message
from twincast.server import watch_socket
from twincast.streams.meters import nearest_rank
from twincast.watch.channel import seq_of
from twincast.wire.chunk import HEADER_BYTES

NOBODY = "0" * 32


async def test_a_viewer_gets_what_the_phone_sends_as_it_comes(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, viewer(server.port) as two:
        streaming = Streaming(one)
        await one.hello()
        watching = await two.watch(watch_id(server, one.session))
        assert (watching["type"], watching["state"], watching["muted"]) == ("watching", "live", False)
        assert abs(watching["serverTime"] - time.time() * 1000) < 10_000
        await streaming.segment()
        await one.ping()
        await streaming.send(5)
        payload, texts = await two.upto(4)
        assert payload == streaming.data[: 5 * CHUNK_BYTES]
        assert [text["type"] for text in texts] == ["segment"]
        assert (texts[0]["from"], texts[0]["headerMissing"], texts[0]["mimeType"]) == (
            0, False, "video/x-matroska;codecs=avc1.42C01E",
        )  # fmt: skip
        await two.send({"type": "ping", "t": 7.5})
        pong = await two.text()
        assert (pong["type"], pong["t"]) == ("pong", 7.5)
        assert abs(pong["clockOffsetMs"]) < 0.001


async def test_who_comes_late_begins_at_the_newest_key_frame(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, viewer(server.port) as first, viewer(server.port) as second:
        streaming = Streaming(one)
        await streaming.begin()
        await streaming.send(3)
        head, middle = join_points(FORM)
        await first.watch(watch_id(server, one.session))
        await streaming.send(8)
        payload, _ = await first.upto(10)
        assert payload == streaming.data[:head] + streaming.data[middle : 11 * CHUNK_BYTES]
        await second.watch(watch_id(server, one.session))
        assert (await second.upto(10))[0] == payload
        await streaming.send(1)
        assert (await second.upto(11))[0] == streaming.data[11 * CHUNK_BYTES : 12 * CHUNK_BYTES]


async def test_a_flip_a_gap_a_mute_and_a_cut_are_told_in_their_place(serve: Serve) -> None:
    server = await serve()
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(phone(server.port))
        two = await stack.enter_async_context(viewer(server.port))
        streaming = Streaming(one)
        await one.hello()
        await two.watch(watch_id(server, one.session))
        await streaming.segment()
        await streaming.send(2)
        await one.send({"type": "muted", "muted": True})
        await streaming.segment(1)
        await streaming.send(1)
        await one.send({"type": "gap", "from": 3, "to": 5, "ms": 300.0, "reason": "outbox-full"})
        streaming.seq = 6
        await streaming.segment(2)
        await streaming.send(1)
        await one.socket.close()
        assert (await two.text("gone")) == {"type": "gone"}
        again = await stack.enter_async_context(phone(server.port, session=one.session))
        assert (await again.hello(7))["resumed"]
        assert (await two.text()) == {"type": "resumed"}
    assert server.hub.watch.counts.total == 0


async def test_the_order_of_what_is_told_is_the_order_in_which_it_happened(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, viewer(server.port) as two:
        streaming = Streaming(one)
        await one.hello()
        await two.watch(watch_id(server, one.session))
        await streaming.segment()
        await streaming.send(1)
        await one.send({"type": "muted", "muted": True})
        await one.send({"type": "gap", "from": 1, "to": 2, "ms": 200.0, "reason": "too-far-behind"})
        streaming.seq = 3
        await streaming.segment(1)
        await streaming.send(1)
        got = [await two.next() for _ in range(6)]
        kinds = [one["type"] if isinstance(one, dict) else "chunk" for one in got]
        assert kinds == ["segment", "chunk", "muted", "gap", "segment", "chunk"]


async def test_the_end_is_told_with_its_verdict_and_again_to_who_comes_after_it(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, viewer(server.port) as two, viewer(server.port) as late:
        streaming = Streaming(one)
        await streaming.begin()
        await two.watch(watch_id(server, one.session))
        await streaming.send(1)
        await one.send({"type": "end", "lastSeq": 0, "segments": [claim(0, 0, streaming.data[:CHUNK_BYTES])]})
        assert (await one.receive("ended"))["verified"]
        texts, code = await two.closed()
        ended = {"type": "ended", "chunks": 1, "bytes": CHUNK_BYTES, "verified": True}
        assert (texts[-1], code) == (ended, 1000)
        watching = await late.watch(watch_id(server, one.session))
        assert watching["state"] == "ended"
        assert await late.closed() == ([ended], 1000)


async def test_a_viewer_that_does_not_read_holds_no_phone_back_and_is_told_what_it_missed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twincast.watch.viewer_queue.MAX_QUEUED_BYTES", 200_000)
    monkeypatch.setattr("twincast.watch.viewer_queue.MAX_QUEUED_S", 60.0)
    server = await serve()

    async def delays(watched: bool) -> list[float]:
        async with phone(server.port) as one, viewer(server.port, sock=narrow_socket(server.port), max_queue=1) as two:
            good = GoodStream(one, 60_000, cadence_s=0.01)
            await one.hello()
            if watched:
                await two.watch(watch_id(server, one.session))
                two.socket.transport.pause_reading()
            await one.send(segment_message())
            good.reading = asyncio.create_task(good._read())
            await good.stream(1.5)
            if watched:
                ((waiting,),) = [list(entry.viewers) for entry in server.hub.watch]
                assert waiting.queue.queued_bytes < 300_000
                await good.end()
                # What is on its way in the kernels' buffers arrives; then it hears of the rest, and the end.
                two.socket.transport.resume_reading()
                texts, code = await two.closed()
                assert code == 1000
                assert [text["type"] for text in texts if text["type"] != "segment"] == ["skipped", "ended"]
            else:
                await good.end()
            return good.delays_ms

    alone, beside = nearest_rank(await delays(False), 0.5), nearest_rank(await delays(True), 0.5)
    assert alone is not None
    assert beside is not None
    assert beside < 5 * alone + 20


async def test_a_viewer_that_takes_nothing_for_long_is_closed(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_socket, "STALL_TIMEOUT_S", 0.3)
    monkeypatch.setattr(watch_socket, "_LOOK_EVERY_S", 0.05)
    server = await serve()
    async with phone(server.port) as one, viewer(server.port, sock=narrow_socket(server.port), max_queue=1) as two:
        good = GoodStream(one, 60_000, cadence_s=0.005)
        await one.hello()
        await two.watch(watch_id(server, one.session))
        two.socket.transport.pause_reading()
        await one.send(segment_message())
        good.reading = asyncio.create_task(good._read())
        for _ in range(40):
            await good.stream_on(0.2)
            if server.hub.watch.counts.total == 0:
                break
        assert server.hub.watch.counts.total == 0
        two.socket.transport.resume_reading()
        await good.end()


async def test_at_the_end_of_the_process_viewers_hear_1012(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, viewer(server.port) as two, viewer(server.port) as silent:
        streaming = Streaming(one)
        await streaming.begin()
        await two.watch(watch_id(server, one.session))
        await streaming.send(2)
        server.uvicorn.should_exit = True
        assert (await two.closed())[1] == 1012
        assert (await silent.closed())[1] == 1012
        assert (await one.closed())[1] == 1012


async def test_the_phone_hears_how_many_watch_it_and_hears_it_again_on_another_connection(serve: Serve) -> None:
    server = await serve()
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(phone(server.port))
        await Streaming(one).begin()
        viewers = [await stack.enter_async_context(viewer(server.port)) for _ in range(2)]
        for number, two in enumerate(viewers):
            await two.watch(watch_id(server, one.session))
            assert await one.receive("watched") == {"type": "watched", "viewers": number + 1}
        again = await stack.enter_async_context(phone(server.port, session=one.session))
        assert (await again.hello())["type"] == "ready"
        assert await again.receive() == {"type": "watched", "viewers": 2}
        await viewers[0].socket.close()
        assert await again.receive() == {"type": "watched", "viewers": 1}


async def test_a_stream_that_is_forgotten_is_unknown_to_its_viewers(serve: Serve) -> None:
    server = await serve(remember_stream_s=0)
    async with phone(server.port) as one, viewer(server.port) as two, viewer(server.port) as late:
        streaming = Streaming(one)
        await streaming.begin()
        await streaming.send(1)
        name = watch_id(server, one.session)
        await two.watch(name)
        await one.socket.close()
        texts, code = await two.closed()
        assert (texts[-1]["code"], code) == ("unknown-stream", 4404)
        await late.send({"type": "watch", "watchId": name, "kind": "video"})
        assert (await late.closed())[1] == 4404


async def test_a_session_is_not_found_by_its_uuid(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, viewer(server.port) as two:
        await one.hello()
        await two.send({"type": "watch", "watchId": one.session.replace("-", ""), "kind": "video"})
        assert (await two.closed())[1] == 4404


@pytest.mark.parametrize(
    ("message", "code", "says"),
    [
        ({"type": "watch", "watchId": NOBODY, "kind": "video"}, 4404, "There is no video of that session"),
        ({"type": "ping", "t": 1}, 4400, "The first message must be a watch"),
        ("hello", 4400, "not JSON"),
        ("x" * 5_000, 4400, "at most 4096 bytes"),
        (b"chunk", 4400, "text only"),
    ],
)
async def test_what_is_no_watch_is_refused_with_a_sentence(serve: Serve, message: object, code: int, says: str) -> None:
    server = await serve()
    async with viewer(server.port) as two:
        await two.send(message)  # type: ignore[arg-type]
        (error,), closed = await two.closed()
        assert closed == code
        assert says in error["message"]


async def test_a_second_watch_is_a_bad_message(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, viewer(server.port) as two:
        await one.hello()
        await two.watch(watch_id(server, one.session))
        await two.send({"type": "watch", "watchId": NOBODY, "kind": "video"})
        assert (await two.closed())[1] == 4400
        assert server.hub.watch.viewers(next(iter(server.hub.watch)).id) == 0


async def test_pages_of_others_and_other_sub_protocols_are_refused(serve: Serve) -> None:
    server = await serve(allowed_origins=("https://app.example.com",))
    async with viewer(server.port, origin="https://evil.example.com") as two:
        assert (await two.closed())[1] == 4403
    async with viewer(server.port, origin="https://app.example.com", subprotocols=["twincast.v1"]) as two:
        assert (await two.closed())[1] == 4406


async def test_who_says_nothing_who_falls_silent_and_who_says_too_much_is_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_socket, "_LOOK_EVERY_S", 0.02)
    server = await serve(hello_timeout_ms=100, idle_timeout_ms=150)
    async with viewer(server.port) as silent:
        assert (await silent.closed())[1] == 4408
    async with phone(server.port) as one, viewer(server.port) as idle, viewer(server.port) as fast:
        await one.hello()
        name = watch_id(server, one.session)
        await idle.watch(name)
        await fast.watch(name)
        for _ in range(100):
            await fast.send({"type": "ping", "t": 1})
        assert (await fast.closed())[1] == 4429
        hearing = asyncio.create_task(idle.closed())
        while not hearing.done():
            await one.ping()  # the phone is not idle
            await asyncio.sleep(0.02)
        assert hearing.result()[1] == 4440


async def test_viewers_are_limited_for_each_address_and_in_all(serve: Serve) -> None:
    server = await serve(max_viewers_per_address=2)
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(phone(server.port))
        await one.hello()
        viewers = [await stack.enter_async_context(viewer(server.port)) for _ in range(3)]
        for two in viewers[:2]:
            assert (await two.watch(watch_id(server, one.session)))["type"] == "watching"
        await viewers[2].send({"type": "watch", "watchId": watch_id(server, one.session), "kind": "video"})
        (error,), code = await viewers[2].closed()
        assert (error["code"], code) == ("too-many", 4503)
        await viewers[0].socket.close()
        await eventually(lambda: server.hub.watch.counts.total == 1)
        again = await stack.enter_async_context(viewer(server.port))
        assert (await again.watch(watch_id(server, one.session)))["type"] == "watching"


async def test_media_are_kept_for_who_watches_and_for_nobody_else(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        streaming = Streaming(one)
        await streaming.begin()
        await streaming.send(3)
        (entry,) = server.hub.watch
        assert entry.channel.kept_bytes == join_points(FORM)[0]
        async with viewer(server.port) as two:
            await two.watch(watch_id(server, one.session))
            await streaming.send(8)
            await two.upto(10)
            assert entry.channel.kept_bytes > 500
        await eventually(lambda: entry.channel.kept_bytes == join_points(FORM)[0])


async def test_a_viewer_is_refused_in_production_unless_it_is_switched_on(serve: Serve) -> None:
    secret = "a secret of many characters"
    settings = {"environment": "production", "allowed_origins": ("https://app.example.com",), "access_secret": secret}
    server = await serve(**settings)
    async with viewer(server.port, origin="https://app.example.com") as two:
        await two.send(json.dumps({"type": "watch", "watchId": NOBODY, "kind": "video", "token": secret}))
        assert (await two.closed())[1] == 4405


HEAD = b"\x1a\x45\xdf\xa3" + b"h" * 96
CLUSTER = b"\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x84\x81\x00\x00\x80"
KEY_EVERY = 7


def payload_of(seq: int) -> bytes:
    """A chunk whose bytes tell its number; every few one begins with a cluster that a decoder can begin at."""
    body = seq.to_bytes(4) * 10_000
    return (HEAD if seq == 0 else b"") + (CLUSTER if seq % KEY_EVERY == 0 else b"") + body


async def test_whatever_a_viewer_reads_and_when_nothing_is_doubled_or_torn(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twincast.watch.viewer_queue.MAX_QUEUED_BYTES", 150_000)
    chance = random.Random(14)
    server = await serve()
    chunks = 400
    async with phone(server.port) as one, AsyncExitStack() as stack:
        await one.hello()
        viewers = []
        for _ in range(3):
            two = await stack.enter_async_context(viewer(server.port, sock=narrow_socket(server.port), max_queue=1))
            await two.watch(watch_id(server, one.session))
            viewers.append(two)
        hearing = [asyncio.create_task(two.everything()) for two in viewers]
        await one.send(segment_message())
        for seq in range(chunks):
            await one.send(frame(seq, payload_of(seq), first=seq == 0))
            if seq % 10 == 9:
                await one.acked(seq)
                transport = chance.choice(viewers).socket.transport
                transport.resume_reading() if chance.random() < 0.4 else transport.pause_reading()
        for two in viewers:
            two.socket.transport.resume_reading()
        await one.send(
            {"type": "end", "lastSeq": chunks - 1, "segments": [claim(0, 0, *map(payload_of, range(chunks)))]}
        )
        assert (await one.receive("ended"))["verified"]
        skips = 0
        for got in [await one for one in hearing]:
            skips += expect_whole(got, chunks)
    assert skips > 0


def expect_whole(got: list[Json | bytes], chunks: int) -> int:
    """Every seq came or was skipped, in order, and each run begins at a key frame. Returns how often it skipped."""
    due, begins, skips = 0, False, 0
    for one in got:
        if isinstance(one, bytes):
            seq = seq_of(one)
            assert seq == due
            head = HEAD if begins and seq else b""
            assert one[HEADER_BYTES:] == head + payload_of(seq)
            assert not begins or seq % KEY_EVERY == 0
            due, begins = seq + 1, False
        elif one["type"] == "skipped":
            assert one["from"] == due
            due = one["to"] + 1
            skips += 1
        elif one["type"] == "segment":
            begins = True
    assert due == chunks
    return skips
