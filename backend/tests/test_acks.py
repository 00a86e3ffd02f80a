"""Acks go out in time, and none is lost when they stop."""

import pytest

from twincast.server.acks import AckSender
from twincast.streams.events import StreamId
from twincast.streams.stream import Stream
from twincast.wire.message_types import StreamKind

SESSION = "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3"


def taken_up_to(seq: int) -> Stream:
    kind: StreamKind = "audio"
    stream = Stream(StreamId(SESSION, kind))
    stream.taken(seq, 1_000.0)
    return stream


async def test_sends_the_newest_at_once_after_a_quiet_time() -> None:
    sent: list[str] = []
    stream = taken_up_to(-1)
    acks = AckSender(stream, 100, sent.append)
    stream.taken(7, 1_000.0)
    acks.flush()
    assert len(sent) == 1
    assert acks.newest is None


@pytest.mark.parametrize("first", [0, 7])
async def test_a_duplicate_of_what_no_sink_took_yet_is_no_reason_for_an_ack(first: int) -> None:
    sent: list[str] = []
    stream = Stream(StreamId(SESSION, "video"))
    stream.open(first)
    acks = AckSender(stream, 100, sent.append)
    acks.repeat()
    acks.flush()
    assert (sent, acks.newest) == ([], None)
    stream.taken(first, 1_000.0)
    acks.flush()
    assert sent == [f'{{"type":"ack","seq":{first},"t":1000.0}}']


async def test_what_another_process_took_meanwhile_is_not_acknowledged_here() -> None:
    sent: list[str] = []
    stream = taken_up_to(3)
    stream.open(9)
    acks = AckSender(stream, 100, sent.append)
    acks.repeat()
    acks.flush()
    assert (sent, acks.newest) == ([], None)


async def test_still_knows_what_is_not_acknowledged_after_it_stopped() -> None:
    sent: list[str] = []
    stream = taken_up_to(-1)
    acks = AckSender(stream, 100, sent.append)
    acks.stop()
    stream.taken(7, 1_000.0)
    acks.flush()
    assert sent == []
    assert acks.newest is not None
    assert '"seq":7' in acks.newest
