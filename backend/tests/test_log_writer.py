"""A stalled terminal never stalls the streams."""

import io
import threading
import time

from twincast.log.writer import LogWriter


class Terminal(io.StringIO):
    """Blocks in `write` until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def write(self, text: str) -> int:
        self.go.wait(10)
        return super().write(text)


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def dropped(count: int) -> str:
    return f"{count} dropped"


def test_lines_come_out_in_order() -> None:
    out = io.StringIO()
    writer = LogWriter(out, dropped)
    for number in range(1_000):
        writer.write(f"line {number}")
    writer.close()
    assert out.getvalue().splitlines() == [f"line {number}" for number in range(1_000)]


def test_a_stalled_reader_costs_lines_and_no_time_and_the_loss_is_stated() -> None:
    out = Terminal()
    writer = LogWriter(out, dropped, max_lines=10)
    began_s = time.monotonic()
    for number in range(1_000):
        writer.write(f"line {number}")
    assert time.monotonic() - began_s < 1
    out.go.set()
    writer.close(10)
    lines = out.getvalue().splitlines()
    kept = [line for line in lines if line.startswith("line")]
    told = sum(int(line.split()[0]) for line in lines if line.endswith("dropped"))
    assert len(kept) + told == 1_000
    assert told > 0


def test_a_reader_that_is_gone_is_no_error() -> None:
    writer = LogWriter(Gone(), dropped)
    writer.write("line")
    writer.close()


def test_close_does_not_wait_for_ever() -> None:
    out = Terminal()
    writer = LogWriter(out, dropped)
    writer.write("line")
    began_s = time.monotonic()
    writer.close(timeout_s=0.2)
    assert time.monotonic() - began_s < 5
    out.go.set()


def test_a_flood_of_errors_is_limited_and_what_is_left_out_is_stated() -> None:
    out = io.StringIO()
    now_s = 0.0
    writer = LogWriter(out, dropped, max_per_second=3, now_s=lambda: now_s)
    for number in range(10):
        writer.write_limited(f"error {number}")
    writer.write("a line of a caller that limits itself")
    now_s = 1.0
    writer.write_limited("error 10")
    writer.close()
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("error")] == ["error 0", "error 1", "error 2", "error 10"]
    assert sum(int(line.split()[0]) for line in lines if line.endswith("dropped")) == 7
    assert "a line of a caller that limits itself" in lines
