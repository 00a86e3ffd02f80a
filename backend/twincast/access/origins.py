"""Who may connect. CORS does not cover WebSockets, so the handshake's Origin is checked here. Pure."""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from twincast.wire.close_codes import ErrorCode, ProtocolError

ANY_ORIGIN: Final = "*"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def normalise_origin(origin: str) -> str:
    """`scheme://host[:port]` in lower case without the scheme's own port, as browsers send it; `*` stays.

    Raises ValueError for anything else.
    """
    if origin == ANY_ORIGIN:
        return origin
    parts = urlsplit(origin)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"{origin!r} is not an origin; it should look like https://twincast.example.com")
    if set(parts.netloc) & set("${}"):
        raise ValueError(f"{origin!r} is not an origin: nothing has filled in the reference in it")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """The one rule for pages that connect.

    With a list: exactly these origins, and a missing Origin is refused. Without one (development): pages from this
    machine, from the local network, or from the host that was asked for; and clients that are no browser.
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
    if host is not None and parts.netloc.lower() == host.lower():
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_link_local


def _wrong(message: str) -> ProtocolError:
    return ProtocolError(ErrorCode.WRONG_ORIGIN, message)


def _shown(origin: str) -> str:
    return ascii(origin[:200])
