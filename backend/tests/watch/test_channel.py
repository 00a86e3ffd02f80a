"""What each viewer of a stream gets, whatever it does and whenever it comes."""

import json
import random
from itertools import pairwise
from typing import Any

import pytest

from tests.watch.recordings import FORMS, join_points, recording, segment_of
from tests.wire import frame
from twincast import SegmentStart, TakenChunk
from twincast.watch.channel import Channel, message_of, seq_of
from twincast.watch.outgoing import Outgoing
from twincast.watch.viewer_queue import MAX_QUEUED_BYTES, MAX_QUEUED_S, ViewerQueue
from twincast.wire.chunk import HEADER_BYTES, parse_chunk
from twincast.wire.message_types import Ended, Gap, Segment

FORM = "webcodecs-h264.mkv"


def taken(message: bytes, segment: Segment) -> TakenChunk:
    chunk = parse_chunk(message, 2**20)
    return TakenChunk(
        chunk.seq,
        segment,
        chunk.first,
        chunk.last,
        chunk.key_frame,
        chunk.captured_from_ms,
        chunk.captured_to_ms,
        chunk.payload,
        0.0,
        None,
        0.0,
        0,
        0,
    )


class Viewer:
    """One that reads when it is told to, and then everything (or so many messages)."""

    def __init__(self, is_quick: bool = False) -> None:
        self.is_quick = is_quick
        self.wakes = 0
        self.got: list[bytes | dict[str, Any]] = []
        self.queue = ViewerQueue(self._send_now, self._wake)

    def _send_now(self, one: Outgoing) -> bool:
        if self.is_quick:
            self._get(one)
        return self.is_quick

    def _wake(self) -> None:
        self.wakes += 1

    def read(self, limit: int = 10**9) -> None:
        for _ in range(limit):
            one = self.queue.pop()
            if one is None:
                return
            self._get(one)

    def _get(self, one: Outgoing) -> None:
        self.got.append(one.data if isinstance(one.data, bytes) else json.loads(one.data))

    def texts(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.got if isinstance(one, dict) and one["type"] == kind]

    @property
    def files(self) -> list[bytes]:
        """What followed each `segment`, laid end to end."""
        files: list[bytes] = []
        for one in self.got:
            if isinstance(one, bytes):
                files[-1] += one[HEADER_BYTES:]
            elif one["type"] == "segment":
                files.append(b"")
        return files

    @property
    def seqs(self) -> list[int]:
        return [seq_of(one) for one in self.got if isinstance(one, bytes)]


class Source:
    """A phone that streams one recording again and again, a segment each time."""

    def __init__(self, channel: Channel, form: str = FORM, size: int = 500) -> None:
        self.channel = channel
        self.form = form
        self.data = recording(form)
        self.size = size
        self.seq = 0
        self.number = -1
        self.at = len(self.data)
        self.now_s = 0.0
        self.segment = segment_of(form)

    def send(self, chunks: int = 1, seconds: float = 0.0) -> None:
        for _ in range(chunks):
            first = self.at >= len(self.data)
            if first:
                self.number += 1
                self.at = 0
                self.segment = segment_of(self.form, self.number)
                self.channel.segment(SegmentStart(self.segment, self.seq, header_missing=False), self.now_s)
            payload = self.data[self.at : self.at + self.size]
            message = frame(self.seq, payload, self.number, first=first)
            self.channel.chunk(taken(message, self.segment), self.now_s)
            self.seq += 1
            self.at += self.size
            self.now_s += seconds

    def gap(self, chunks: int) -> None:
        self.channel.gap(Gap(self.seq, self.seq + chunks - 1, 100.0, "outbox-full"), self.now_s)
        self.seq += chunks
        self.at = len(self.data)  # what follows is a new segment


