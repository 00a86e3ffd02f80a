"""The shared vectors, and what the reader of frames and messages does beyond them."""

import json
import re
import time
import timeit
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import claim, frame
from twincast.streams.ranges import RangeLog
from twincast.wire.chunk import format_chunk, parse_chunk
from twincast.wire.close_codes import CLOSE_CODES, CLOSE_NORMAL, CLOSE_RESTART, ErrorCode, ProtocolError
from twincast.wire.message_types import SUBPROTOCOL, Ended, Gap, HashedRange, Limits, RangeResult
from twincast.wire.messages import (
    format_ack,
    format_ended,
    format_error,
    format_pong,
    format_ready,
    format_watched,
    parse_client_message,
    text_bytes,
)
from twincast.wire.reading import MAX_DEPTH

PROTOCOL = Path(__file__).parents[2] / "protocol"
VECTORS = json.loads((PROTOCOL / "vectors.json").read_text())
MAX_CHUNK_BYTES = 262_144


HELLO = '{"type":"hello","session":"3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3","resumeFrom":0}'


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", VECTORS[section], ids=lambda vector: str(vector["name"]))


def as_read(message: Any) -> Any:
    """A message as the vectors write it down: absent fields left out."""
    return without_none(json.loads(msgspec.json.encode(message)))


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


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


@named("chunks")
def test_writes_a_chunk_as_written_down(vector: Any) -> None:
    message = bytes.fromhex(vector["hex"])
    assert format_chunk(parse_chunk(message, MAX_CHUNK_BYTES)) == message


@named("badChunks")
def test_refuses_a_malformed_chunk_with_its_code(vector: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_chunk(bytes.fromhex(vector["hex"]), MAX_CHUNK_BYTES)
    assert caught.value.code == vector["code"]


@named("clientMessages")
def test_reads_a_client_message_as_written_down(vector: Any) -> None:
    assert as_read(parse_client_message(vector["text"])) == vector["read"]


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
        case "watched":
            return format_watched(read["viewers"])
        case "ended":
            gaps = tuple(Gap(gap["from"], gap["to"], gap["ms"], gap["reason"]) for gap in read["gaps"])
            ranges = tuple(RangeResult(one["segment"], one["from"], one["state"]) for one in read["ranges"])
            return format_ended(Ended(read["chunks"], read["bytes"], gaps, read["verified"], ranges))
        case "error":
            return format_error(ProtocolError(ErrorCode(read["code"]), read["message"], read.get("seq")))
        case other:
            raise AssertionError(other)


@named("backendMessages")
def test_writes_a_backend_message_as_written_down(vector: Any) -> None:
    assert json.loads(format_read(vector["read"])) == json.loads(vector["text"])


def test_the_backend_closes_with_the_codes_of_the_vectors() -> None:
    specified = {vector["code"]: vector["name"] for vector in VECTORS["closeCodes"]}
    assert specified[CLOSE_NORMAL] == "normal"
    assert specified[CLOSE_RESTART] == "restart"
    for name, code in CLOSE_CODES.items():
        assert specified[code] == name
    ours = {code for code in specified if code >= 4_000}
    assert ours == {code for code in CLOSE_CODES.values() if code >= 4_000}


def test_the_specification_lists_the_close_codes_of_the_vectors() -> None:
    reactions = {
        "stay-closed": "stays closed",
        "retry": "retries",
        "drop-chunk": "reports the chunk as a gap, retries",
        "give-up": "gives up",
    }
    table = (PROTOCOL / "README.md").read_text().partition("## Close codes")[2]
    rows = re.findall(r"^\| (\d{4}) \| (?:`([a-z-]+)`|\(none\)) \| .* \| ([^|]+) \|$", table, re.MULTILINE)
    assert [(int(code), name or None, client) for code, name, client in rows] == [
        (vector["code"], vector["name"], reactions[vector["client"]]) for vector in VECTORS["closeCodes"]
    ]


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
        ('{"type":"muted","muted":true,"x":' + "[" * 20_000 + "}", "nested deeper than 8 levels"),
        ('{"type":"muted","muted":true,"x":{"a":{"b":{"c":[{"d":[{"e":[{"f":1}]}]}]}}}}', "nested deeper"),
        ('{"type":"ping","t":' + "9" * 5_000 + "}", "t must be a number from"),
        ('{"type":"ping","t":' + "9" * 400 + "}", "t must be a number from"),
        ('{"type":"ping","t":true}', "t must be a number."),
        ('{"type":"ping","t":1,"offsetMs":1e17}', "offsetMs must be a number from"),
        ('{"type":"muted"}', "muted must be true or false"),
        ('{"type":"segment","segment":0,"mimeType":"a\\u001b[31m","startedAt":1}', "mimeType holds characters"),
        ('{"type":"segment","segment":0,"mimeType":"\\ud800","startedAt":1}', "not JSON"),
        ('{"type":"segment","segment":0,"mimeType":1,"startedAt":1}', "mimeType must be text"),
        ('{"type":"segment","segment":0,"mimeType":"' + "a" * 2_001 + '","startedAt":1}', "2001 characters"),
        ('{"type":"segment","segment":0,"mimeType":"a","startedAt":1,"encoder":"me"}', "encoder must be an object"),
        ('{"type":"segment","segment":0,"mimeType":"a","startedAt":1,"encoder":{"name":"x"}}', "name must be one of"),
        ('{"type":"end","lastSeq":0,"segments":{}}', "segments must be a list of objects"),
        ('{"type":"end","lastSeq":0,"segments":[1]}', "segments must be a list of objects"),
        ('{"type":"end","lastSeq":0,"segments":[{}]}', "segment must be a whole number from 0 to 65535"),
        ('{"type":"end","lastSeq":0,"segments":[' + ",".join([json.dumps(claim(0, 0))] * 4_097) + "]}", "4097 entries"),
        ('{"type":"shout"}', "type must be one of hello, segment, gap, muted, ping, end"),
        ("[]", "not a JSON object"),
        ('{"type":"hello","resumeFrom":0}', "session must be a UUID in its canonical lower-case form"),
        (HELLO.replace('e3"', 'e3\\n"'), "session must be a UUID in its canonical lower-case form"),
        (HELLO[:-1] + ',"client":{"userAgent":5}}', "userAgent must be text"),
        (HELLO[:-1] + ',"client":7}', "client must be an object"),
        (HELLO.replace(":0}", ":0.5}"), "resumeFrom must be a whole number."),
        (HELLO[:-1] + ',"connection":-1}', "connection must be a whole number from 0 to 9007199254740991."),
        (HELLO.replace(":0}", ":-1}"), "resumeFrom must be a whole number from 0 to 4294967296."),
        ('{"type":"gap","from":2,"to":1,"ms":0,"reason":"too-large"}', "A gap must not end before it begins."),
        ('{"type":"gap","from":2,"to":3,"ms":0,"reason":"x"}', "reason must be one of outbox-full, too-far-behind"),
        ('{"type":"ping","t":1', "not JSON"),
    ],
)
def test_says_what_is_wrong_with_hostile_text(text: str, says: str) -> None:
    with pytest.raises(ProtocolError, match=re.escape(says)):
        parse_client_message(text)


