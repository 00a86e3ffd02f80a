"""Who may see and hear what others stream: the watch key, tokens of their own audience, names. Pure; time is given.

A secret or token that lets somebody send opens nothing here, and none of these lets anybody send.
"""

import hashlib
import hmac
import ipaddress
import math
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import jwt

from twincast.access.tokens import MIN_SECRET_CHARACTERS, Access
from twincast.wire.watch import WatchCode, WatchError

WATCH_AUDIENCE: Final = "twincast-watch"
WATCH_TOKEN_LIFETIME_S: Final = 3_600
EVERYTHING: Final = "*"
"""The claim `watch` of a token for all sessions."""

_ALGORITHM: Final = "HS256"
_LEEWAY_S: Final = 5.0
_WATCH_ID_BYTES: Final = 16


def watching_problem(key: str | None, access: Access, is_on_in_production: bool, is_fleet: bool) -> str | None:
    """What is unsafe, or cannot work, about these settings of watching, in a sentence that says what to do."""
    if key is not None and len(key) < MIN_SECRET_CHARACTERS:
        return f"WATCH_KEY must have at least {MIN_SECRET_CHARACTERS} characters."
    if key is not None and key == access.secret:
        return "WATCH_KEY must not be ACCESS_SECRET: who may send need not see others."
    if not is_on_in_production:
        return None
    if key is None and access.secret is None:
        return "WATCH=1 lets people see what phones stream. In production that needs a WATCH_KEY."
    if key is None and access.signing_key is None:
        return (
            "WATCH=1 with ACCESS_SECRET alone lets every visitor of the page watch every other one, because pages "
            "hold that secret. Set a WATCH_KEY, or TOKEN_SIGNING_KEY, so that pages have tokens instead."
        )
    if is_fleet and access.signing_key is None:
        return "WATCH=1 with LOG_URL needs TOKEN_SIGNING_KEY, so that every backend knows a session by the same name."
    return None


@dataclass(frozen=True, slots=True)
class WatchAccess:
    """The rules. `signing_key` signs tokens and makes watchIds: the fleet's, or one of this process alone."""

    is_on: bool
    key: str | None
    opens_to_this_computer: bool
    signing_key: str

    def __repr__(self) -> str:
        return f"WatchAccess({'on' if self.is_on else 'off'})"

    def watch_id(self, session: str) -> str:
        """The name of a session for those who may look at it; the session cannot be told from it."""
        digest = hmac.digest(self.signing_key.encode(), f"watch id of {session}".encode(), hashlib.sha256)
        return digest[:_WATCH_ID_BYTES].hex()

    def check(self, token: str | None, watch_id: str | None, from_this_computer: bool, now_s: float) -> None:
        """May this one watch session `watch_id`, or where that is None see the lists? Raises `WatchError`.

        A token for one session opens that one, and no list.
        """
        if self._holds_key(token, from_this_computer):
            return
        if token is None:
            raise _unauthorised("This backend wants its watch key, or a token for watching.")
        claims = self._claims(token)
        if _time_s(claims, "nbf", 0) > now_s + _LEEWAY_S:
            raise _unauthorised("The token for watching is not valid yet.")
        if _time_s(claims, "exp", 0) + _LEEWAY_S <= now_s:
            raise _unauthorised("The token for watching has expired.")
        if claims.get("watch") not in (EVERYTHING, watch_id) or claims.get("watch") is None:
            raise _unauthorised("The token for watching is for another session.")

    def check_key(self, key: str | None, from_this_computer: bool) -> None:
        """May this one have tokens? A token does not get another one. Raises `WatchError`."""
        if not self._holds_key(key, from_this_computer):
            raise _unauthorised("Tokens for watching are given for the watch key.")

    def issue(self, watch_id: str | None, now_s: float) -> str:
        """A token for one session, or for all where `watch_id` is None."""
        claims = {
            "aud": WATCH_AUDIENCE,
            "iat": int(now_s),
            "exp": int(now_s) + WATCH_TOKEN_LIFETIME_S,
            "watch": EVERYTHING if watch_id is None else watch_id,
        }
        return jwt.encode(claims, self.signing_key, _ALGORITHM)

    def _holds_key(self, given: str | None, from_this_computer: bool) -> bool:
        if not self.is_on:
            raise WatchError(WatchCode.WATCH_OFF, "Watching is switched off at this backend; WATCH=1 switches it on.")
        if from_this_computer and self.opens_to_this_computer:
            return True
        return self.key is not None and given is not None and hmac.compare_digest(given.encode(), self.key.encode())

    def _claims(self, token: str) -> dict[str, object]:
        try:
            return jwt.decode(
                token,
                self.signing_key,
                [_ALGORITHM],
                audience=WATCH_AUDIENCE,
                # The times are compared with the given clock.
                options={"require": ["exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError:
            raise _unauthorised("That is neither this backend's watch key nor a token for watching.") from None


def bearer(authorization: str | None) -> str | None:
    """What the header `Authorization: Bearer …` holds; None where it holds nothing of the kind."""
    scheme, _, value = (authorization or "").partition(" ")
    return value.strip() or None if scheme.lower() == "bearer" else None


def is_this_computer(client: str | None, *hosts: str | None) -> bool:
    """Whether a request comes from this computer, and was meant for it.

    `client`: the address that it came from. `hosts`: the names that were asked for (`Host`, `X-Forwarded-Host`), which
    have to be this computer's own. A stranger's name can be made to lead here (DNS rebinding), and a tunnel brings the
    requests of others from here.
    """
    named = [host for host in hosts if host is not None]
    return client is not None and bool(named) and _is_loopback(client) and all(map(_is_own_name, named))


def _is_own_name(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and (name == "localhost" or name.endswith(".localhost") or _is_loopback(name))


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _time_s(claims: dict[str, object], name: str, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unauthorised(f"The token for watching has an {name} that is no time; it counts as expired.")
    return value


def _unauthorised(message: str) -> WatchError:
    return WatchError(WatchCode.UNAUTHORISED, message)
