"""The HTTP part: is this process well, and what does it stream."""

import asyncio
import time
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException

from twincast.server.clock import now_ms
from twincast.server.hub import Hub
from twincast.server.live_stream import LiveStream
from twincast.server.request_ids import current_request_id
from twincast.streams.events import StreamId
from twincast.wire.message_types import UUID_PATTERN, StreamKind

_routes = APIRouter()

_GAPS_AT_ONCE: Final = 256
"""Listed without a break: half a millisecond."""


class ApiError(HTTPException):
    """An HTTP error with a stable code and a sentence that says what to do."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message, headers)
        self.code = code


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Health(_Body):
    """The process answers, and how much it carries."""

    status: Literal["ok"] = "ok"
    server_time: float = Field(description="Milliseconds since the epoch on the backend's clock.")
    connected_streams: int
    remembered_streams: int = Field(description="Streams without a connection that can still be resumed.")


class Ready(_Body):
    """Whether new streams are taken. `away`: what remembers streams for all processes does not answer."""

    status: Literal["ready", "full", "away"]


class Problem(_Body):
    """What every error answers."""

    code: str = Field(description="Stable; the sentence is not.")
    message: str


class TokenRequest(_Body):
    """Which session the tokens are for."""

    session: str = Field(pattern=UUID_PATTERN, description="The UUID that both streams will carry.")


class Tokens(_Body):
    """One token per stream, for the `token` of its `hello`."""

    video: str
    audio: str
    expires_at: float = Field(description="Milliseconds since the epoch. A stream that is known resumes after it, too.")
    expires_in: int = Field(description="Seconds from now, for who has another clock.")


class GapBody(_Body):
    """Chunks that will never come, both ends included."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_seq: int = Field(serialization_alias="from")
    to_seq: int = Field(serialization_alias="to")
    ms: float
    reason: str


class SegmentBody(_Body):
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
    return router


async def handle_error(_request: Request, error: Exception) -> JSONResponse:
    """Answers what a route raised."""
    return answer_error(error)


def answer_error(error: Exception) -> JSONResponse:
    """Every HTTP error as {code, message}."""
    match error:
        case RequestValidationError():
            problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return _problem(422, "bad-request", f"{problems}.")
        case ApiError():
            return _problem(error.status_code, error.code, error.detail, error.headers)
        case HTTPException():
            return _problem(
                error.status_code, error.detail.lower().replace(" ", "-"), f"{error.detail}.", error.headers
            )
        case _:
            # Starlette answers this one outside every middleware, so that its id is put here.
            headers = {"X-Request-Id": current_request_id()}
            return _problem(500, "internal", "A fault in the backend; its log has the request's id.", headers)


def _problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status, headers)


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
    """Lists the streams that are connected or can be resumed."""
    listed = []
    for live in list(hub.store):
        # Thousands of streams with their gaps take more than a second: everybody else has a turn every few.
        gaps = []
        known = tuple(live.stream.gaps)
        for at in range(0, len(known), _GAPS_AT_ONCE):
            gaps += [
                GapBody(from_seq=gap.from_seq, to_seq=gap.to_seq, ms=gap.ms, reason=gap.reason)
                for gap in known[at : at + _GAPS_AT_ONCE]
            ]
            await asyncio.sleep(0)
        listed.append(_describe(live, gaps, now_ms()).model_dump_json(by_alias=True))
        await asyncio.sleep(0)
    return Response(f'{{"streams":[{",".join(listed)}]}}', media_type="application/json")


def _describe(live: LiveStream, gaps: list[GapBody], now: float) -> StreamBody:
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
        gaps=gaps,
        segment=None if segment is None else SegmentBody.model_validate(segment),
        delay_p50_ms=stream.delays.quantile_ms(0.5),
        delay_p95_ms=stream.delays.quantile_ms(0.95),
        bytes_per_second=stream.rate.bytes_per_second(now),
        muted=stream.muted,
        resumes=stream.resumes,
        clock_offset_ms=stream.offset_ms,
        rtt_ms=stream.rtt_ms,
        queued_bytes=live.queued_bytes,
        verified=None if stream.ended is None else stream.ended.verified,
    )
