"""What the console says of a stream."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from twincast.sinks.console import Console, ConsoleSink
from twincast.sinks.console_lines import JsonLines, Lines, TextLines
from twincast.streams.events import Opened, SegmentStart, StreamId, TakenChunk
from twincast.wire.message_types import Encoder, Ended, Gap, Muted, RangeResult, Segment

ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")
T0_MS = 1_763_836_800_123.0


def taken(seq: int, at_ms: float = T0_MS, delay_ms: float | None = 88.4, size: int = 24_813) -> TakenChunk:
    segment = Segment(3, "video/webm;codecs=vp8", 0)
    payload = memoryview(bytes(size))
    return TakenChunk(seq, segment, False, False, True, 0, 0, payload, at_ms, delay_ms, 243_100, seq + 1, 2_500_000)


class Printed:
    """The console's sink of one stream, the lines of all, and the timers."""

    def __init__(self, lines: Lines, max_lines_per_second: int = 100) -> None:
        self.out: list[str] = []
        self.timers: list[Callable[[], None]] = []
        self.console = Console(
            self.out.append,
            self.out.append,
            lines,
            max_lines_per_second,
            lambda: T0_MS,
            lambda _, call: self.timers.append(call),
        )
        self.sink = self.console.sink(ID)

    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out]


def test_one_line_per_chunk_with_all_its_figures() -> None:
    printed = Printed(TextLines(colour=False))
    printed.sink.chunk(taken(42))
    printed.sink.chunk(taken(43, delay_ms=None))
    for line, seq, delay in zip(printed.out, (42, 43), ("88", "-"), strict=True):
        assert (
            line.split()[1:]
            == (
                f"video seq {seq} 24,813 B segment 3 video/webm;codecs=vp8 delay {delay} ms 243.1 KB/s"
                " total 2.50 MB session 3f2b8c1e"
            ).split()
        )
        assert line.split()[0].endswith(".123")
    assert len({len(line) for line in printed.out}) == 1  # aligned


@pytest.mark.parametrize(
    ("columns", "left_out"),
    [
        (160, ()),
        (150, ("session",)),
        (130, ("session", "total")),
        (80, ("session", "total", "segment")),
    ],
)
def test_a_line_fits_the_terminal_and_leaves_out_what_changes_least(columns: int, left_out: tuple[str, ...]) -> None:
    printed = Printed(TextLines(colour=False, columns=columns))
    printed.sink.chunk(taken(42))
    line = printed.out[-1]
    assert len(line) <= columns
    for word in ("seq", "delay", "session", "total", "segment"):
        assert (word in line) == (word not in left_out)


def test_colour_changes_no_word() -> None:
    plain, colour = Printed(TextLines(colour=False)), Printed(TextLines(colour=True))
    for printed in (plain, colour):
        printed.sink.chunk(taken(1))
        printed.sink.muted(Muted(True))
    stripped = [
        "".join(part.partition("m")[2] if i else part for i, part in enumerate(line.split("\x1b")))
        for line in colour.out
    ]
    assert stripped == plain.out
    assert colour.out != plain.out


