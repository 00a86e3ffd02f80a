"""What the HTTP part for viewers takes and answers (protocol/watch.md). Fields that are not set are absent."""

from typing import Annotated, Literal

from fastapi import Response
from pydantic import Field

from twincast.server.http_bodies import Body
from twincast.wire.watch import WATCH_ID_PATTERN

WatchIdField = Annotated[str, Field(pattern=WATCH_ID_PATTERN, description="Names a session to its viewers.")]


class WatchableStream(Body):
    """A stream that can be watched now."""

    state: Literal["live", "gone"] = Field(description="gone: the phone has no connection.")
    muted: bool
    viewers: int
    bytes_per_second: float
    bytes: int
    chunks: int
    gaps: int
    delay_ms: float | None = Field(default=None, description="From capture to this backend, median of the last 600.")
    mime_type: str | None = None
    codecs: str | None = None
    width: int | None = None
    height: int | None = None


class WatchableStreams(Body):
    """Those of one session."""

    video: WatchableStream | None = None
    audio: WatchableStream | None = None


class WatchableSession(Body):
    """A session that can be watched now."""

    watch_id: WatchIdField
    since: float = Field(description="When this backend first saw it, in milliseconds since the epoch.")
    user_agent: str | None = None
    streams: WatchableStreams


class Watchable(Body):
    """All that can be watched now."""

    server_time: float = Field(description="Milliseconds since the epoch on the backend's clock.")
    has_recordings: bool
    sessions: list[WatchableSession]


class WatchTokenRequest(Body):
    """What the token is for."""

    watch_id: WatchIdField | None = Field(default=None, description="Absent: every session, and the lists.")


class WatchToken(Body):
    """For the `token` of `watch`, and as a Bearer."""

    token: str
    expires_at: float = Field(description="Milliseconds since the epoch.")
    expires_in: int = Field(description="Seconds from now, for who has another clock.")


def answer(body: Body) -> Response:
    """`body` as JSON, without what is not set."""
    return Response(body.model_dump_json(by_alias=True, exclude_unset=True), media_type="application/json")
