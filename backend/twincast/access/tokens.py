"""Who may stream and who may look: an optional shared secret, and short-lived tokens. Pure; time is given.

Three ways to run. Open: nothing is set. A shared secret: pages send it. A signing key: pages send a JWT that is bound
to one stream of one session, and the secret stays between servers.
"""

import hmac
import math
from dataclasses import dataclass
from typing import Final

import jwt

from twincast.streams.events import StreamId
from twincast.wire.close_codes import ErrorCode, ProtocolError

_ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "twincast"
_LEEWAY_S: Final = 5.0
"""How far the clocks of two servers may be apart (RFC 7519, 4.1.4)."""

MIN_SECRET_CHARACTERS: Final = 16
MIN_KEY_BYTES: Final = 32
"""RFC 7518, 3.2: an HS256 key is at least as long as its hash."""


@dataclass(frozen=True, slots=True)
class Access:
    """The access rules. Secrets are never part of a message or of `repr`."""

    secret: str | None
    signing_key: str | None
    token_lifetime_s: int

    def __repr__(self) -> str:
        return f"Access({'token' if self.signing_key else 'secret' if self.secret else 'open'})"

    @property
    def is_closed(self) -> bool:
        """Whether a stream needs a token."""
        return self.secret is not None or self.signing_key is not None

    @property
    def knows_streams(self) -> bool:
        """Whether `check_stream` answers otherwise for a stream that is known."""
        return self.signing_key is not None

    def check_stream(self, token: str | None, stream: StreamId, known: bool, now_s: float) -> None:
        """May this `hello` have this stream? Raises `unauthorised`.

        `known`: this process remembers the stream. Then its token resumes it even when it has expired, so that a cut
        does not end a long recording.
        """
        if self.signing_key is not None:
            self._check_token(self.signing_key, token, stream, known, now_s)
        elif self.secret is not None and not _same(token, self.secret):
            raise _unauthorised("The token of hello is not this backend's secret.")

    def may_look(self, authorization: str | None, in_production: bool) -> bool:
        """Whether the HTTP header lets its sender see /streams and /metrics and ask for tokens."""
        if self.secret is None:
            return not in_production and self.signing_key is None
        scheme, _, value = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and _same(value.strip(), self.secret)

    def issue(self, stream: StreamId, now_s: float) -> str:
        """A token for one stream of one session. A signing key must be set."""
        if self.signing_key is None:
            raise RuntimeError("no signing key")
        claims = {
            "aud": _AUDIENCE,
            "iat": int(now_s),
            "exp": int(now_s) + self.token_lifetime_s,
            "session": stream.session,
            "stream": stream.kind,
        }
        return jwt.encode(claims, self.signing_key, _ALGORITHM)

    @staticmethod
    def _check_token(key: str, token: str | None, stream: StreamId, known: bool, now_s: float) -> None:
        if token is None:
            raise _unauthorised("This backend wants a token in hello.")
        try:
            claims = jwt.decode(
                token,
                key,
                [_ALGORITHM],
                audience=_AUDIENCE,
                # The times are compared here, with the given clock.
                options={"require": ["exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError:
            raise _unauthorised("The token of hello was not made with this backend's key.") from None
        if (claims.get("session"), claims.get("stream")) != (stream.session, stream.kind):
            raise _unauthorised(f"The token of hello is not for the {stream.kind} stream of this session.")
        if _time_s(claims, "nbf", 0) > now_s + _LEEWAY_S:
            raise _unauthorised("The token of hello is not valid yet.")
        if _time_s(claims, "exp", 0) + _LEEWAY_S <= now_s and not known:
            raise _unauthorised("The token of hello has expired.")


def _time_s(claims: dict[str, object], name: str, default: float) -> float:
    """A NumericDate, which may have a fraction (RFC 7519, 2)."""
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unauthorised(f"The token of hello has an {name} that is no time; it counts as expired.")
    return value


def _same(given: str | None, secret: str) -> bool:
    return hmac.compare_digest((given or "").encode(), secret.encode())


def _unauthorised(message: str) -> ProtocolError:
    return ProtocolError(ErrorCode.UNAUTHORISED, message)