def test_json_has_the_same_figures() -> None:
    printed = Printed(JsonLines())
    printed.sink.chunk(taken(42))
    printed.sink.chunk(taken(43, delay_ms=None))
    first, second = printed.json()
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
        (lambda sink: sink.opened(Opened("new", 0, None)), "info", "opened", "stream opened"),
        (lambda sink: sink.opened(Opened("resumed", 7, None)), "info", "resumed", "resumed at seq 7"),
        (
            lambda sink: sink.opened(Opened("continued", 7, None)),
            "warning",
            "continued",
            "continued at seq 7: what came before is not in this process",
        ),
        (
            lambda sink: sink.segment(SegmentStart(SEGMENT, 5, header_missing=False)),
            "info",
            "segment",
            SEGMENT_1,
        ),
        (
            lambda sink: sink.segment(
                SegmentStart(Segment(2, "audio/webm", 0, sample_rate=48_000, channels=1), 5, header_missing=True),
            ),
            "warning",
            "segment",
            "segment 2 begins at seq 5: audio/webm, 48000 Hz, 1 channels (its header is not in this process)",
        ),
        (
            lambda sink: sink.gap(Gap(10, 29, 2_000.5, "outbox-full")),
            "warning",
            "gap",
            "GAP of 20 chunks, 2,000 ms: seq 10 to 29, outbox-full",
        ),
        (lambda sink: sink.muted(Muted(True)), "info", "muted", "muted"),
        (lambda sink: sink.muted(Muted(False)), "info", "muted", "unmuted"),
        (
            lambda sink: sink.ended(Ended(1_284, 8_100_000, (), True, (RangeResult(0, 0, "verified"),))),
            "info",
            "ended",
            "ended, verified: 1,284 chunks, 8,100,000 B",
        ),
        (
            lambda sink: sink.ended(
                Ended(1, 2, (Gap(1, 2, 300, "too-large"),), False, (RangeResult(0, 0, "mismatch"),))
            ),
            "error",
            "ended",
            "ended, NOT verified: 1 chunks, 2 B, 1 gaps of 300 ms (segment 0 from seq 0: mismatch)",
        ),
        (
            lambda sink: sink.closed("forgotten"),
            "warning",
            "forgotten",
            "forgotten: it did not come back and was not ended",
        ),
    ],
)
def test_notices_stand_out_in_words_and_level(
    tell: Callable[[ConsoleSink], None], level: str, name: str, text: str
) -> None:
    plain, as_json = Printed(TextLines(colour=False)), Printed(JsonLines())
    tell(plain.sink)
    tell(as_json.sink)
    (line,) = plain.out
    assert line.endswith(f"  video  {text}  session 3f2b8c1e")
    (entry,) = as_json.json()
    assert (entry["level"], entry["message"], entry["text"]) == (level, name, text)
    assert (entry["stream"], entry["session"]) == ("video", "3f2b8c1e")


def test_an_end_is_not_told_twice() -> None:
    printed = Printed(TextLines(colour=False))
    printed.sink.closed("ended")
    assert printed.out == []


def test_a_flood_of_chunks_becomes_one_summary_per_stream_and_second_that_says_so() -> None:
    printed = Printed(JsonLines(), max_lines_per_second=6)
    other = StreamId("aaaaaaaa-9d4a-4c6f-8e21-5a7b90c1d2e3", "audio")
    for seq in range(8):
        printed.sink.chunk(taken(seq, delay_ms=[1, 2, 3, 4, 5, 6, 90, 40][seq], size=10))
    printed.console.sink(other).chunk(taken(0, delay_ms=None, size=7))
    assert [entry["message"] for entry in printed.json()] == ["chunk"] * 6
    printed.sink.chunk(taken(8, at_ms=T0_MS + 1_000))
    *_, summary, silent, chunk = printed.json()
    assert (summary["chunks"], summary["bytes"], summary["maxDelayMs"]) == (2, 20, 90)
    assert summary["text"] == "summary, over 6 lines/s: 2 chunks, 20 B more, delay up to 90 ms"
    assert (silent["chunks"], silent["maxDelayMs"], silent["session"]) == (1, None, "aaaaaaaa")
    assert chunk["message"] == "chunk"
    printed.timers[0]()
    assert len(printed.out) == 9  # nothing was left to summarise


def test_the_summary_comes_even_when_no_chunk_follows() -> None:
    printed = Printed(JsonLines(), max_lines_per_second=3)
    for seq in range(4):
        printed.sink.chunk(taken(seq))
    printed.timers[0]()
    assert printed.json()[-1]["message"] == "summary"


def test_more_streams_than_lines_become_one_summary_of_all() -> None:
    printed = Printed(JsonLines(), max_lines_per_second=2)
    plain = Printed(TextLines(colour=False), max_lines_per_second=2)
    for each in (printed, plain):
        for number in range(10):
            each.console.sink(StreamId(f"{number:08}-9d4a", "audio")).chunk(taken(0, size=10))
        each.timers[0]()
    last = printed.json()[-1]
    assert (last["message"], last["streams"], last["chunks"], last["bytes"]) == ("summary", 8, 8, 80)
    assert plain.out[-1].endswith("summary, over 2 lines/s: 8 chunks, 80 B more of 8 streams")
