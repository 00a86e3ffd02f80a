"""The HTTP part for viewers: what can be watched, and tokens for it."""

import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from twincast.access.watch_access import WATCH_TOKEN_LIFETIME_S, bearer, is_this_computer
from twincast.server.clock import now_ms
from twincast.server.http_bodies import Problem
from twincast.server.http_errors import ApiError
from twincast.server.hub import Hub
from twincast.server.live_stream import LiveStream
from twincast.server.watch_bodies import (
    Watchable,
    WatchableSession,
    WatchableStream,
    WatchableStreams,
    WatchToken,
    WatchTokenRequest,
    answer,
)
from twincast.server.watch_hub import WatchedStream
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
        return answer(_watchable(hub))

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


def _watchable(hub: Hub) -> Watchable:
    lives = {live.stream.id: live for live in hub.store}
    sessions: dict[str, list[WatchedStream]] = {}
    for watched in hub.watch:
        sessions.setdefault(watched.watch_id, []).append(watched)
    return Watchable(
        server_time=now_ms(),
        has_recordings=hub.settings.has_recordings,
        sessions=[_session(watch_id, streams, lives) for watch_id, streams in sessions.items()],
    )


def _session(watch_id: str, streams: list[WatchedStream], lives: dict[StreamId, LiveStream]) -> WatchableSession:
    user_agent = next((one.user_agent for one in streams if one.user_agent is not None), None)
    return WatchableSession(
        watch_id=watch_id,
        since=min(one.since_ms for one in streams),
        streams=WatchableStreams(**{one.id.kind: _stream(one, lives.get(one.id)) for one in streams}),
        **({} if user_agent is None else {"user_agent": user_agent}),
    )


def _stream(watched: WatchedStream, live: LiveStream | None) -> WatchableStream:
    figures: dict[str, Any] = {"bytes_per_second": 0, "bytes": 0, "chunks": 0, "gaps": 0}
    if live is not None:
        stream, segment = live.stream, live.stream.segment
        figures = {
            "bytes_per_second": stream.rate.bytes_per_second(now_ms()),
            "bytes": stream.bytes,
            "chunks": stream.chunks,
            "gaps": len(stream.gaps),
            "delay_ms": stream.delays.quantile_ms(0.5),
        }
        if segment is not None:
            figures |= {name: getattr(segment, name) for name in ("mime_type", "codecs", "width", "height")}
    return WatchableStream(
        state=watched.state,
        muted=watched.channel.is_muted,
        viewers=len(watched.viewers),
        **{name: value for name, value in figures.items() if value is not None},
    )
