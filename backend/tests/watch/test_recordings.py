"""What the file sink wrote is listed and served, also while it grows, and nothing else is."""

import json
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Recording, Server, running_app
from tests.watch.client import CHUNK_BYTES, Streaming, watch_id
from tests.watch.recordings import recording
from tests.watch.test_watch_http import VECTORS, ask, expect_shape
from tests.wire import claim, phone
from twincast import Settings, create_app
from twincast.server.file_response import GrowingFileResponse
from twincast.sinks.recordings import Recordings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    chosen = Settings(_env_file=None, sinks=("file",), file_sink_folder=folder)
    async with running_app(chosen, create_app(chosen), Recording()) as running:
        yield running


async def record(server: Server, chunks: int = 4) -> str:
    """A session of one stream that ends; returns its UUID."""
    async with phone(server.port) as one:
        streaming = Streaming(one)
        await streaming.begin()
        await streaming.send(chunks)
        payloads = [streaming.data[at : at + CHUNK_BYTES] for at in range(0, chunks * CHUNK_BYTES, CHUNK_BYTES)]
        await one.send({"type": "end", "lastSeq": chunks - 1, "segments": [claim(0, 0, *payloads)]})
        assert (await one.receive("ended"))["verified"]
    return one.session


async def test_a_session_is_listed_with_what_happened_and_without_its_uuid(server: Server) -> None:
    async with phone(server.port) as one:
        streaming = Streaming(one)
        await streaming.begin()
        await streaming.send(2)
        await one.send({"type": "muted", "muted": True})
        await one.send({"type": "gap", "from": 2, "to": 6, "ms": 512.5, "reason": "outbox-full"})
        streaming.seq = 7
        await streaming.segment(1)
        await streaming.send(2)
        name = watch_id(server, one.session)
        listed, detailed = await ask(server, "/recordings"), await ask(server, f"/recordings/{name}")
        for answer in (listed, detailed):
            assert answer.status_code == 200
            assert one.session not in answer.text
        expect_shape(listed.json(), {**VECTORS["recordings"], "next": None})
        (summary,) = listed.json()["recordings"]
        assert (summary["id"], summary["state"], summary["bytes"]) == (name, "recording", 4 * CHUNK_BYTES)
        assert summary["streams"]["video"]["gapMs"] == 512.5
        assert "verified" not in summary
        body = detailed.json()
        video = body["streams"]["video"]
        first, second = video["segments"]
        assert (first["file"], first["from"], first["to"]) == ("segment-0-from-0.mkv", 0, 1)
        assert (second["file"], second["from"], second["to"], second["bytes"]) == (
            "segment-1-from-7.mkv", 7, 8, 2 * CHUNK_BYTES,
        )  # fmt: skip
        at = first["capturedTo"]
        assert video["gapList"] == [{"from": 2, "to": 6, "ms": 512.5, "reason": "outbox-full", "at": at}]
        assert video["mutes"][0] == {"at": at, "muted": True}
        wanted = VECTORS["recording"]["streams"]["video"]
        assert video.keys() <= {*wanted, "verified"}
        assert first.keys() <= {*wanted["segments"][0], "encoder"}


async def test_what_has_ended_is_told_with_its_verdict_also_after_a_restart(server: Server, folder: Path) -> None:
    session = await record(server)
    (summary,) = (await ask(server, "/recordings")).json()["recordings"]
    assert (summary["state"], summary["verified"], summary["userAgent"]) == ("ended", True, "A phone")
    again = Recordings(folder).read(session)
    assert again.streams["video"].verified is True


async def test_what_was_cut_off_is_no_recording_that_goes_on(folder: Path, server: Server) -> None:
    lost = str(uuid.uuid4())
    events = folder / lost / "video" / "events.jsonl"
    events.parent.mkdir(parents=True)
    events.write_text('{"event":"opened","how":"new","nextSeq":0,"userAgent":null}\n{"event":"chunk"')
    (summary,) = (await ask(server, "/recordings")).json()["recordings"]
    assert (summary["state"], summary["startedAt"], summary["durationMs"]) == ("cut", None, 0)


