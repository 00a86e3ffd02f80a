"""CORS for the HTTP part, by the same rule as the sockets."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp
from typing_extensions import override

from twincast.access.origins import OriginPolicy
from twincast.server.http_errors import ApiError, answer_error
from twincast.wire.close_codes import ProtocolError


class OriginCors(CORSMiddleware):
    """Answers pages that `policy` lets connect."""

    def __init__(self, app: ASGIApp, policy: OriginPolicy) -> None:
        super().__init__(
            app,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "Range"),
            expose_headers=("Accept-Ranges", "Content-Range", "ETag"),
        )
        self._policy = policy

    @override
    def preflight_response(self, request_headers: Headers) -> Response:
        """As Starlette's, but a refusal has the form of every other error."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return answer_error(ApiError(response.status_code, "cors", f"{bytes(response.body).decode()}.", kept))

    @override
    def is_allowed_origin(self, origin: str) -> bool:
        """Whether the page of `origin` may read answers."""
        try:
            self._policy.check(origin, None)
        except ProtocolError:
            return False
        return True
