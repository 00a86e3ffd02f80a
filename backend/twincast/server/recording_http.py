"""The HTTP part for what was recorded: a list, one session, and its files, also while they grow."""

import asyncio
import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from twincast.access.watch_access import bearer
from twincast.server.file_response import GrowingFileResponse
from twincast.server.http_bodies import Problem
from twincast.server.http_errors import ApiError
from twincast.server.hub import Hub
from twincast.server.recording_bodies import RecordingBody, RecordingList, describe
from twincast.server.watch_bodies import WatchIdField, answer
from twincast.server.watch_http import REFUSALS, came_from_here, refusal
from twincast.sinks.recordings import Recordings
from twincast.wire.message_types import StreamKind
from twincast.wire.watch import WatchError

_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    **REFUSALS,
    404: {"model": Problem, "description": "Nothing is recorded here, or not this."},
}

_MEDIA_TYPES: Final = {".webm": "webm", ".mkv": "x-matroska", ".mp4": "mp4"}

_MAX_PAGE: Final = 200


def recording_routes(hub: Hub) -> APIRouter:
    """The routes of `hub`."""
    recordings = Recordings(hub.settings.file_sink_folder)
    routes = APIRouter(prefix="/recordings", tags=["watch"], responses=_RESPONSES)

    def check(request: Request, name: str | None) -> None:
        token = bearer(request.headers.get("authorization"))
        try:
            hub.watch.access.check(token, name, came_from_here(request), time.time())
        except WatchError as error:
            raise refusal(error) from None
        if not hub.settings.has_recordings:
            raise ApiError(404, "no-recordings", "Nothing is recorded here: SINKS has no file.")

    def check_list(request: Request) -> None:
        check(request, None)

    def check_one(request: Request, id: WatchIdField) -> None:
        check(request, id)

    def open_kinds(session: str) -> frozenset[str]:
        return frozenset(watched.id.kind for watched in hub.watch if watched.id.session == session)

    def body_of(session: str, in_full: bool) -> RecordingBody:
        name = hub.watch.access.watch_id(session)
        return describe(recordings.read(session), name, open_kinds(session), in_full)

    def page(limit: int, after: str | None) -> RecordingList:
        sessions = recordings.sessions()
        if after is not None:
            names = [hub.watch.access.watch_id(session) for session in sessions]
            sessions = sessions[names.index(after) + 1 :] if after in names else []
        bodies = [body_of(session, in_full=False) for session in sessions[:limit]]
        return RecordingList(recordings=bodies, next=bodies[-1].id if len(sessions) > limit else None)

    def session_of(name: str) -> str:
        session = recordings.find(lambda one: hub.watch.access.watch_id(one) == name)
        if session is None:
            raise _unknown("session")
        return session

    @routes.get("", dependencies=[Depends(check_list)], responses={200: {"model": RecordingList}})
    async def listed(
        limit: Annotated[int, Query(ge=1, le=_MAX_PAGE)] = 50, after: Annotated[WatchIdField | None, Query()] = None
    ) -> Response:
        """Lists the recorded sessions, the newest first, by names that are not their UUIDs."""
        return answer(await asyncio.to_thread(page, limit, after))

    @routes.get("/{id}", dependencies=[Depends(check_one)], responses={200: {"model": RecordingBody}})
    async def one(id: WatchIdField) -> Response:
        """One recorded session, with its segments, gaps and mutes."""
        return answer(await asyncio.to_thread(lambda: body_of(session_of(id), in_full=True)))

    @routes.get("/{id}/{kind}/{file}", dependencies=[Depends(check_one)], response_class=Response)
    async def media(id: WatchIdField, kind: StreamKind, file: str) -> Response:
        """A file as it was written, or a range of it; of one that grows what there is now."""
        path = await asyncio.to_thread(lambda: recordings.file(session_of(id), kind, file))
        if path is None:
            raise _unknown("file")
        subtype = _MEDIA_TYPES.get(path.suffix)
        return GrowingFileResponse(
            path,
            media_type="application/octet-stream" if subtype is None else f"{kind}/{subtype}",
            headers={"Cache-Control": "private, no-cache"},
        )

    return routes


def _unknown(what: str) -> ApiError:
    return ApiError(404, "unknown-recording", f"There is no such {what} here.")
