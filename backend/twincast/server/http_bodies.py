"""What the HTTP part takes and answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from twincast.wire.message_types import UUID_PATTERN, StreamKind


class Body(BaseModel):
    """Snake case here, camel case on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Health(Body):
    """The process answers, and how much it carries."""

    status: Literal["ok"] = "ok"
    server_time: float = Field(description="Milliseconds since the epoch on the backend's clock.")
    connected_streams: int
    remembered_streams: int = Field(description="Streams without a connection that can still be resumed.")


class Ready(Body):
    """Whether new streams are taken. `away`: what remembers streams for all processes does not answer."""

    status: Literal["ready", "full", "away"]


class Problem(Body):
    """What every error answers."""

    code: str = Field(description="Stable; the sentence is not.")
    message: str


class TokenRequest(Body):
    """Which session the tokens are for."""

    session: str = Field(pattern=UUID_PATTERN, description="The UUID that both streams will carry.")


class Tokens(Body):
    """One token per stream, for the `token` of its `hello`."""

    video: str
    audio: str
    expires_at: float = Field(description="Milliseconds since the epoch. A stream that is known resumes after it, too.")
    expires_in: int = Field(description="Seconds from now, for who has another clock.")


class GapBody(Body):
    """Chunks that will never come, both ends included."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_seq: int = Field(serialization_alias="from")
    to_seq: int = Field(serialization_alias="to")
    ms: float
    reason: str


class SegmentBody(Body):
    """The segment of the newest range."""

    model_config = ConfigDict(from_attributes=True)

    segment: int
    mime_type: str
    codecs: str | None
    encoder: Annotated[str | None, BeforeValidator(lambda encoder: encoder and encoder.name)]
    width: int | None
    height: int | None
    facing: str | None
    orientation: float | None
    sample_rate: float | None
    channels: int | None


class StreamBody(Body):
    """One stream as the process knows it that has it; figures that only that one measures are empty or 0 else."""

    session: str = Field(description="The first 8 characters of the session's UUID.")
    stream: StreamKind
    state: Literal["connected", "gone", "ended"]
    connected: bool
    process: str | None = Field(description="Which of several processes has it; null where it is alone, or nobody has.")
    next_seq: int
    acked_seq: int = Field(description="The highest seq that every sink took; -1 before the first.")
    chunks: int
    bytes: int
    duplicates: int
    gaps: list[GapBody]
    segment: SegmentBody | None
    delay_p50_ms: float | None = Field(description="From capture to this process, median of the last 600 chunks.")
    delay_p95_ms: float | None
    bytes_per_second: float
    muted: bool
    resumes: int
    clock_offset_ms: float | None = Field(description="The client's estimate of backend clock minus its own.")
    rtt_ms: float | None
    queued_bytes: int = Field(description="Bytes that wait for a slow sink.")
    verified: bool | None = Field(description="Whether everything arrived; null until the stream has ended.")


class Streams(Body):
    """Every connected and remembered stream, of all processes that share an engine."""

    streams: list[StreamBody]
