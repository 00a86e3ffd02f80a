"""Whatever a stranger sends: a message, or the documented error, and no allocation that outgrows the input."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.wire import frame
from twincast.streams.events import StreamId
from twincast.streams.stream import Stream
from twincast.wire.chunk import HEADER_BYTES, Chunk, parse_chunk
from twincast.wire.close_codes import ErrorCode, ProtocolError
from twincast.wire.messages import parse_client_message

VECTORS = json.loads((Path(__file__).parents[2] / "protocol" / "vectors.json").read_text())
TEXTS = [vector["text"] for section in ("clientMessages", "badClientMessages") for vector in VECTORS[section]]
FRAMES = [bytes.fromhex(vector["hex"]) for section in ("chunks", "badChunks") for vector in VECTORS[section]]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
FIELD_NAMES = sorted({name for vector in VECTORS["clientMessages"] for name in vector["read"]})
field_names = st.sampled_from(FIELD_NAMES)
plausible_messages = st.builds(
    lambda kind, fields: {"type": kind, **fields},
    st.sampled_from(["hello", "segment", "gap", "muted", "ping", "end"]),
    st.dictionaries(field_names, json_values | st.integers(-2, 2**33), max_size=8),
)


@st.composite
def mutated(draw: st.DrawFn, corpus: list[Any]) -> Any:
    """A member of the corpus with a slice of it replaced."""
    seed = draw(st.sampled_from(corpus))
    start = draw(st.integers(0, len(seed)))
    end = draw(st.integers(start, len(seed)))
    middle = draw(st.binary(max_size=8) if isinstance(seed, bytes) else st.text(max_size=8))
    return seed[:start] + middle + seed[end:]


def read_text(text: str) -> None:
    """Any exception but the documented one fails the test."""
    refusal = None
    try:
        parse_client_message(text)
    except ProtocolError as error:
        refusal = error
    if refusal is not None:
        assert refusal.code is ErrorCode.BAD_MESSAGE
        assert refusal.message.encode()  # it goes back to the client


@given(st.text() | mutated(TEXTS))
@example("\ud800")
def test_any_text_is_a_message_or_a_bad_message(text: str) -> None:
    read_text(text)


@given(plausible_messages | json_values)
def test_any_json_is_a_message_or_a_bad_message(value: Any) -> None:
    read_text(json.dumps(value))


@given(st.binary(max_size=64) | mutated(FRAMES))
def test_any_bytes_are_a_chunk_or_a_documented_error(data: bytes) -> None:
    result: Chunk | ProtocolError
    try:
        result = parse_chunk(data, 16)
    except ProtocolError as error:
        result = error
    if isinstance(result, Chunk):
        assert 0 <= result.captured_from_ms <= result.captured_to_ms
        assert bytes(result.payload) == data[HEADER_BYTES:]
    elif result.code is ErrorCode.TOO_LARGE:
        assert len(data) > HEADER_BYTES + 16
    else:
        assert result.code is ErrorCode.BAD_MESSAGE


@given(st.lists(mutated(TEXTS) | mutated(FRAMES) | st.builds(frame, st.integers(0, 3)), max_size=12))
def test_any_conversation_leaves_the_stream_state_whole(messages: list[str | bytes]) -> None:
    """Every message is taken or refused; what was taken stays a row without holes."""
    stream = Stream(StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video"))
    stream.open(0)
    taken = 0
    for raw in messages:
        try:
            if isinstance(raw, bytes):
                events = stream.take_chunk(parse_chunk(raw, 1024), 1.0)
                taken += bool(events)
            else:
                message = parse_client_message(raw)
                match type(message).__name__:
                    case "Segment":
                        stream.announce(message)  # type: ignore[arg-type]
                    case "Gap":
                        before = stream.next_seq
                        stream.take_gap(message)  # type: ignore[arg-type]
                        taken += stream.next_seq - before
                    case "Muted":
                        stream.take_muted(message)  # type: ignore[arg-type]
                    case "Ping":
                        stream.take_ping(message)  # type: ignore[arg-type]
                    case "End":
                        stream.take_end(message)  # type: ignore[arg-type]
        except ProtocolError:
            pass
        assert stream.next_seq == taken


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        '{"a":' * 80_000,
        '{"type":"ping","t":1,"x":"' + "a" * 500_000 + '"}',
        '{"type":"end","lastSeq":0,"segments":[' + ",".join(["{}"] * 150_000) + "]}",
        '{"type":"ping","t":1,"x":[' + ",".join(["[]"] * 150_000) + "]}",
    ],
    ids=["open brackets", "open objects", "long text", "many entries", "many lists"],
)
def test_half_a_megabyte_of_malice_costs_a_bounded_multiple_of_itself(text: str) -> None:
    tracemalloc.start()
    try:
        read_text(text)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 100 * 2**20
