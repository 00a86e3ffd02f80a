"""The shared vectors, and what the reader of frames and messages does beyond them."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.wire import frame
from twincast.wire.chunk import parse_chunk
from twincast.wire.close_codes import CLOSE_CODES, ErrorCode, ProtocolError
from twincast.wire.message_types import SUBPROTOCOL, Ended, Gap, Limits, RunResult
from twincast.wire.messages import (
    format_ack,
    format_ended,
    format_error,
    format_pong,
    format_ready,
    parse_client_message,
)

PROTOCOL = Path(__file__).parents[2] / "protocol"
VECTORS = json.loads((PROTOCOL / "vectors.json").read_text())
MAX_CHUNK_BYTES = 262_144


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", VECTORS[section], ids=lambda vector: str(vector["name"]))


def camel(name: str) -> str:
    known = {"from_seq": "from", "to_seq": "to"}
    return known.get(name, re.sub(r"_([a-z])", lambda match: match[1].upper(), name))


def as_read(value: Any) -> Any:
    """A message as the vectors write it down: camelCase, absent fields left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {camel(name): as_read(item) for name, item in value.items() if item is not None}
    if isinstance(value, tuple):
        return [as_read(item) for item in value]
    return value


def test_speaks_the_sub_protocol_of_the_vectors() -> None:
    assert VECTORS["subprotocol"] == SUBPROTOCOL


@named("chunks")
def test_reads_a_chunk_as_written_down(vector: Any) -> None:
    chunk = parse_chunk(bytes.fromhex(vector["hex"]), MAX_CHUNK_BYTES)
    want = vector["chunk"]
    assert (chunk.seq, chunk.segment) == (want["seq"], want["segment"])
    assert (chunk.first, chunk.last, chunk.key_frame) == (want["first"], want["last"], want["keyFrame"])
    assert (chunk.captured_from_ms, chunk.captured_to_ms) == (want["capturedFrom"], want["capturedTo"])
    assert chunk.payload.hex() == want["payloadHex"]


@named("badChunks")
def test_refuses_a_malformed_chunk_with_its_code(vector: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_chunk(bytes.fromhex(vector["hex"]), MAX_CHUNK_BYTES)
    assert caught.value.code == vector["code"]


@named("clientMessages")
def test_reads_a_client_message_as_written_down(vector: Any) -> None:
    message = parse_client_message(vector["text"])
    want = dict(vector["read"])
    assert type(message).__name__.lower() == want.pop("type")
    if "client" in want:
        want |= want.pop("client")
    assert as_read(message) == want


@named("badClientMessages")
def test_refuses_a_malformed_client_message(vector: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_client_message(vector["text"])
    assert caught.value.code is ErrorCode.BAD_MESSAGE


def format_read(read: dict[str, Any]) -> str:
    match read["type"]:
        case "ready":
            limits = read["limits"]
            return format_ready(
                read["nextSeq"],
                read["resumed"],
                read["serverTime"],
                Limits(limits["maxChunkBytes"], limits["windowBytes"], limits["ackEveryMs"], limits["idleMs"]),
            )
        case "ack":
            return format_ack(read["seq"], read["t"])
        case "pong":
            return format_pong(read["t"], read["serverTime"])
        case "ended":
            gaps = tuple(Gap(gap["from"], gap["to"], gap["ms"], gap["reason"]) for gap in read["gaps"])
            runs = tuple(RunResult(run["segment"], run["from"], run["state"]) for run in read["runs"])
            return format_ended(Ended(read["chunks"], read["bytes"], gaps, read["verified"], runs))
        case "error":
            return format_error(ProtocolError(ErrorCode(read["code"]), read["message"], read.get("seq")))
        case other:
            raise AssertionError(other)


@named("backendMessages")
def test_writes_a_backend_message_as_written_down(vector: Any) -> None:
    assert json.loads(format_read(vector["read"])) == json.loads(vector["text"])


def test_every_close_code_is_in_the_specification() -> None:
    rows = re.findall(r"^\| (\d{4}) \| `([a-z-]+)` \|", (PROTOCOL / "README.md").read_text(), re.MULTILINE)
    specified = {(int(code), name) for code, name in rows}
    assert {(code, name.value) for name, code in CLOSE_CODES.items()} <= specified


def test_names_the_chunk_that_is_too_large() -> None:
    assert len(parse_chunk(frame(7, b"x" * 100), 100).payload) == 100
    with pytest.raises(ProtocolError) as caught:
        parse_chunk(frame(7, b"x" * 101), 100)
    assert (caught.value.code, caught.value.seq, caught.value.close_code) == (ErrorCode.TOO_LARGE, 7, 4413)


def test_the_payload_is_a_view_that_cannot_be_written_to() -> None:
    message = bytearray(frame(0, b"media"))
    payload = parse_chunk(message, 100).payload
    assert payload.readonly
    assert bytes(payload) == b"media"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '{"type":"muted","muted":true,"x":' + "[" * 4_000 + "]" * 4_000 + "}",
            "The message is n",
        ),  # not JSON, or nested
        ('{"type":"muted","muted":true,"x":' + "[" * 20_000 + "}", "20001 objects and lists; at most 5000"),
        ('{"type":"muted","muted":true,"x":{"a":{"b":{"c":[{"d":[{"e":[{"f":1}]}]}]}}}}', "nested deeper"),
        ('{"type":"ping","t":' + "9" * 5_000 + "}", "not JSON"),
        ('{"type":"ping","t":' + "9" * 400 + "}", "t must be a number from"),
        ('{"type":"ping","t":true}', "t must be a number."),
        ('{"type":"ping","t":1,"offsetMs":1e17}', "offsetMs must be a number from"),
        ('{"type":"muted"}', "muted must be true or false"),
        ('{"type":"segment","segment":0,"mimeType":"a\\u001b[31m","startedAt":1}', "mimeType holds characters"),
        ('{"type":"segment","segment":0,"mimeType":"\\ud800","startedAt":1}', "mimeType holds characters"),
        ('{"type":"segment","segment":0,"mimeType":1,"startedAt":1}', "mimeType must be text"),
        ('{"type":"segment","segment":0,"mimeType":"' + "a" * 2_001 + '","startedAt":1}', "2001 characters"),
        ('{"type":"segment","segment":0,"mimeType":"a","startedAt":1,"encoder":"me"}', "encoder must be an object"),
        ('{"type":"segment","segment":0,"mimeType":"a","startedAt":1,"encoder":{"name":"x"}}', "name must be one of"),
        ('{"type":"end","lastSeq":0,"segments":{}}', "segments must be a list of objects"),
        ('{"type":"end","lastSeq":0,"segments":[1]}', "segments must be a list of objects"),
        ('{"type":"end","lastSeq":0,"segments":[' + ",".join(["{}"] * 4_097) + "]}", "4097 entries"),
    ],
)
def test_says_what_is_wrong_with_hostile_text(text: str, says: str) -> None:
    with pytest.raises(ProtocolError, match=re.escape(says)):
        parse_client_message(text)


def test_a_whole_number_may_be_written_as_a_float_as_javascript_cannot_tell() -> None:
    message = parse_client_message(
        '{"type":"hello","session":"3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3","resumeFrom":3.0,"a":{},"b":[],"c":[[]],"d":{},"e":[]}'
    )
    assert as_read(message)["resumeFrom"] == 3