def test_who_watches_from_the_beginning_gets_what_came_byte_for_byte() -> None:
    channel, viewer = Channel("video"), Viewer(is_quick=True)
    source = Source(channel)
    channel.add(viewer.queue, 0)
    source.send(50)
    assert viewer.files[0] == source.data
    assert viewer.seqs == list(range(50))
    assert [one["segment"] for one in viewer.texts("segment")] == [0, 1, 2]


def test_the_first_who_comes_late_waits_for_a_place_to_begin_and_the_next_does_not() -> None:
    channel, first, second = Channel("video"), Viewer(is_quick=True), Viewer(is_quick=True)
    source = Source(channel)
    source.send(2)
    channel.add(first.queue, 0)
    assert first.got == []
    source.send(10)
    points = join_points(FORM)
    assert first.files == [source.data[: points[0]] + source.data[points[1] : source.at]]
    channel.add(second.queue, 0)
    assert second.files == first.files
    assert second.seqs == [points[1] // source.size, *range(points[1] // source.size + 1, source.seq)]
    channel.remove(first.queue)
    channel.remove(second.queue)
    assert channel.kept_bytes == points[0]


def test_a_viewer_that_does_not_read_is_told_what_it_missed_and_goes_on_at_the_next_place_to_begin() -> None:
    channel, viewer, quick = Channel("video"), Viewer(), Viewer(is_quick=True)
    source = Source(channel)
    channel.add(viewer.queue, 0)
    channel.add(quick.queue, 0)
    source.send(4)
    viewer.read()
    assert viewer.seqs == [0, 1, 2, 3]
    source.send(3, seconds=MAX_QUEUED_S)
    assert not viewer.queue.is_following
    source.send(12)
    viewer.read()
    (skipped,) = viewer.texts("skipped")
    assert (skipped["from"], skipped["to"]) == (4, viewer.seqs[4] - 1)
    assert viewer.files[1] == source.data[: join_points(FORM)[0]] + source.data[join_points(FORM)[1] : source.at]
    assert [one["segment"] for one in viewer.texts("segment")] == [0, 0]
    assert quick.seqs == list(range(source.seq))


def test_what_waits_for_a_viewer_is_bounded_however_much_comes() -> None:
    channel, viewer = Channel("video"), Viewer()
    channel.add(viewer.queue, 0)
    segment = Segment(0, "video/webm", 0.0)
    channel.segment(SegmentStart(segment, 0, header_missing=False), 0)
    for seq in range(200):
        channel.chunk(taken(frame(seq, b"x" * 100_000, first=seq == 0), segment), 0)
        assert viewer.queue.queued_bytes <= MAX_QUEUED_BYTES + 1_000
    viewer.read()
    assert viewer.got == []  # it fell behind before it read anything, and this is no file that one can join
    channel.ended(Ended(200, 20_000_000, (), True, ()), 0)
    viewer.read()
    assert viewer.texts("skipped") == [{"type": "skipped", "from": 0, "to": 199}]
    assert viewer.texts("ended") == [{"type": "ended", "chunks": 200, "bytes": 20_000_000, "verified": True}]


def test_a_late_joiner_may_take_its_time_for_what_it_gets_at_once() -> None:
    channel, viewer, other = Channel("video"), Viewer(), Viewer(is_quick=True)
    channel.add(other.queue, 0)
    cluster = b"\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x84\x81\x00\x00\x80key!"
    segment = segment_of(FORM)
    channel.segment(SegmentStart(segment, 0, header_missing=False), 0)
    channel.chunk(taken(frame(0, b"head" + cluster, first=True), segment), 0)
    for seq in range(1, 31):
        channel.chunk(taken(frame(seq, b"x" * 100_000), segment), 0)
    channel.add(viewer.queue, 0)
    assert viewer.queue.queued_bytes > MAX_QUEUED_BYTES
    channel.chunk(taken(frame(31, b"x" * 100_000), segment), MAX_QUEUED_S + 1)
    assert viewer.queue.is_following
    viewer.read()
    assert viewer.seqs == list(range(32))
    # Once it has caught up the bounds hold again.
    for seq in range(32, 60):
        channel.chunk(taken(frame(seq, b"x" * 100_000), segment), 10)
    assert not viewer.queue.is_following


def test_gaps_mutes_and_cuts_stand_in_their_place() -> None:
    channel, viewer = Channel("video"), Viewer(is_quick=True)
    source = Source(channel)
    channel.add(viewer.queue, 0)
    source.send(2)
    channel.muted(True, 0)
    channel.gone(0)
    channel.gone(0)
    channel.resumed(0)
    channel.resumed(0)
    source.gap(3)
    source.send(1)
    kinds = [one["type"] if isinstance(one, dict) else seq_of(one) for one in viewer.got]
    assert kinds == ["segment", 0, 1, "muted", "gone", "resumed", "gap", "segment", 5]


def test_a_segment_that_began_elsewhere_goes_to_who_is_there_and_to_nobody_who_comes_late() -> None:
    channel, viewer, late = Channel("video"), Viewer(is_quick=True), Viewer(is_quick=True)
    channel.add(viewer.queue, 0)
    segment = segment_of(FORM)
    channel.segment(SegmentStart(segment, 7, header_missing=True), 0)
    channel.chunk(taken(frame(7, recording(FORM)), segment), 0)
    channel.add(late.queue, 0)
    assert viewer.texts("segment")[0]["headerMissing"] is True
    assert viewer.seqs == [7]
    assert late.got == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(8))
