"""What one stranger can make the process remember."""

import asyncio
import json

import httpx
import pytest

from tests.conftest import Serve
from tests.wire import frame, phone, segment_message
from twincast.access.memory_budget import MemoryBudget
from twincast.server import stream_listing
from twincast.server.http_bodies import GapBody
from twincast.server.live_stream import LeavingTimes, LiveStream
from twincast.server.memory_store import MemoryStore
from twincast.settings import Settings
from twincast.streams.events import StreamId
from twincast.streams.registry import Registry
from twincast.streams.stream import Stream
from twincast.wire.close_codes import ErrorCode, ProtocolError
from twincast.wire.message_types import End, Ended, Gap
from twincast.wire.messages import parse_client_message

SESSION = "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3"


def end_with_ranges(count: int) -> End:
    ranges = [{"segment": 0, "from": seq, "bytes": 1, "chain": "0" * 64} for seq in range(count)]
    end = parse_client_message(json.dumps({"type": "end", "lastSeq": -1, "segments": ranges}))
    assert isinstance(end, End)
    return end


def test_an_end_is_known_again_without_being_remembered() -> None:
    stream = Stream(StreamId(SESSION, "video"))
    stream.open(0)
    stream.take_end(end_with_ranges(4_096))
    whole = stream.verdict
    assert whole is not None
    assert len(whole.ranges) == 4_096
    stream.left()
    assert stream.ended is not None
    assert (stream.ended.ranges, stream.verdict, stream.remembered_items) == ((), None, 0)
    stream.open(0)
    assert stream.take_end(end_with_ranges(4_096)) == ()
    assert stream.verdict == whole
    with pytest.raises(Exception, match="has ended"):
        stream.take_end(end_with_ranges(4_095))


def test_who_has_most_makes_room_with_what_is_worth_least() -> None:
    registry: Registry[str, str] = Registry(6, 60, lambda: 0.0, max_gone_per_owner=4)
    registry.connect("phone", lambda: "phone")
    assert registry.leave("phone", "a", worth=500) == []
    for number in range(4):
        name = f"flood {number}"
        registry.connect(name, lambda name=name: name)  # type: ignore[misc]
        assert registry.leave(name, "b", worth=1) == []
    registry.connect("flood 4", lambda: "flood 4")
    assert registry.leave("flood 4", "b", worth=1) == ["flood 0"]
    registry.connect("of the phone's address", lambda: "new")
    assert registry.connect("one more", lambda: "x")[1] == ["flood 1"]
    assert "phone" in registry


def test_an_address_has_so_many_ranges_and_gaps_and_gets_them_back() -> None:
    budget: MemoryBudget[str] = MemoryBudget(max_per_address=10)
    assert budget.count("one", "a", 10) is None
    assert budget.count("two", "a", 1) == "a"
    assert budget.count("two", "b", 10) is None
    budget.release("one")
    budget.release("two")
    assert len(budget) == 0


def test_of_all_addresses_the_one_with_most_makes_room() -> None:
    budget: MemoryBudget[str] = MemoryBudget(max_per_address=10, max_items=16)
    assert budget.count("small", "a", 3) is None
    assert budget.count("big", "a", 6) is None
    assert budget.count("other", "b", 7) is None
    assert budget.count("phone", "c", 1) == "a"
    assert budget.greatest("a") == "big"
    budget.release("big")
    assert budget.count("phone", "c", 1) is None


class NoSocket:
    """The connection of a live stream, as far as the hub looks at it."""

    def __init__(self) -> None:
        self.failed: list[ErrorCode] = []

    def ack_due(self) -> None:
        pass

    def ended(self, ended: Ended) -> None:
        pass

    def watched(self, viewers: int) -> None:
        pass

    def fail_soon(self, error: ProtocolError) -> None:
        self.failed.append(error.code)

    async def restart(self, times: LeavingTimes) -> None:
        pass


