"""Phones on real sockets to a real uvicorn: the whole conversation, and every way that it is refused."""

import asyncio
import contextlib
import json
from typing import Any

import httpx
import pytest

from tests.conftest import Serve
from tests.wire import Phone, claim, eventually, frame, phone, segment_message
from twincast.sinks.sink import Pending, Sink
from twincast.streams.events import StreamId, TakenChunk


async def test_a_stream_from_hello_to_verified_end(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        assert one.socket.response is not None
        assert one.socket.response.headers["Sec-WebSocket-Protocol"] == "twincast.v1"
        assert "Sec-WebSocket-Extensions" not in one.socket.response.headers
        ready = await one.hello(client={"userAgent": "Test"})
        assert (ready["type"], ready["nextSeq"], ready["resumed"]) == ("ready", 0, False)
        assert ready["limits"] == {
            "maxChunkBytes": 262_144,
            "windowBytes": 1_048_576,
            "ackEveryMs": 50,
            "idleMs": 30_000,
        }
        pong = await one.ping()
        assert abs(pong["serverTime"] - pong["t"]) < 10_000
        await one.send(segment_message())
        await one.send(frame(0, b"ab", first=True, key_frame=True))
        await one.send(frame(1, b"cd"))
        await one.acked(1)
        await one.send({"type": "gap", "from": 2, "to": 4, "ms": 300, "reason": "outbox-full"})
        await one.acked(4)
        await one.send({"type": "muted", "muted": True})
        await one.send(segment_message(1))
        await one.send(frame(5, b"ef", segment=1, first=True, last=True))
        await one.acked(5)
        segments = [claim(0, 0, b"ab", b"cd"), claim(1, 5, b"ef")]
        await one.send({"type": "end", "lastSeq": 5, "segments": segments})
        (ended,), code = await one.closed()
    assert code == 1000
    assert ended == {
        "type": "ended",
        "chunks": 3,
        "bytes": 6,
        "gaps": [{"from": 2, "to": 4, "ms": 300, "reason": "outbox-full"}],
        "verified": True,
        "ranges": [{"segment": 0, "from": 0, "state": "verified"}, {"segment": 1, "from": 5, "state": "verified"}],
    }
    names = [name for _, name, _ in server.sink.events]
    assert names == ["opened", "segment", "chunk", "chunk", "gap", "muted", "segment", "chunk", "ended", "closed"]
    chunks = server.sink.of(one.session, "chunk")
    assert b"".join(chunk.payload for chunk in chunks) == b"abcdef"
    assert all(chunk.delay_ms is not None for chunk in chunks)


async def test_acks_are_coalesced_and_the_first_after_a_quiet_time_comes_at_once(serve: Serve) -> None:
    server = await serve(ack_every_ms=200)
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        loop = asyncio.get_running_loop()
        acks: list[tuple[float, int]] = []
        began_s = loop.time()
        for seq in range(40):
            await one.send(frame(seq))
            await asyncio.sleep(0.01)
        while not acks or acks[-1][1] < 39:
            ack = await one.receive("ack")
            acks.append((loop.time() - began_s, ack["seq"]))
    assert acks[0][1] < 3
    took_s = acks[-1][0]
    assert len(acks) <= took_s / 0.2 + 2


@pytest.mark.parametrize(
    ("origin", "settings"),
    [
        ("https://evil.example", {}),
        ("https://evil.example", {"allowed_origins": "https://good.example"}),
        (None, {"allowed_origins": "https://good.example"}),
    ],
)
async def test_a_foreign_page_is_told_so_and_closed(serve: Serve, origin: str | None, settings: Any) -> None:
    server = await serve(**settings)
    async with phone(server.port, origin=origin) as one:
        (error,), code = await one.closed()
    assert (error["code"], code) == ("wrong-origin", 4403)


async def test_the_listed_page_is_let_in(serve: Serve) -> None:
    server = await serve(allowed_origins="https://good.example")
    async with phone(server.port, origin="https://good.example") as one:
        assert (await one.hello())["type"] == "ready"


@pytest.mark.parametrize("offered", [[], ["other.v1"]])
async def test_without_the_sub_protocol_a_client_is_told_so(serve: Serve, offered: list[str]) -> None:
    server = await serve()
    async with phone(server.port, subprotocols=offered) as one:
        (error,), code = await one.closed()
    assert (error["code"], code) == ("bad-subprotocol", 4406)
    assert "twincast.v1" in error["message"]


async def prepared(one: Phone) -> None:
    await one.hello()
    await one.send(segment_message())
    await one.send(frame(0))
    await one.acked(0)


@pytest.mark.parametrize(
    ("message", "code", "close", "says"),
    [
        (frame(5), "bad-message", 4400, "from the future"),
        (frame(1)[:10], "bad-message", 4400, "header of 24 bytes"),
        (frame(1, segment=3), "bad-message", 4400, "belongs to segment 3"),
        (frame(1, captured_from_ms=float("nan")), "bad-message", 4400, "time of capture"),
        (frame(1, b"x" * 262_145), "too-large", 4413, "262145 bytes"),
        (frame(1, b"x" * 500_000), "too-large", 4413, "500000 bytes"),
        ("nonsense", "bad-message", 4400, "not JSON"),
        ('{"type":"ping","t":1,"x":"' + "x" * 600_000 + '"}', "bad-message", 4400, "at most 524288"),
        (
            {"type": "hello", "session": "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "resumeFrom": 0},
            "bad-message",
            4400,
            "once",
        ),
        (segment_message(0), "bad-message", 4400, "numbers must grow"),
        ({"type": "end", "lastSeq": 9, "segments": []}, "bad-message", 4400, "ends at 9"),
        ({"type": "gap", "from": 9, "to": 9, "ms": 1, "reason": "too-large"}, "bad-message", 4400, "begins at 9"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
async def test_a_bad_message_is_answered_and_no_other_stream_notices(
    serve: Serve, message: Any, code: str, close: int, says: str
) -> None:
    server = await serve()
    async with phone(server.port) as bad, phone(server.port, "audio", bad.session) as other:
        await prepared(bad)
        await prepared(other)
        await bad.send(message)
        (error,), got = await bad.closed()
        assert (error["code"], got) == (code, close)
        assert says in error["message"]
        if code == "too-large":
            assert error["seq"] == 1
        await other.send(frame(1))
        await other.acked(1)
    async with phone(server.port, session=bad.session) as again:  # nothing was lost on the way
        assert await again.hello(resume_from=1) | {"serverTime": 0, "limits": 0} == {
            "type": "ready",
            "nextSeq": 1,
            "resumed": True,
            "serverTime": 0,
            "limits": 0,
        }


async def test_a_message_above_what_is_read_at_all_closes_with_1009(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await prepared(one)
        with contextlib.suppress(Exception):
            await one.send(b"x" * 2_000_000)
        _, code = await one.closed()
    assert code == 1009


@pytest.mark.parametrize(
    "first", [frame(0), segment_message(), {"type": "ping", "t": 1}], ids=["chunk", "segment", "ping"]
)
async def test_the_first_message_must_be_a_hello(serve: Serve, first: Any) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await one.send(first)
        (error,), code = await one.closed()
    assert (error["code"], code) == ("bad-message", 4400)
    assert "hello" in error["message"]


async def test_silence_instead_of_a_hello_is_not_waited_for(serve: Serve) -> None:
    server = await serve(hello_timeout_ms=100)
    async with phone(server.port) as one:
        (error,), code = await one.closed()
    assert (error["code"], code) == ("hello-timeout", 4408)


async def test_silence_after_a_hello_ends_as_idle_and_the_stream_can_be_resumed(serve: Serve) -> None:
    server = await serve(idle_timeout_ms=200)
    async with phone(server.port) as one:
        await prepared(one)
        for _ in range(4):
            await asyncio.sleep(0.1)
            await one.ping()
        (error,), code = await one.closed()
    assert (error["code"], code) == ("idle", 4440)
    async with phone(server.port, session=one.session) as again:
        assert (await again.hello(1))["resumed"] is True


async def test_a_newer_connection_displaces_the_older_and_nothing_is_doubled(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as old:
        await prepared(old)
        async with phone(server.port, session=old.session) as new:
            ready = await new.hello(resume_from=0)  # it never saw the ack
            assert (ready["nextSeq"], ready["resumed"]) == (1, True)
            (error,), code = await old.closed()
            assert (error["code"], code) == ("displaced", 4409)
            await new.send(segment_message())
            await new.send(frame(0))
            await new.send(frame(1))
            await new.acked(1)
    assert server.sink.seqs(old.session) == [0, 1]
    assert [opened.how for opened in server.sink.of(old.session, "opened")] == ["new", "resumed"]


async def test_a_hello_that_was_overtaken_by_its_successors_changes_nothing(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as overtaken, phone(server.port, session=overtaken.session) as new:
        await new.hello(connection=2)
        await new.send(segment_message())
        await new.send(frame(0))
        await new.acked(0)
        await overtaken.send({"type": "hello", "session": new.session, "resumeFrom": 0, "connection": 1})
        (error,), code = await overtaken.closed()
        assert (error["code"], code) == ("displaced", 4409)
        await new.send(frame(1))
        await new.acked(1)
    async with phone(server.port, session=new.session) as late:  # where nobody carries the stream any more
        await late.send({"type": "hello", "session": new.session, "resumeFrom": 0, "connection": 1})
        assert (await late.closed())[1] == 4409
    assert [opened.how for opened in server.sink.of(new.session, "opened")] == ["new"]


@pytest.mark.parametrize("number", [{}, {"connection": 2}], ids=["no number", "the same number"])
async def test_the_last_of_two_hellos_that_do_not_count_up_wins(serve: Serve, number: dict[str, int]) -> None:
    server = await serve()
    async with phone(server.port) as old:
        await old.hello(connection=2)
        async with phone(server.port, session=old.session) as new:
            assert (await new.hello(**number))["type"] == "ready"
            assert (await old.closed())[1] == 4409


async def test_video_and_audio_of_a_session_do_not_displace_each_other(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as video, phone(server.port, "audio", video.session) as audio:
        await prepared(video)
        await prepared(audio)
        await video.ping()
        await audio.ping()


async def test_duplicates_are_acknowledged_again(serve: Serve) -> None:
    server = await serve(ack_every_ms=1)
    async with phone(server.port) as one:
        await prepared(one)
        await one.send(frame(0))
        assert (await one.receive("ack"))["seq"] == 0
        gap = {"type": "gap", "from": 1, "to": 3, "ms": 1, "reason": "outbox-full"}
        await one.send(gap)
        await one.acked(3)
        await one.send(gap)
        assert (await one.receive("ack"))["seq"] == 3
    assert len(server.sink.of(one.session, "gap")) == 1


async def test_a_restarted_backend_continues_where_the_client_stands(serve: Serve) -> None:
    first, second = await serve(), await serve()
    async with phone(first.port) as one:
        await prepared(one)
    async with phone(second.port, session=one.session) as again:
        ready = await again.hello(resume_from=1)
        assert (ready["nextSeq"], ready["resumed"]) == (1, False)
        await again.send(segment_message(0))
        await again.send(frame(1, b"no header"))
        await again.send(segment_message(1))
        await again.send(frame(2, b"header", segment=1, first=True))
        await again.acked(2)
        claims = [claim(0, 0, b"media"), claim(0, 1, b"no header"), claim(1, 2, b"header")]
        await again.send({"type": "end", "lastSeq": 2, "segments": claims})
        (ended,), _ = await again.closed()
    assert [one["state"] for one in ended["ranges"]] == ["unknown", "verified", "verified"]
    assert ended["verified"] is False
    assert [opened.how for opened in second.sink.of(one.session, "opened")] == ["continued"]
    assert [start.header_missing for start in second.sink.of(one.session, "segment")] == [True, False]


async def test_a_lost_answer_to_the_end_can_be_asked_for_again(serve: Serve) -> None:
    server = await serve()
    end = {"type": "end", "lastSeq": 0, "segments": [claim(0, 0, b"media")]}
    async with phone(server.port) as one:
        await prepared(one)
        await one.send(end)
        (answer,), _ = await one.closed()
    async with phone(server.port, session=one.session) as again:
        ready = await again.hello(resume_from=1)
        assert (ready["nextSeq"], ready["resumed"]) == (1, True)
        await again.ping()
        await again.send(end)
        assert await again.closed() == ([answer], 1000)
    async with phone(server.port, session=one.session) as more:
        await more.hello(resume_from=1)
        await more.send(segment_message(1))
        (error,), code = await more.closed()
        assert (error["code"], code) == ("already-ended", 4410)
    async with phone(server.port, session=one.session) as elsewhere:
        await elsewhere.send({"type": "hello", "session": one.session, "resumeFrom": 9})
        (error,), code = await elsewhere.closed()
        assert (error["code"], code) == ("already-ended", 4410)
    assert len(server.sink.of(one.session, "ended")) == 1


async def test_too_many_streams_are_refused_and_may_come_back(serve: Serve) -> None:
    server = await serve(max_streams=1)
    async with phone(server.port) as one:
        await prepared(one)
        async with phone(server.port, "audio") as other:
            assert await other.hello() == {
                "type": "error",
                "code": "too-many",
                "message": "1 streams are connected; no more are taken now.",
            }
            assert (await other.closed())[1] == 4503
        await one.ping()


async def test_forgotten_streams_are_told_to_the_sinks(serve: Serve) -> None:
    server = await serve(remember_stream_s=0)
    async with phone(server.port) as one:
        await prepared(one)
    await eventually(lambda: server.sink.of(one.session, "closed") == ["forgotten"])


class Slow:
    """Makes sinks of which that of the video waits at every chunk until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.taken = 0

    def __call__(self, stream: StreamId) -> Sink:
        return SlowSink(stream, self)


class SlowSink(Sink):
    def __init__(self, stream: StreamId, slow: Slow) -> None:
        super().__init__(stream)
        self._slow = slow

    def chunk(self, chunk: TakenChunk) -> Pending:
        return self._take() if self.stream.kind == "video" else None

    async def _take(self) -> None:
        await self._slow.go.wait()
        self._slow.taken += 1


async def test_a_slow_sink_holds_its_own_stream_back_and_pings_and_other_streams_go_on(serve: Serve) -> None:
    slow = Slow()
    server = await serve([slow], window_bytes=400_000, max_chunk_bytes=100_000, idle_timeout_ms=1_000)
    async with phone(server.port) as video, phone(server.port, "audio", video.session) as audio:
        await video.hello()
        await video.send(segment_message())
        for seq in range(3):  # inside the window: the reader goes on reading
            await video.send(frame(seq, b"x" * 100_000))
        await video.ping()
        await prepared(audio)
        streams = (await get(server.url + "/streams"))["streams"]
        (held,) = [stream for stream in streams if stream["stream"] == "video"]
        assert (held["ackedSeq"], held["nextSeq"]) == (-1, 3)
        assert held["queuedBytes"] >= 200_000
        flood = asyncio.create_task(send_many(video, 3, 300))
        for seq in range(1, 60):
            await audio.send(frame(seq))
            await asyncio.sleep(0.02)  # longer than the idle time in all: not to read is not the phone's silence
        await audio.acked(59)
        assert not flood.done()  # TCP holds the sender back
        slow.go.set()
        await flood
        await video.acked(302)
    assert slow.taken == 303
    assert server.sink.seqs(video.session) != []


async def send_many(one: Phone, first: int, count: int) -> None:
    for seq in range(first, first + count):
        await one.send(frame(seq, b"x" * 100_000))


async def get(url: str) -> Any:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).json()


async def test_a_cut_before_the_first_chunk_was_taken_brings_no_ack_of_nothing(serve: Serve) -> None:
    slow = Slow()
    server = await serve([slow])
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        await one.send(frame(0))
        await one.ping()
    async with phone(server.port, session=one.session) as again:
        assert (await again.hello())["nextSeq"] == 0
        await again.send(segment_message())
        await again.send(frame(0))  # received before, but not taken
        await again.send({"type": "ping", "t": 1})
        assert (await again.receive())["type"] == "pong"
        slow.go.set()
        assert (await again.receive("ack"))["seq"] == 0


async def test_an_end_waits_for_a_slow_sink_and_a_second_connection_gets_the_answer_too(serve: Serve) -> None:
    slow = Slow()
    server = await serve([slow])
    end = {"type": "end", "lastSeq": 0, "segments": [claim(0, 0, b"media")]}
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        await one.send(frame(0))
        await one.send(end)
        await one.ping()
        async with phone(server.port, session=one.session) as again:
            ready = await again.hello(resume_from=0)
            assert (ready["nextSeq"], ready["resumed"]) == (0, True)
            await again.send(end)
            await again.ping()
            slow.go.set()
            ended = await again.receive("ended")
            assert ended["verified"] is True
            assert (await again.closed())[1] == 1000


class Refuser(Sink):
    on_failure = "close"

    def chunk(self, chunk: TakenChunk) -> None:
        if chunk.seq == 1:
            raise OSError("disk full")


async def test_a_sink_may_refuse_a_stream_for_good(serve: Serve) -> None:
    server = await serve([Refuser])
    async with phone(server.port) as one, phone(server.port, "audio", one.session) as other:
        await prepared(one)
        await one.send(frame(1))
        messages, code = await one.closed()
        assert (messages[-1]["code"], code) == ("sink-failed", 4500)
        async with phone(server.port, session=one.session) as again:
            assert (await again.hello(1))["code"] == "sink-failed"
        await prepared(other)


async def test_a_fault_in_the_backend_is_1011_and_the_stream_can_be_resumed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await prepared(one)
        with monkeypatch.context() as patch:
            patch.setattr("twincast.server.carried_stream.parse_chunk", lambda *_: 1 / 0)
            await one.send(frame(1))
            (error,), code = await one.closed()
    assert (error["code"], code) == ("internal", 1011)
    async with phone(server.port, session=one.session) as again:
        assert (await again.hello(1))["resumed"] is True


async def test_a_client_that_vanishes_leaves_no_connection_behind(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await prepared(one)
        one.socket.transport.abort()

    async def is_gone() -> bool:
        health = await get(server.url + "/health")
        return (health["connectedStreams"], health["rememberedStreams"]) == (0, 1)

    await eventually(is_gone)


async def test_streams_tells_what_is_live_and_what_ended(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await one.hello()
        await one.ping()
        await one.send(segment_message(2, codecs="vp8", width=720, height=1280, facing="user", orientation=90))
        await one.send(frame(0, b"abc", segment=2))
        await one.send({"type": "gap", "from": 1, "to": 1, "ms": 5, "reason": "too-large"})
        await one.acked(1)
        (stream,) = (await get(server.url + "/streams"))["streams"]
    assert stream["session"] == one.session[:8]
    assert one.session not in json.dumps(stream)
    assert (stream["state"], stream["nextSeq"], stream["chunks"], stream["bytes"]) == ("connected", 2, 1, 3)
    assert stream["gaps"] == [{"from": 1, "to": 1, "ms": 5, "reason": "too-large"}]
    assert (stream["segment"]["segment"], stream["segment"]["orientation"]) == (2, 90)
    assert stream["delayP50Ms"] == stream["delayP95Ms"]
    assert stream["clockOffsetMs"] == 0
    assert stream["verified"] is None


async def test_http_answers_are_for_listed_pages_only(serve: Serve) -> None:
    server = await serve(allowed_origins="https://good.example")
    async with httpx.AsyncClient(trust_env=False) as client:
        for origin, allowed in (("https://good.example", "https://good.example"), ("https://evil.example", None)):
            answer = await client.get(server.url + "/health", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed
        assert (await client.get(server.url + "/docs")).status_code == 200


async def test_the_servers_end_is_1012_and_sinks_are_told(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await prepared(one)
        server.uvicorn.should_exit = True
        assert await one.closed() == ([], 1012)
        await eventually(lambda: server.sink.of(one.session, "closed") == ["shutdown"])


async def test_a_flood_of_hellos_does_not_push_out_a_stream_that_somebody_comes_back_for(serve: Serve) -> None:
    server = await serve(max_streams=3)
    async with phone(server.port) as one:
        await prepared(one)
    for _ in range(6):
        async with phone(server.port) as empty:
            await empty.hello()
        await eventually(lambda empty=empty: server.sink.of(empty.session, "closed") == ["unused"])  # type: ignore[misc]
    async with phone(server.port, session=one.session) as again:
        assert (await again.hello(1))["resumed"] is True