async def test_a_file_is_served_whole_and_in_ranges(server: Server) -> None:
    session = await record(server, 4)
    data = recording("webcodecs-h264.mkv")[: 4 * CHUNK_BYTES]
    path = f"/recordings/{watch_id(server, session)}/video/segment-0-from-0.mkv"
    whole = await ask(server, path)
    assert (whole.status_code, whole.content) == (200, data)
    assert whole.headers["content-type"] == "video/x-matroska"
    assert whole.headers["accept-ranges"] == "bytes"
    for asked, start, end in (("bytes=0-9", 0, 10), ("bytes=1990-", 1_990, 2_000), ("bytes=-5", 1_995, 2_000)):
        part = await ask(server, path, headers={"range": asked})
        assert (part.status_code, part.content) == (206, data[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(data)}"
    assert (await ask(server, path, headers={"range": "bytes=2000-"})).status_code == 416


async def test_a_recording_that_grows_is_served_as_far_as_it_is(server: Server) -> None:
    async with phone(server.port) as one:
        streaming = Streaming(one)
        await streaming.begin()
        path = f"/recordings/{watch_id(server, one.session)}/video/segment-0-from-0.mkv"
        for chunks in (2, 5):
            await streaming.send(chunks)
            whole = await ask(server, path)
            assert whole.content == streaming.data[: streaming.at]
            detail = (await ask(server, path.partition("/video")[0])).json()
            assert detail["streams"]["video"]["segments"][0]["bytes"] == streaming.at
        rest = await ask(server, path, headers={"range": f"bytes={2 * CHUNK_BYTES}-"})
        assert rest.content == streaming.data[2 * CHUNK_BYTES : streaming.at]


async def test_what_is_written_while_a_file_is_sent_is_not_sent(tmp_path: Path) -> None:
    file = tmp_path / "growing.webm"
    file.write_bytes(b"x" * 100_000)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        with file.open("ab") as more:
            more.write(b"y" * 100_000)
        if len(sent) > 3:
            file.chmod(0o600)

    scope = {"type": "http", "method": "GET", "headers": [], "asgi": {"spec_version": "2.4"}}
    response = GrowingFileResponse(file)
    response.chunk_size = 30_000

    async def receive() -> Any:
        raise AssertionError

    async def send_some(message: Any) -> None:
        if len(sent) < 12:
            await send(message)
        else:
            sent.append(message)

    await response(scope, receive, send_some)
    assert b"".join(message.get("body", b"") for message in sent) == b"x" * 100_000


TRAVERSALS = [
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "events.jsonl",
    "segment-0-from-0.mkv%00.mkv",
    "segment-0-from-0.mkv/",
    "segment-0-from-0.mkv%0a",
    "..%5csegment-0-from-0.mkv",
    "segment-0-from-9.mkv",
    "link.mkv",
    "segment-9-from-9.mkv",
]


async def test_no_name_leads_out_of_the_recording(server: Server, folder: Path) -> None:
    session = await record(server, 1)
    outside = folder.parent / "outside.mkv"
    outside.write_bytes(b"secret")
    (folder / session / "video" / "segment-9-from-9.mkv").symlink_to(outside)
    for file in TRAVERSALS:
        answer = await ask(server, f"/recordings/{watch_id(server, session)}/video/{file}")
        assert answer.status_code in (404, 307), file
        assert b"secret" not in answer.content


async def test_no_session_is_found_by_another_name(server: Server) -> None:
    session = await record(server, 1)
    for name in ("%2e%2e", "0" * 31, "g" * 32, "0" * 32 + "%0a", session):
        for path in (f"/recordings/{name}", f"/recordings/{name}/video/segment-0-from-0.mkv"):
            assert (await ask(server, path)).status_code in (404, 422), path
    body = (await ask(server, f"/recordings/{'0' * 32}")).json()
    assert body["code"] == "unknown-recording"
    assert (await ask(server, f"/recordings/{watch_id(server, session)}/smell/x")).status_code == 422


async def test_pages_follow_each_other_and_what_is_no_session_is_not_listed(server: Server, folder: Path) -> None:
    for number in range(5):
        events = folder / str(uuid.uuid4()) / "audio" / "events.jsonl"
        events.parent.mkdir(parents=True)
        events.write_text(json.dumps({"event": "opened", "how": "new", "nextSeq": 0, "userAgent": None}) + "\n")
        os.utime(events.parent.parent, (number, number))
    (folder / "notes").mkdir()
    (folder / str(uuid.uuid4())).symlink_to(folder / "notes")
    everything = [one["id"] for one in (await ask(server, "/recordings")).json()["recordings"]]
    assert len(everything) == 5
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await ask(server, "/recordings", params={"limit": "2", **after})).json()
        found += [one["id"] for one in page["recordings"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == everything
    assert (await ask(server, "/recordings", params={"limit": "0"})).status_code == 422
    assert (await ask(server, "/recordings", params={"limit": "201"})).status_code == 422


async def test_events_are_read_on_from_where_they_were_read_to(folder: Path) -> None:
    session = str(uuid.uuid4())
    events = folder / session / "video" / "events.jsonl"
    events.parent.mkdir(parents=True)
    segment = {"segment": 0, "mime_type": "video/webm", "started_at": 0.0}
    begin = {"event": "segment", "segment": segment, "from_seq": 0, "header_missing": False, "file": "f"}
    chunk = {"event": "chunk", "seq": 0, "segment": 0, "bytes": 10, "capturedFrom": 1.0, "capturedTo": 2.0}
    events.write_text(json.dumps(begin) + "\n" + json.dumps(chunk))  # the end of the line is to come
    recordings = Recordings(folder)
    assert recordings.read(session).streams["video"].chunks == 0
    with events.open("a") as file:
        file.write("\nbroken\n" + json.dumps(chunk | {"seq": 1, "capturedTo": 9.0}) + "\n")
    stream = recordings.read(session).streams["video"]
    assert (stream.chunks, stream.bytes, stream.segments[0].to_seq, stream.captured_to_ms) == (2, 20, 1, 9.0)
    events.write_text(json.dumps(begin) + "\n")  # somebody put another one in its place
    assert recordings.read(session).streams["video"].chunks == 0
