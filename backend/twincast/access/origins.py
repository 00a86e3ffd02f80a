"""Who may connect. CORS does not cover WebSockets, so the handshake's Origin is checked here. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from twincast.wire.close_codes import ErrorCode, ProtocolError

ANY_ORIGIN: Final = "*"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")

_LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".home.arpa")
"""What no public name server answers for."""


def normalise_origin(origin: str) -> str:
    """`scheme://host[:port]` in lower case without the scheme's own port, as browsers send it; `*` stays.

    Raises ValueError, with a sentence, for anything that no browser would ever send.
    """
    if origin == ANY_ORIGIN:
        return origin
    if ANY_ORIGIN in origin:
        raise ValueError(f"{origin!r} has a wildcard; name each page's origin, or every page's with a * alone")
    try:
        parts = urlsplit(origin)
        name, port = parts.hostname, parts.port
    except ValueError:
        raise _no_origin(origin) from None
    if not origin.isascii():
        raise ValueError(f"{origin!r} is not written as browsers send it{_ascii_form(name)}")
    if (
        parts.scheme not in _DEFAULT_PORTS
        or not name
        or parts.path not in ("", "/")
        or any(sign in origin for sign in "?#@")
        or origin.endswith(":")
        or not _is_host(name)
    ):
        raise _no_origin(origin)
    host = f"[{ipaddress.ip_address(name)}]" if ":" in name else name
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")


def _is_host(name: str) -> bool:
    if ":" in name:
        try:
            return ipaddress.ip_address(name).version == 6 and "%" not in name
        except ValueError:
            return False
    return _HOST.fullmatch(name) is not None


def _ascii_form(name: str | None) -> str:
    try:
        return f": its host is {(name or '').encode('idna').decode()} there (the page's location.origin says it)"
    except UnicodeError:
        return ": the page's location.origin says how"


def _no_origin(origin: str) -> ValueError:
    return ValueError(f"{origin!r} is not an origin; it should look like https://twincast.example.com")


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """The one rule for pages that connect.

    With a list: exactly these origins, and a missing Origin is refused. Without one (development): pages from this
    machine, from the local network, or from the host that was asked for, by an address or a local name; and clients
    that are no browser. A public name is not enough: a stranger's can be made to lead to this machine (DNS rebinding).
    """

    allowed: tuple[str, ...]

    def check(self, origin: str | None, host: str | None) -> None:
        """Raises `wrong-origin` for the Origin and Host headers of a handshake."""
        if ANY_ORIGIN in self.allowed:
            return
        if self.allowed:
            if origin is None:
                raise _wrong("The handshake has no Origin header; this backend takes pages from its allow-list only.")
            if origin not in self.allowed:
                raise _wrong(f"Pages from {_shown(origin)} are not on this backend's ALLOWED_ORIGINS.")
            return
        if origin is not None and not _is_local(origin, host):
            raise _wrong(
                f"Pages from {_shown(origin)} are not local; set ALLOWED_ORIGINS to let them connect to this backend."
            )


def _is_local(origin: str, host: str | None) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    name = parts.hostname
    if parts.scheme not in _DEFAULT_PORTS or name is None:
        return False
    if name == "localhost" or name.endswith((".localhost", ".local")):
        return True
    was_asked_for = host is not None and parts.netloc.lower() == host.lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return was_asked_for and ("." not in name or name.endswith(_LOCAL_NAMES))
    return was_asked_for or address.is_loopback or address.is_private or address.is_link_local


def _wrong(message: str) -> ProtocolError:
    return ProtocolError(ErrorCode.WRONG_ORIGIN, message)


def _shown(origin: str) -> str:
    return ascii(origin[:200])
