"""Sinks named in the settings, and the one that writes files."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.wire import claim, frame, phone, segment_message
from twincast.app import create_app
from twincast.settings import Settings
from twincast.sinks.file import file_sink
from twincast.sinks.load import SinkConfigurationError, load_sinks
from twincast.sinks.sink import Sink
from twincast.streams.events import StreamId


class Nothing(Sink):
    """Sees everything and does nothing."""


NOT_A_FACTORY = "a text"
ID = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")


def test_sinks_are_named_as_module_and_factory() -> None:
    first, second = load_sinks(["console", f"{__name__}:Nothing"], {"console": lambda: Nothing})
    assert isinstance(first(ID), Nothing)
    assert isinstance(second(ID), Nothing)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing", "not of the form module:factory"),
        ("no_such_module:make", "cannot be imported: No module named"),
        (f"{__name__}:missing", "cannot be imported"),
        (f"{__name__}:NOT_A_FACTORY", "cannot be called"),
        (":Nothing", "not of the form module:factory"),
        (f"{__name__}:", "not of the form module:factory"),
        ("broken_by_syntax:make", "cannot be imported: invalid syntax"),
        ("broken_by_itself:make", "cannot be imported: not today"),
        ("..:make", "cannot be imported"),
    ],
)
def test_a_sink_that_cannot_be_had_is_explained(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_by_syntax.py").write_text("def make(:\n")
    (tmp_path / "broken_by_itself.py").write_text("raise RuntimeError('not today')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SinkConfigurationError, match=says):
        load_sinks([name], {})


async def test_files_hold_every_range_and_all_that_happened(serve: Serve, tmp_path: Path) -> None:
    server = await serve([file_sink(tmp_path)])
    async with phone(server.port) as one:
        await one.hello()
        await one.send(segment_message(0, "video/webm;codecs=vp8"))
        await one.send(frame(0, b"ab", first=True))
        await one.send(frame(1, b"cd"))
        await one.send({"type": "gap", "from": 2, "to": 3, "ms": 200, "reason": "outbox-full"})
        await one.send(segment_message(1, "video/mp4"))
        await one.send({"type": "muted", "muted": True})
        await one.send(frame(4, b"ef", segment=1, first=True))
        await one.acked(4)
        folder = tmp_path / one.session / "video"
        assert (folder / "segment-0-from-0.webm").read_bytes() == b"abcd"
        assert (folder / "segment-1-from-4.mp4").read_bytes() == b"ef"
        claims = [claim(0, 0, b"ab", b"cd"), claim(1, 4, b"ef")]
        await one.send({"type": "end", "lastSeq": 4, "segments": claims})
        assert (await one.closed())[1] == 1000
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    names = [event["event"] for event in events]
    assert names == ["opened", "segment", "chunk", "chunk", "file", "gap", "muted", "segment", "chunk", "file", "ended"]
    assert [event["seq"] for event in events if event["event"] == "chunk"] == [0, 1, 4]
    assert events[-1]["verified"] is True
    assert [(event["file"], event["sha256"]) for event in events if event["event"] == "file"] == [
        ("segment-0-from-0.webm", sha256(b"abcd").hexdigest()),
        ("segment-1-from-4.mp4", sha256(b"ef").hexdigest()),
    ]


async def test_a_full_disk_refuses_the_stream(serve: Serve, tmp_path: Path) -> None:
    sink = file_sink(tmp_path / "file")
    (tmp_path / "file").rmdir()
    (tmp_path / "file").write_text("in the way")
    server = await serve([sink])
    async with phone(server.port) as one:
        await one.send({"type": "hello", "session": one.session, "resumeFrom": 0})
        messages, code = await one.closed()
    assert (messages[-1]["code"], code) == ("sink-failed", 4500)


@pytest.mark.parametrize("where", ["variable", "line of .env"])
def test_the_folder_of_the_file_sink_is_a_setting(where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    if where == "variable":
        monkeypatch.setenv("FILE_SINK_FOLDER", str(tmp_path / "here"))
    else:
        (tmp_path / ".env").write_text(f"FILE_SINK_FOLDER={tmp_path / 'here'}\n")
    assert Settings().file_sink_folder == tmp_path / "here"


def test_a_folder_that_cannot_be_written_is_told_at_the_start_and_only_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SinkConfigurationError, match="FILE_SINK_FOLDER: nothing can be written to"):
        create_app(Settings(_env_file=None, sinks=("file",), file_sink_folder=tmp_path / "file"))
    create_app(Settings(_env_file=None, sinks=("console",), file_sink_folder=tmp_path / "file"))