def test_whatever_viewers_do_what_follows_a_segment_decodes_and_what_is_missing_was_told(form: str, seed: int) -> None:
    chance = random.Random(f"{form} {seed}")
    channel = Channel(FORMS[form][0])
    source = Source(channel, form, chance.choice([50, 333, 2_000]))
    points, data = join_points(form), recording(form)
    head = data[: points[0]]
    viewers: list[Viewer] = []
    for _ in range(400):
        match chance.randrange(12):
            case 0 if len(viewers) < 5:
                viewers.append(Viewer(is_quick=chance.random() < 0.3))
                channel.add(viewers[-1].queue, source.now_s)
            case 1:
                source.gap(chance.randint(1, 4))
            case 2:
                channel.muted(chance.random() < 0.5, source.now_s)
            case 3:
                source.send(chance.randint(1, 3), seconds=chance.choice([0.1, MAX_QUEUED_S + 0.1]))
            case _:
                source.send()
        for viewer in viewers:
            if not viewer.is_quick and chance.random() < 0.4:
                viewer.read(chance.choice([1, 3, 1_000]))
            assert viewer.wakes or viewer.is_quick or not viewer.got
    channel.ended(Ended(0, 0, (), True, ()), source.now_s)
    for viewer in viewers:
        viewer.read()
        for file in viewer.files:
            starts = [0, *points]
            whole = (data, *(head + data[point:] for point in starts[1:]))
            assert any(one.startswith(file) for one in whole)
        expect_all_told(viewer, source.seq)


def expect_all_told(viewer: Viewer, next_seq: int) -> None:
    """From the first thing that it got on, every seq is a chunk, or in a gap, or was skipped."""
    told: list[tuple[int, int]] = []
    for one in viewer.got:
        if isinstance(one, bytes):
            told.append((seq_of(one), seq_of(one)))
        elif one["type"] in ("gap", "skipped"):
            told.append((one["from"], one["to"]))
    if not told:
        return
    covered = {seq for start, end in told for seq in range(start, end + 1)}
    assert covered >= set(range(min(covered), next_seq)) or not viewer.seqs
    assert all(before < after for before, after in pairwise(viewer.seqs))


def test_a_chunk_that_is_no_view_into_its_message_has_the_same_bytes() -> None:
    message = frame(7, b"media", 3, first=True, last=True, key_frame=True)
    chunk = taken(message, Segment(3, "video/webm", 0.0))
    assert message_of(chunk) is message
    assert message_of(chunk._replace(payload=memoryview(b"media"))) == message
