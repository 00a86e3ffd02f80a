"""The shared vectors of a viewer's wire."""

import json
import re
from typing import Any

import pytest

from tests.test_protocol import PROTOCOL, as_read
from twincast.wire.close_codes import CLOSE_CODES, ErrorCode, ProtocolError
from twincast.wire.message_types import Ended, Gap, Segment
from twincast.wire.messages import parse_client_message
from twincast.wire.watch import (
    GONE,
    RESUMED,
    WATCH_CLOSE_CODES,
    WATCH_SUBPROTOCOL,
    WatchCode,
    WatchError,
    Watching,
    format_skipped,
    format_watch_error,
    format_watch_pong,
    format_watched_ended,
    format_watched_gap,
    format_watched_muted,
    format_watched_segment,
    format_watching,
    parse_viewer_message,
)

VECTORS = json.loads((PROTOCOL / "watch-vectors.json").read_text())


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", VECTORS[section], ids=lambda vector: str(vector["name"]))


def test_speaks_the_sub_protocol_of_the_vectors() -> None:
    assert VECTORS["subprotocol"] == WATCH_SUBPROTOCOL


@named("viewerMessages")
def test_reads_a_viewers_message_as_written_down(vector: Any) -> None:
    assert as_read(parse_viewer_message(vector["text"])) == vector["read"]


@named("badViewerMessages")
def test_refuses_a_malformed_message_of_a_viewer(vector: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_viewer_message(vector["text"])
    assert caught.value.code is ErrorCode.BAD_MESSAGE


def announced(read: dict[str, Any]) -> Segment:
    fields = {name: value for name, value in read.items() if name not in ("from", "headerMissing")}
    segment = parse_client_message(json.dumps(fields))
    assert isinstance(segment, Segment)
    return segment


def written(read: dict[str, Any]) -> str:
    match read["type"]:
        case "watching":
            return format_watching(
                Watching(
                    watch_id=read["watchId"],
                    kind=read["kind"],
                    state=read["state"],
                    muted=read["muted"],
                    server_time=read["serverTime"],
                    idle_ms=read["idleMs"],
                    clock_offset_ms=read.get("clockOffsetMs"),
                )
            )
        case "segment":
            return format_watched_segment(announced(read), read["from"], read["headerMissing"])
        case "gap":
            return format_watched_gap(Gap(read["from"], read["to"], read["ms"], read["reason"]))
        case "muted":
            return format_watched_muted(read["muted"])
        case "skipped":
            return format_skipped(read["from"], read["to"])
        case "gone":
            return GONE
        case "resumed":
            return RESUMED
        case "ended":
            return format_watched_ended(Ended(read["chunks"], read["bytes"], (), read["verified"], ()))
        case "pong":
            return format_watch_pong(read["t"], read["serverTime"], read.get("clockOffsetMs"))
        case "error":
            return format_watch_error(WatchError(WatchCode(read["code"]), read["message"]))
        case other:
            raise AssertionError(other)


@named("backendMessages")
def test_writes_a_message_to_a_viewer_as_written_down(vector: Any) -> None:
    assert json.loads(written(vector["read"])) == json.loads(vector["text"])


def test_closes_with_the_codes_of_the_vectors() -> None:
    specified = {vector["code"]: vector["name"] for vector in VECTORS["closeCodes"]}
    for name, code in WATCH_CLOSE_CODES.items():
        assert specified[code] == name
    assert {code for code in specified if code >= 4_000} == {
        code for code in WATCH_CLOSE_CODES.values() if code >= 4_000
    }


def test_a_code_that_phones_know_means_the_same_to_a_viewer() -> None:
    for code in WatchCode:
        if code.value in list(ErrorCode):
            assert CLOSE_CODES[ErrorCode(code.value)] == WATCH_CLOSE_CODES[code]


def test_the_specification_lists_the_close_codes_of_the_vectors() -> None:
    reactions = {
        "stay-closed": "stays closed",
        "retry": "retries",
        "ask-secret": "asks for the secret",
        "look-at-list": "looks at the list",
        "give-up": "gives up",
    }
    table = (PROTOCOL / "watch.md").read_text().partition("## Close codes")[2]
    rows = re.findall(r"^\| (\d{4}) \| (?:`([a-z-]+)`|\(none\)) \| .* \| ([^|]+) \|$", table, re.MULTILINE)
    assert [(int(code), name or None, viewer) for code, name, viewer in rows] == [
        (vector["code"], vector["name"], reactions[vector["viewer"]]) for vector in VECTORS["closeCodes"]
    ]