async def test_strangers_with_many_addresses_lose_their_streams_before_a_phone_loses_its_own() -> None:
    store = MemoryStore(Settings.from_values(), [], MemoryBudget(max_per_address=6, max_items=10))

    def grow(live: LiveStream, address: str, times: int) -> None:
        for _ in range(times):
            store.may_grow(live, address)
            seq = live.stream.next_seq
            live.stream.take_gap(Gap(seq, seq, 1, "too-large"))

    async def come(number: int) -> tuple[LiveStream, NoSocket]:
        socket = NoSocket()
        live = await store.connect(StreamId(f"{number:036}", "video"), socket, None)
        live.stream.open(0)
        return live, socket

    def leave(live: LiveStream, socket: NoSocket, address: str) -> None:
        if live.connection is socket:
            live.connection = None
            store.leave(live, address)

    def known() -> set[StreamId]:
        return {live.stream.id for live in store}

    phone_stream, phone_socket = await come(0)
    grow(phone_stream, "phone", 2)
    remembered, its_socket = await come(1)
    grow(remembered, "a", 4)
    leave(remembered, its_socket, "a")
    connected, socket = await come(2)
    grow(connected, "b", 4)
    grow(phone_stream, "phone", 1)
    assert remembered.stream.id not in known()
    assert connected.stream.id in known()
    with pytest.raises(ProtocolError, match="too many"):
        grow(connected, "b", 3)
    another, _ = await come(3)
    grow(another, "c", 2)
    assert (socket.failed, connected.stream.id in known()) == ([ErrorCode.TOO_MANY], False)
    leave(connected, socket, "b")
    assert (phone_socket.failed, phone_stream.stream.id in known()) == ([], True)


async def test_a_stream_of_many_gaps_is_listed_in_turns(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    listed_in_this_turn = most_in_a_turn = 0

    class CountedGap(GapBody):
        def model_post_init(self, _context: object) -> None:
            nonlocal listed_in_this_turn, most_in_a_turn
            listed_in_this_turn += 1
            most_in_a_turn = max(most_in_a_turn, listed_in_this_turn)

    async def turn() -> None:
        nonlocal listed_in_this_turn
        while True:
            listed_in_this_turn = 0
            await asyncio.sleep(0)

    monkeypatch.setattr(stream_listing, "GapBody", CountedGap)
    server = await serve()
    async with phone(server.port) as one, httpx.AsyncClient(trust_env=False) as client:
        await one.hello()
        for seq in range(4_096):
            await one.send({"type": "gap", "from": seq, "to": seq, "ms": 1, "reason": "too-large"})
        await one.ping()
        turning = asyncio.create_task(turn())
        gaps = (await client.get(f"{server.url}/streams")).json()["streams"][0]["gaps"]
        turning.cancel()
    assert [(gap["from"], gap["to"]) for gap in gaps] == [(seq, seq) for seq in range(4_096)]
    assert 0 < most_in_a_turn <= 512


async def test_a_flood_of_short_sessions_does_not_push_out_a_phone_in_a_tunnel(serve: Serve) -> None:
    server = await serve(max_streams=12, max_remembered_streams_per_address=10)
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message())
        for seq in range(3):
            await one.send(frame(seq, first=seq == 0))
        await one.acked(2)
    for _ in range(30):
        async with phone(server.port) as stranger:
            await stranger.hello()
            await stranger.send(segment_message())
            await stranger.send(frame(0, first=True))
            await stranger.acked(0)
    async with phone(server.port, session=one.session) as again:
        ready = await again.hello(resume_from=3)
    assert (ready["nextSeq"], ready["resumed"]) == (3, True)
    assert server.sink.seqs(one.session) == [0, 1, 2]


async def test_the_list_of_streams_is_json_with_and_without_streams(serve: Serve) -> None:
    server = await serve()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{server.url}/streams")).json() == {"streams": []}
        async with phone(server.port) as one, phone(server.port, "audio", one.session) as other:
            await one.hello()
            await other.hello()
            kinds = [stream["stream"] for stream in (await client.get(f"{server.url}/streams")).json()["streams"]]
    assert kinds == ["video", "audio"]
