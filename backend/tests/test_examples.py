"""The examples of docs/own-sink.md do what the page says, and are what it shows."""

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from examples.append_sink import AppendSink
from examples.counting_sink import CountingSink
from examples.decode_sink import Look
from examples.voice_sink import Voice
from tests.conftest import Serve
from tests.media import FORMS, record, record_scene, send_segment
from tests.process import free_port, program
from tests.wire import T0_MS, claim, eventually, phone
from twincast import Segment, Sink, StreamId, TakenChunk

BACKEND = Path(__file__).parents[1]
PAGE = (BACKEND.parent / "docs" / "own-sink.md").read_text()


async def test_looks_at_pictures_and_sound(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = await serve([Look], remember_stream_s=0)
    printed: list[str] = []
    for form in ("vp8", "opus"):
        kind, mime_type, _ = FORMS[form]
        data = await asyncio.to_thread(record, form, 1)
        async with phone(server.port, kind) as one:
            await one.hello()
            await one.acked(await send_segment(one, 0, mime_type, 0, data) - 1)

    def has_printed() -> bool:
        printed.extend(capsys.readouterr().out.splitlines())
        pictures = [line for line in printed if "picture (120, 160, 3)" in line]
        loud = [line for line in printed if re.search(rf"{T0_MS} loudness 0\.1\d+$", line)]
        return len(pictures) == 20 and len(loud) == 1

    await eventually(has_printed)


async def test_says_who_speaks(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    silence, tone = "anullsrc=r=16000:cl=mono", "sine=frequency=440:sample_rate=16000"
    noise = "anoisesrc=color=white:sample_rate=16000:amplitude=0.3:seed=7"
    scene = (silence, "speech", tone, silence, "speech", noise, silence)
    data = await asyncio.to_thread(record_scene, *scene)
    server = await serve([Voice], remember_stream_s=0)
    async with phone(server.port, "audio") as one:
        await one.hello()
        await one.acked(await send_segment(one, 0, "audio/webm", 0, data) - 1)

    said: list[tuple[str, str]] = []

    def has_said_all() -> bool:
        said.extend(re.findall(r"(\w{8}) (speaks|is silent)", capsys.readouterr().out))
        return len(said) == len(scene)

    await eventually(has_said_all)
    verdicts = {"speech": "speaks"}
    assert said == [(one.session[:8], verdicts.get(sound, "is silent")) for sound in scene]


async def test_appends_every_range_to_a_file(serve: Serve, tmp_path: Path) -> None:
    server = await serve([partial(AppendSink, folder=tmp_path)])
    async with phone(server.port) as one:
        await one.hello()
        seq = await send_segment(one, 0, "video/webm", 0, b"a" * 5_000)
        seq = await send_segment(one, 1, "video/webm", seq, b"b" * 100)
        claims = [claim(0, 0, b"a" * 2_000, b"a" * 2_000, b"a" * 1_000), claim(1, 3, b"b" * 100)]
        await one.acked(seq - 1)
        await one.send({"type": "end", "lastSeq": seq - 1, "segments": claims})
        (ended,), _ = await one.closed()
    assert ended["verified"]
    assert (tmp_path / f"{one.session}-video-0-0").read_bytes() == b"a" * 5_000
    assert (tmp_path / f"{one.session}-video-1-3").read_bytes() == b"b" * 100


async def test_counts_what_came_and_what_is_missing(serve: Serve) -> None:
    made: list[CountingSink] = []

    def count(stream: StreamId) -> CountingSink:
        made.append(CountingSink(stream))
        return made[-1]

    server = await serve([count])
    async with phone(server.port) as one:
        await one.hello()
        await one.send({"type": "gap", "from": 0, "to": 3, "ms": 400, "reason": "outbox-full"})
        seq = await send_segment(one, 0, "video/webm", 4, b"a" * 5_000)
        await one.acked(seq - 1)
    assert [(sink.bytes, sink.missing_ms) for sink in made] == [(5_000, 400)]


async def test_the_page_begins_with_an_application_that_works(tmp_path: Path) -> None:
    """Uvicorn serves it as the page says, and a phone streams to it."""
    (tmp_path / "main.py").write_text(python_of(PAGE)[0])
    port = free_port()
    command = ["-m", "uvicorn", "main:app", "--port", str(port)]
    async with program(command, tmp_path, port, PYTHONPATH=str(BACKEND)) as running:
        async with phone(port, prefix="/twincast") as one:
            await one.hello()
            await send_segment(one, 0, "video/webm", 0, b"a" * 5_000)
            await running.line("video 2 1000")
            claims = [claim(0, 0, b"a" * 2_000, b"a" * 2_000, b"a" * 1_000)]
            await one.send({"type": "end", "lastSeq": 2, "segments": claims})
            messages, _ = await one.closed()
        assert messages[-1]["verified"]


def test_the_page_about_the_backend_shows_three_ways_that_work(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (BACKEND.parent / "docs" / "backend.md").read_text()
    (code,) = python_of(page)
    ran: list[FastAPI] = []
    monkeypatch.setattr("twincast.run", ran.append)
    app = FastAPI()
    exec(code, {"MySink": Sink, "is_member": lambda: None, "app": app})  # noqa: S102  the page's own code
    assert [type(one) for one in ran] == [FastAPI]
    mounted = next(route for route in app.routes if isinstance(route, Mount))
    assert mounted.path == "/twincast"
    # The mounted one comes first, and so answers; the routes of the other are all there.
    reached = [included.url_path_for("health") for included in (mounted.app.router, app.router)]  # type: ignore[attr-defined]
    assert reached == ["/health", "/twincast/health"]


def python_of(page: str) -> list[str]:
    """The code that a page shows, in order."""
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


def test_the_readme_shows_a_sink_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    page = (BACKEND.parent / "README.md").read_text().partition("## Your own processing")[2]
    (code,) = python_of(page.partition("\n## ")[0])
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  the page's own code
    sink = names["Printer"](StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video"))
    segment = Segment(0, "video/webm", 0)
    sink.chunk(TakenChunk(7, segment, False, False, False, 0, 0, memoryview(b"media"), 0, 12.5, 0, 8, 40))
    assert capsys.readouterr().out == "video 7 5 12.5\n"
    assert isinstance(names["app"], FastAPI)


def test_the_page_shows_the_examples_as_they_are() -> None:
    shown = re.findall(r"```python\n# (backend/examples/\w+\.py)\n(.*?)```", PAGE, re.DOTALL)
    assert {name for name, _ in shown} == {
        f"backend/examples/{path.name}" for path in (BACKEND / "examples").glob("*_sink.py")
    }
    for name, code in shown:
        assert code == (BACKEND.parent / name).read_text()
