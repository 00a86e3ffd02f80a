"""The HTTP part for viewers: what can be watched, and tokens for it."""

import time
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from twincast.access.watch_access import WATCH_TOKEN_LIFETIME_S, bearer, is_this_computer
from twincast.server.clock import now_ms
from twincast.server.http_bodies import Problem
from twincast.server.http_errors import ApiError
from twincast.server.hub import Hub
from twincast.server.watch_bodies import (
    Watchable,
    WatchableSession,
    WatchableStream,
    WatchableStreams,
    WatchToken,
    WatchTokenRequest,
    answer,
)
from twincast.streams.events import StreamId
from twincast.wire.watch import WatchCode, WatchError

_STATUS: Final = {WatchCode.WATCH_OFF: 403, WatchCode.UNAUTHORISED: 401}

REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Problem, "description": "The watch key, or the token for watching, is missing, wrong or expired."},
    403: {"model": Problem, "description": "Watching is switched off here."},
}


def refusal(error: WatchError) -> ApiError:
    """The same as an HTTP error."""
    status = _STATUS[error.code]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return ApiError(status, error.code.value, error.message, headers)


def came_from_here(request: Request) -> bool:
    """Whether the request comes from this computer."""
    client, headers = request.client, request.headers
    return is_this_computer(client and client.host, headers.get("host"), headers.get("x-forwarded-host"))


def watch_routes(hub: Hub) -> APIRouter:
    """The routes of `hub`."""

    def check_list(request: Request) -> None:
        token = bearer(request.headers.get("authorization"))
        try:
            hub.watch.access.check(token, None, came_from_here(request), time.time())
        except WatchError as error:
            raise refusal(error) from None

    def check_key(request: Request) -> None:
        key = bearer(request.headers.get("authorization"))
        try:
            hub.watch.access.check_key(key, came_from_here(request))
        except WatchError as error:
            raise refusal(error) from None

    routes = APIRouter(prefix="/watch", tags=["watch"])

    @routes.get("/streams", responses={**REFUSALS, 200: {"model": Watchable}}, dependencies=[Depends(check_list)])
    async def watchable() -> Response:
        """Lists the sessions that can be watched now, by names that are not their UUIDs."""
        return answer(await _watchable(hub))

    @routes.post("/tokens", responses={**REFUSALS, 200: {"model": WatchToken}}, dependencies=[Depends(check_key)])
    async def tokens(wanted: Annotated[WatchTokenRequest, Depends(_body)]) -> Response:
        """Gives who has the watch key a token that opens one session, or all, for an hour."""
        now_s = time.time()
        return answer(
            WatchToken(
                token=hub.watch.access.issue(wanted.watch_id, now_s),
                expires_at=(int(now_s) + WATCH_TOKEN_LIFETIME_S) * 1000,
                expires_in=WATCH_TOKEN_LIFETIME_S,
            )
        )

    return routes


def _body(wanted: WatchTokenRequest | None = None) -> WatchTokenRequest:
    """Of a request without one: everything."""
    return wanted or WatchTokenRequest()


async def _watchable(hub: Hub) -> Watchable:
    """Of all processes that share an engine."""
    sessions: dict[str, list[tuple[StreamId, WatchableStream]]] = {}
    for stream_id, text in (await hub.store.listing()).items():
        listed = msgspec.json.decode(text, type=_Listed)
        if listed.state != "ended":
            sessions.setdefault(stream_id.session, []).append((stream_id, _stream(hub, stream_id, listed)))
    since_ms = hub.watch.seen(sessions)
    return Watchable(
        server_time=now_ms(),
        has_recordings=hub.settings.has_recordings,
        sessions=[_session(hub, session, since_ms[session], dict(streams)) for session, streams in sessions.items()],
    )


def _session(hub: Hub, session: str, since_ms: float, streams: dict[StreamId, WatchableStream]) -> WatchableSession:
    watched = [one for one in map(hub.watch.of, streams) if one is not None]
    user_agent = next((one.user_agent for one in watched if one.user_agent is not None), None)
    return WatchableSession(
        watch_id=hub.watch.access.watch_id(session),
        since=since_ms,
        streams=WatchableStreams(**{stream_id.kind: stream for stream_id, stream in streams.items()}),
        **({} if user_agent is None else {"user_agent": user_agent}),
    )


def _stream(hub: Hub, stream_id: StreamId, listed: "_Listed") -> WatchableStream:
    optional = {
        "delay_ms": listed.delay_p50_ms,
        **({} if listed.segment is None else msgspec.structs.asdict(listed.segment)),
    }
    return WatchableStream(
        state="live" if listed.state == "connected" else "gone",
        muted=listed.muted,
        viewers=hub.watch.viewers(stream_id),
        bytes_per_second=listed.bytes_per_second,
        bytes=listed.bytes,
        chunks=listed.chunks,
        gaps=len(listed.gaps),
        **{name: value for name, value in optional.items() if value is not None},
    )


class _ListedSegment(msgspec.Struct, rename="camel"):
    mime_type: str
    codecs: str | None = None
    width: int | None = None
    height: int | None = None


class _Listed(msgspec.Struct, rename="camel"):
    """Of `StreamBody`, what viewers are told: without the session."""

    state: str
    muted: bool
    bytes_per_second: float
    bytes: int
    chunks: int
    gaps: list[msgspec.Raw]
    delay_p50_ms: float | None = msgspec.field(default=None, name="delayP50Ms")
    segment: _ListedSegment | None = None
