"""The HTTP part: is this process well, and what does it stream."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from hub import Hub, LiveStream, now_ms
from protocol import StreamKind

router = APIRouter()


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Health(_Body):
    """The process answers, and how much it carries."""

    status: Literal["ok"] = "ok"
    server_time: float = Field(description="Milliseconds since the epoch on the backend's clock.")
    connected_streams: int
    remembered_streams: int = Field(description="Streams without a connection that can still be resumed.")


class GapBody(_Body):
    """Chunks that will never come, both ends included."""

    from_: int = Field(alias="from")
    to: int
    ms: float
    reason: str


class SegmentBody(_Body):
    """The segment of the newest run."""

    segment: int
    mime_type: str
    codecs: str | None
    encoder: str | None
    width: int | None
    height: int | None
    facing: str | None
    orientation: float | None
    sample_rate: float | None
    channels: int | None


class StreamBody(_Body):
    """One stream as this process knows it."""

    session: str = Field(description="The first 8 characters of the session's UUID.")
    stream: StreamKind
    state: Literal["connected", "gone", "ended"]
    connected: bool
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


class Streams(_Body):
    """Every connected and remembered stream."""

    streams: list[StreamBody]


def get_hub(request: Request) -> Hub:
    """The hub of this application."""
    hub: Hub = request.app.state.hub
    return hub


HubDep = Annotated[Hub, Depends(get_hub)]


@router.get("/health")
async def health(hub: HubDep) -> Health:
    """Answers while the process is able to."""
    connected = hub.streams.connected
    return Health(server_time=now_ms(), connected_streams=connected, remembered_streams=len(hub.streams) - connected)


@router.get("/streams")
async def streams(hub: HubDep) -> Streams:
    """Lists the streams that are connected or can be resumed."""
    now = now_ms()
    return Streams(streams=[_describe(live, now) for live in hub.streams])


def _describe(live: LiveStream, now: float) -> StreamBody:
    stream = live.stream
    segment = stream.segment
    connected = live.connection is not None
    return StreamBody(
        session=stream.id.short,
        stream=stream.id.kind,
        state="ended" if stream.ended is not None else "connected" if connected else "gone",
        connected=connected,
        next_seq=stream.next_seq,
        acked_seq=stream.taken_seq,
        chunks=stream.chunks,
        bytes=stream.bytes,
        duplicates=stream.duplicates,
        gaps=[
            GapBody.model_validate({"from": gap.from_seq, "to": gap.to_seq, "ms": gap.ms, "reason": gap.reason})
            for gap in stream.gaps
        ],
        segment=None
        if segment is None
        else SegmentBody(
            segment=segment.segment,
            mime_type=segment.mime_type,
            codecs=segment.codecs,
            encoder=None if segment.encoder is None else segment.encoder.name,
            width=segment.width,
            height=segment.height,
            facing=segment.facing,
            orientation=segment.orientation,
            sample_rate=segment.sample_rate,
            channels=segment.channels,
        ),
        delay_p50_ms=stream.delays.quantile_ms(0.5),
        delay_p95_ms=stream.delays.quantile_ms(0.95),
        bytes_per_second=stream.rate.bytes_per_second(now),
        muted=stream.muted,
        resumes=stream.resumes,
        clock_offset_ms=stream.offset_ms,
        rtt_ms=stream.rtt_ms,
        queued_bytes=live.delivery.queued_bytes,
        verified=None if stream.ended is None else stream.ended.verified,
    )
