"""What the console says of a stream."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from twincast.sinks.console import ConsoleSink
from twincast.sinks.console_lines import JsonLines, Lines, TextLines
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Encoder, Ended, Gap, Muted, RunResult, Segment

ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")
T0_MS = 1_763_836_800_123.0


def taken(seq: int, at_ms: float = T0_MS, delay_ms: float | None = 88.4, size: int = 24_813) -> TakenChunk:
    segment = Segment(3, "video/webm;codecs=vp8", 0)
    payload = memoryview(bytes(size))
    return TakenChunk(seq, segment, False, False, True, 0, 0, payload, at_ms, delay_ms, 243_100, seq + 1, 2_500_000)


class Console:
    """A console sink, its lines, and its timers."""

    def __init__(self, lines: Lines, max_lines_per_second: int = 100) -> None:
        self.out: list[str] = []
        self.timers: list[Callable[[], None]] = []
        self.sink = ConsoleSink(
            self.out.append,
            self.out.append,
            lines,
            max_lines_per_second,
            lambda: T0_MS,
            lambda _, call: self.timers.append(call),
        )

    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out]


def test_one_line_per_chunk_with_all_its_figures() -> None:
    console = Console(TextLines(colour=False))
    console.sink.chunk(ID, taken(42))
    console.sink.chunk(ID, taken(43, delay_ms=None))
    for line, seq, delay in zip(console.out, (42, 43), ("88", "-"), strict=True):
        assert (
            line.split()[1:]
            == (
                f"video seq {seq} 24,813 B segment 3 video/webm;codecs=vp8 delay {delay} ms 243.1 KB/s"
                " total 2.50 MB session 3f2b8c1e"
            ).split()
        )
        assert line.split()[0].endswith(".123")
    assert len({len(line) for line in console.out}) == 1  # aligned


def test_colour_changes_no_word() -> None:
    plain, colour = Console(TextLines(colour=False)), Console(TextLines(colour=True))
    for console in (plain, colour):
        console.sink.chunk(ID, taken(1))
        console.sink.muted(ID, Muted(True))
    stripped = [
        "".join(part.partition("m")[2] if i else part for i, part in enumerate(line.split("\x1b")))
        for line in colour.out
    ]
    assert stripped == plain.out
    assert colour.out != plain.out


def test_json_has_the_same_figures() -> None:
    console = Console(JsonLines())
    console.sink.chunk(ID, taken(42))
    console.sink.chunk(ID, taken(43, delay_ms=None))
    first, second = console.json()
    assert first == {
        "time": "2025-11-22T18:40:00.123Z",
        "level": "info",
        "message": "chunk",
        "stream": "video",
        "seq": 42,
        "bytes": 24_813,
        "segment": 3,
        "mimeType": "video/webm;codecs=vp8",
        "delayMs": 88.4,
        "rateKBps": 243.1,
        "totalChunks": 43,
        "totalBytes": 2_500_000,
        "session": "3f2b8c1e",
    }
    assert second["delayMs"] is None


SEGMENT = Segment(
    1, "video/webm", 0, Encoder("webcodecs", "it is faster"), None, 720, 1280, 29.97, "environment", 90, None, None
)


SEGMENT_1 = (
    "segment 1 begins at seq 5: video/webm, 720x1280, 29.97 fps, environment camera, 90°, webcodecs: it is faster"
)


@pytest.mark.parametrize(
    ("tell", "level", "name", "text"),
    [
        (lambda sink: sink.opened(ID, Opened("new", 0, None)), "info", "opened", "stream opened"),
        (lambda sink: sink.opened(ID, Opened("resumed", 7, None)), "info", "resumed", "resumed at seq 7"),
        (
            lambda sink: sink.opened(ID, Opened("continued", 7, None)),
            "warning",
            "continued",
            "continued at seq 7: what came before is not in this process",
        ),
        (
            lambda sink: sink.segment(ID, SegmentStart(SEGMENT, 5, header_missing=False)),
            "info",
            "segment",
            SEGMENT_1,
        ),
        (
            lambda sink: sink.segment(
                ID,
                SegmentStart(Segment(2, "audio/webm", 0, sample_rate=48_000, channels=1), 5, header_missing=True),
            ),
            "warning",
            "segment",
            "segment 2 begins at seq 5: audio/webm, 48000 Hz, 1 channels (its header is not in this process)",
        ),
        (
            lambda sink: sink.gap(ID, Gap(10, 29, 2_000.5, "outbox-full")),
            "warning",
            "gap",
            "GAP of 20 chunks, 2,000 ms: seq 10 to 29, outbox-full",
        ),
        (lambda sink: sink.muted(ID, Muted(True)), "info", "muted", "muted"),
        (lambda sink: sink.muted(ID, Muted(False)), "info", "muted", "unmuted"),
        (
            lambda sink: sink.ended(ID, Ended(1_284, 8_100_000, (), True, (RunResult(0, 0, "verified"),))),
            "info",
            "ended",
            "ended, verified: 1,284 chunks, 8,100,000 B",
        ),
        (
            lambda sink: sink.ended(
                ID, Ended(1, 2, (Gap(1, 2, 300, "too-large"),), False, (RunResult(0, 0, "mismatch"),))
            ),
            "error",
            "ended",
            "ended, NOT verified: 1 chunks, 2 B, 1 gaps of 300 ms (segment 0 from seq 0: mismatch)",
        ),
        (
            lambda sink: sink.closed(ID, "forgotten"),
            "warning",
            "forgotten",
            "forgotten: it did not come back and was not ended",
        ),
    ],
)
def test_news_stand_out_in_words_and_level(
    tell: Callable[[ConsoleSink], None], level: str, name: str, text: str
) -> None:
    plain, as_json = Console(TextLines(colour=False)), Console(JsonLines())
    tell(plain.sink)
    tell(as_json.sink)
    (line,) = plain.out
    assert line.endswith(f"  video  {text}  session 3f2b8c1e")
    (entry,) = as_json.json()
    assert (entry["level"], entry["message"], entry["text"]) == (level, name, text)
    assert (entry["stream"], entry["session"]) == ("video", "3f2b8c1e")


def test_an_end_is_not_told_twice() -> None:
    console = Console(TextLines(colour=False))
    console.sink.closed(ID, "ended")
    assert console.out == []


def test_a_flood_of_chunks_becomes_one_summary_per_stream_and_second_that_says_so() -> None:
    console = Console(JsonLines(), max_lines_per_second=6)
    other = StreamId("aaaaaaaa-9d4a-4c6f-8e21-5a7b90c1d2e3", "audio")
    for seq in range(8):
        console.sink.chunk(ID, taken(seq, delay_ms=[1, 2, 3, 4, 5, 6, 90, 40][seq], size=10))
    console.sink.chunk(other, taken(0, delay_ms=None, size=7))
    assert [entry["message"] for entry in console.json()] == ["chunk"] * 6
    console.sink.chunk(ID, taken(8, at_ms=T0_MS + 1_000))
    *_, summary, silent, chunk = console.json()
    assert (summary["chunks"], summary["bytes"], summary["maxDelayMs"]) == (2, 20, 90)
    assert summary["text"] == "summary, over 6 lines/s: 2 chunks, 20 B more, delay up to 90 ms"
    assert (silent["chunks"], silent["maxDelayMs"], silent["session"]) == (1, None, "aaaaaaaa")
    assert chunk["message"] == "chunk"
    console.timers[0]()
    assert len(console.out) == 9  # nothing was left to summarise


def test_the_summary_comes_even_when_no_chunk_follows() -> None:
    console = Console(JsonLines(), max_lines_per_second=3)
    for seq in range(4):
        console.sink.chunk(ID, taken(seq))
    console.timers[0]()
    assert console.json()[-1]["message"] == "summary"


def test_more_streams_than_lines_become_one_summary_of_all() -> None:
    console = Console(JsonLines(), max_lines_per_second=2)
    plain = Console(TextLines(colour=False), max_lines_per_second=2)
    for each in (console, plain):
        for number in range(10):
            each.sink.chunk(StreamId(f"{number:08}-9d4a", "audio"), taken(0, size=10))
        each.timers[0]()
    last = console.json()[-1]
    assert (last["message"], last["streams"], last["chunks"], last["bytes"]) == ("summary", 8, 8, 80)
    assert plain.out[-1].endswith("summary, over 2 lines/s: 8 chunks, 80 B more of 8 streams")