@named("chains")
def test_a_range_is_hashed_as_the_vectors_say(vector: dict[str, Any]) -> None:
    ranges = RangeLog()
    ranges.begin(0, 0)
    payloads = [bytes.fromhex(payload) for payload in vector["payloads"]]
    for payload in payloads:
        ranges.add(memoryview(payload))
    claimed = HashedRange(0, 0, sum(map(len, payloads)), vector["chain"])
    assert ranges.compare((claimed,)) == (RangeResult(0, 0, "verified"),)


def test_whole_numbers_of_an_end_may_be_floats_too() -> None:
    entry = {"segment": 1.0, "from": 2.0, "bytes": 3.0, "chain": "0" * 64}
    message = parse_client_message(json.dumps({"type": "end", "lastSeq": 4.0, "segments": [entry]}))
    assert as_read(message) == {
        "type": "end",
        "lastSeq": 4,
        "segments": [{"segment": 1, "from": 2, "bytes": 3, "chain": "0" * 64}],
    }


def test_a_whole_number_may_be_written_as_a_float_as_javascript_cannot_tell() -> None:
    message = parse_client_message(
        '{"type":"hello","session":"3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3","resumeFrom":3.0,"a":{},"b":[],"c":[[]],"d":{},"e":[]}'
    )
    assert as_read(message)["resumeFrom"] == 3


@pytest.mark.parametrize("inner", ["{" * 5_001, "[" * 9, '\\"[[[[[[[[[\\\\', '\\\\\\"{{{{{{{{{'])
def test_brackets_in_a_text_are_no_nesting(inner: str) -> None:
    assert as_read(parse_client_message(HELLO[:-1] + f',"x":"{inner}"}}')) == json.loads(HELLO)


@pytest.mark.parametrize(("levels", "taken"), [(7, True), (8, False)])
def test_eight_levels_are_taken_and_nine_are_not(levels: int, taken: bool) -> None:
    text = HELLO[:-1] + ',"x":' + "[" * levels + "]" * levels + "}"
    if taken:
        parse_client_message(text)
    else:
        with pytest.raises(ProtocolError, match="nested deeper than 8 levels"):
            parse_client_message(text)


bracketed = st.text(st.sampled_from('[]{}"\\\\'), max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | bracketed,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(bracketed, inner, max_size=3),
    max_leaves=30,
)


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(json_values, st.integers(0, 8))
def test_the_depth_is_that_of_the_parsed_message(value: Any, wrapped: int) -> None:
    for _ in range(wrapped):
        value = [value]
    text = json.dumps(json.loads(HELLO) | {"x": value}, ensure_ascii=False)
    if depth(value) < MAX_DEPTH:
        parse_client_message(text)
    else:
        with pytest.raises(ProtocolError, match="nested deeper"):
            parse_client_message(text)


def test_the_size_of_a_text_is_that_of_its_bytes() -> None:
    assert (text_bytes("abc"), text_bytes("äbc"), text_bytes("🎥")) == (3, 4, 4)


def test_an_end_with_the_most_ranges_is_read_in_a_few_milliseconds() -> None:
    claims = [claim(number // 2, number * 1_000, b"x") | {"bytes": number * 10**6} for number in range(4_000)]
    text = json.dumps({"type": "end", "lastSeq": 4_000_000, "segments": claims})
    parse_client_message(text)
    ours = timeit.Timer(lambda: parse_client_message(text), timer=time.process_time)
    plain = timeit.Timer(lambda: json.loads(text), timer=time.process_time)
    # In turns and by the processor's own time: the machine may have other things to do, or a slower moment.
    runs = [(ours.timeit(1), plain.timeit(1)) for _ in range(15)]
    # Python's own reader, which takes about 2 ms here, only finds the fields; this one judges every one of them.
    assert min(ours_s for ours_s, _ in runs) < 3 * min(plain_s for _, plain_s in runs)
