"""CORS for the HTTP part, by the same rule as the sockets."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from twincast.access.origins import OriginPolicy
from twincast.wire.close_codes import ProtocolError


class OriginCors(CORSMiddleware):
    """Answers pages that `policy` lets connect."""

    def __init__(self, app: ASGIApp, policy: OriginPolicy) -> None:
        super().__init__(app, allow_methods=("GET", "POST"), allow_headers=("Authorization", "Content-Type"))
        self._policy = policy

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether the page of `origin` may read answers."""
        try:
            self._policy.check(origin, None)
        except ProtocolError:
            return False
        return True
