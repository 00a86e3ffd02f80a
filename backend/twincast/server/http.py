"""The HTTP part: is this process well, and what does it stream."""

import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from twincast.server.clock import now_ms
from twincast.server.http_bodies import (
    Health,
    Problem,
    Ready,
    Streams,
    TokenRequest,
    Tokens,
)
from twincast.server.http_errors import ApiError
from twincast.server.hub import Hub
from twincast.server.recording_http import recording_routes
from twincast.server.watch_http import watch_routes
from twincast.streams.events import StreamId

_routes = APIRouter()


def get_hub(request: Request) -> Hub:
    """The hub that `http_routes` bound to this request."""
    hub: Hub = request.state.twincast_hub
    return hub


HubDep = Annotated[Hub, Depends(get_hub)]


def check_access(hub: HubDep, authorization: Annotated[str | None, Header()] = None) -> None:
    """Lets pass who has the secret, and in development without one, everybody."""
    if hub.access.may_look(authorization, hub.settings.in_production):
        return
    if hub.access.secret is None:
        raise ApiError(403, "closed", "Set ACCESS_SECRET to open this address in production.")
    raise ApiError(
        401, "unauthorised", "Send the header: Authorization: Bearer <ACCESS_SECRET>.", {"WWW-Authenticate": "Bearer"}
    )


Guarded = Depends(check_access)
GUARDED: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The secret is missing or wrong."},
    403: {"model": Problem, "description": "Closed in production while no ACCESS_SECRET is set."},
}


def http_routes(hub: Hub) -> APIRouter:
    """The routes, for an application that may have several hubs, or none of its own."""

    def bind(request: Request) -> None:
        if hub.is_leaving:
            raise ApiError(503, "restart", "This process is about to end; ask again in a moment.", {"Retry-After": "1"})
        request.state.twincast_hub = hub

    router = APIRouter()
    router.include_router(_routes, dependencies=[Depends(bind)])
    router.include_router(watch_routes(hub), dependencies=[Depends(bind)])
    router.include_router(recording_routes(hub), dependencies=[Depends(bind)])
    return router


@_routes.get("/health")
async def health(hub: HubDep) -> Health:
    """Answers while the process is able to."""
    store = hub.store
    return Health(server_time=now_ms(), connected_streams=store.connected, remembered_streams=store.remembered)


@_routes.get("/ready", responses={503: {"model": Ready, "description": "No stream is taken now."}})
async def ready(hub: HubDep, response: Response) -> Ready:
    """Answers 200 while there is a place for another stream."""
    state = hub.store.state
    if state != "ready":
        response.status_code = 503
    return Ready(status=state)


@_routes.get("/metrics", dependencies=[Guarded], responses=GUARDED, response_class=PlainTextResponse)
async def metrics(hub: HubDep) -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(hub.metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@_routes.post("/tokens", dependencies=[Guarded], responses=GUARDED)
async def tokens(hub: HubDep, wanted: TokenRequest) -> Tokens:
    """Issues short-lived tokens for the two streams of a session, to a server that has the secret."""
    if hub.access.signing_key is None:
        raise ApiError(404, "no-tokens", "This backend issues no tokens; set TOKEN_SIGNING_KEY.")
    now_s = time.time()
    return Tokens(
        video=hub.access.issue(StreamId(wanted.session, "video"), now_s),
        audio=hub.access.issue(StreamId(wanted.session, "audio"), now_s),
        expires_at=(int(now_s) + hub.access.token_lifetime_s) * 1000,
        expires_in=hub.access.token_lifetime_s,
    )


_STREAMS: Final[dict[int | str, dict[str, Any]]] = {**GUARDED, 200: {"model": Streams}}


@_routes.get("/streams", dependencies=[Guarded], responses=_STREAMS, response_class=JSONResponse)
async def streams(hub: HubDep) -> Response:
    """Lists the streams that are connected or can be resumed, of all processes that share an engine."""
    listed = (await hub.store.listing()).values()
    return Response(f'{{"streams":[{",".join(listed)}]}}', media_type="application/json")
