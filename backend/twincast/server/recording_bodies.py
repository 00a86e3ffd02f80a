"""What is answered of recordings (protocol/watch.md). Fields that are not set are absent."""

from typing import Any

from pydantic import ConfigDict, Field

from twincast.server.http_bodies import Body
from twincast.server.watch_bodies import WatchIdField
from twincast.sinks.recordings import RecordedSegment, RecordedStream, Recording, RecordingState


class SegmentFile(Body):
    """One file, with the fields that the phone announced of its segment."""

    model_config = ConfigDict(extra="allow")

    segment: int
    from_seq: int = Field(alias="from")
    to_seq: int = Field(alias="to")
    file: str
    bytes: int
    chunks: int
    header_missing: bool
    mime_type: str
    captured_from: float | None
    captured_to: float | None


class StreamSummary(Body):
    """One stream, in the list."""

    state: RecordingState
    bytes: int
    chunks: int
    gaps: int
    gap_ms: float
    verified: bool | None = None


class RecordedStreamBody(StreamSummary):
    """One stream, with all that is known of it."""

    segments: list[SegmentFile]
    gap_list: list[dict[str, Any]]
    mutes: list[dict[str, Any]]


class RecordedStreams(Body):
    """Those of one session, with all that is known or in short."""

    video: RecordedStreamBody | StreamSummary | None = None
    audio: RecordedStreamBody | StreamSummary | None = None


class RecordingBody(Body):
    """A recorded session. Times are the phone's, in milliseconds since the epoch."""

    id: WatchIdField
    state: RecordingState
    started_at: float | None
    ended_at: float | None
    duration_ms: float
    bytes: int
    verified: bool | None = None
    user_agent: str | None = None
    streams: RecordedStreams


class RecordingList(Body):
    """The newest first."""

    recordings: list[RecordingBody]
    next: WatchIdField | None = Field(description="The `after` of the next page, if there is one.")


def describe(recording: Recording, name: str, open_kinds: frozenset[str], in_full: bool) -> RecordingBody:
    """`recording` by its `name`; `open_kinds`: those of its streams that this process has open now."""
    streams = recording.streams
    states = {kind: _state(stream, kind in open_kinds) for kind, stream in streams.items()}
    starts = [at for one in streams.values() if (at := one.captured_from_ms) is not None]
    ends = [at for one in streams.values() if (at := one.captured_to_ms) is not None]
    optional: dict[str, Any] = {}
    verdicts = [one.verified for one in streams.values()]
    if verdicts and None not in verdicts:
        optional["verified"] = all(verdicts)
    user_agent = next((one.user_agent for one in streams.values() if one.user_agent is not None), None)
    if user_agent is not None:
        optional["user_agent"] = user_agent
    return RecordingBody(
        id=name,
        state=_worst(list(states.values())),
        started_at=min(starts, default=None),
        ended_at=max(ends, default=None),
        duration_ms=max(ends) - min(starts) if starts else 0,
        bytes=sum(one.bytes for one in streams.values()),
        streams=RecordedStreams(**{kind: _stream(stream, states[kind], in_full) for kind, stream in streams.items()}),
        **optional,
    )


def _state(stream: RecordedStream, is_open: bool) -> RecordingState:
    if stream.verified is not None:
        return "ended"
    return "recording" if is_open and not stream.is_closed else "cut"


def _worst(states: list[RecordingState]) -> RecordingState:
    if "recording" in states:
        return "recording"
    return "ended" if states and set(states) == {"ended"} else "cut"


def _stream(stream: RecordedStream, state: RecordingState, in_full: bool) -> StreamSummary:
    summary: dict[str, Any] = {
        "state": state,
        "bytes": stream.bytes,
        "chunks": stream.chunks,
        "gaps": len(stream.gaps),
        "gap_ms": sum(gap["ms"] for gap in stream.gaps),
    }
    if stream.verified is not None:
        summary["verified"] = stream.verified
    if not in_full:
        return StreamSummary(**summary)
    return RecordedStreamBody(
        **summary,
        segments=[_segment(one) for one in stream.segments],
        gap_list=stream.gaps,
        mutes=stream.mutes,
    )


def _segment(one: RecordedSegment) -> SegmentFile:
    return SegmentFile(
        **one.announced,
        **{"from": one.from_seq, "to": one.to_seq},
        file=one.file,
        bytes=one.bytes,
        chunks=one.chunks,
        header_missing=one.header_missing,
        captured_from=one.captured_from_ms,
        captured_to=one.captured_to_ms,
    )
