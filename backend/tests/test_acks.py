"""Acks go out in time, and none is lost when they stop."""

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
