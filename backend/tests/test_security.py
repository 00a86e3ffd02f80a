"""Which pages may connect."""

import pytest

from twincast.access.origins import OriginPolicy, normalise_origin
from twincast.wire.close_codes import ErrorCode, ProtocolError

LISTED = OriginPolicy(("https://twincast.example.com",))
LOCAL = OriginPolicy(())
ANY = OriginPolicy(("*",))


@pytest.mark.parametrize(
    ("policy", "origin"),
    [
        (LISTED, "https://twincast.example.com"),
        (LOCAL, "http://localhost:3000"),
        (LOCAL, "https://phone.localhost"),
        (LOCAL, "https://laptop.local:3443"),
        (LOCAL, "http://127.0.0.1:3000"),
        (LOCAL, "https://192.168.1.20:3443"),
        (LOCAL, "https://10.0.0.7"),
        (LOCAL, "https://172.20.0.7"),
        (LOCAL, "https://169.254.3.4"),
        (LOCAL, "https://[::1]:3443"),
        (LOCAL, "https://[fd00::1]:3443"),
        (LOCAL, None),
        (ANY, "https://evil.example"),
        (ANY, None),
    ],
)
def test_lets_in(policy: OriginPolicy, origin: str | None) -> None:
    policy.check(origin, "asked.example:8443")


@pytest.mark.parametrize(
    ("policy", "origin", "says"),
    [
        (LISTED, "http://twincast.example.com", "not on this backend's ALLOWED_ORIGINS"),
        (LISTED, "https://twincast.example.com.evil.example", "not on this backend's ALLOWED_ORIGINS"),
        (LISTED, "https://twincast.example.com:8443", "not on this backend's ALLOWED_ORIGINS"),
        (LISTED, "null", "'null'"),
        (LISTED, None, "no Origin header"),
        (LOCAL, "https://evil.example", "set ALLOWED_ORIGINS"),
        (LOCAL, "https://localhost.evil.example", "set ALLOWED_ORIGINS"),
        (LOCAL, "https://8.8.8.8", "set ALLOWED_ORIGINS"),
        (LOCAL, "https://asked.example:8443", "set ALLOWED_ORIGINS"),
        (LOCAL, "null", "set ALLOWED_ORIGINS"),
        (LOCAL, "file://", "set ALLOWED_ORIGINS"),
        (LOCAL, "http://", "set ALLOWED_ORIGINS"),
        (LOCAL, "http://[", "set ALLOWED_ORIGINS"),
        (LOCAL, "\x1b[31mx", r"'\x1b[31mx'"),
    ],
)
def test_refuses(policy: OriginPolicy, origin: str | None, says: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        policy.check(origin, "asked.example:8443")
    assert caught.value.code is ErrorCode.WRONG_ORIGIN
    assert says in caught.value.message
    assert len(caught.value.message) < 1_000


@pytest.mark.parametrize("name", ["laptop", "8.8.8.8", "[2001:db8::1]", "box.local", "box.internal", "box.home.arpa"])
def test_lets_in_the_page_of_the_host_that_was_asked_for_where_its_name_is_no_strangers(name: str) -> None:
    LOCAL.check(f"https://{name}:8443", f"{name}:8443")


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.nip.io", "localhost.evil.example", "evil.com."])
def test_a_strangers_name_that_leads_here_is_not_local(name: str) -> None:
    with pytest.raises(ProtocolError, match="set ALLOWED_ORIGINS"):
        LOCAL.check(f"http://{name}:8000", f"{name}:8000")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Twincast.Example.com/", "https://twincast.example.com"),
        ("https://twincast.example.com:443", "https://twincast.example.com"),
        ("http://twincast.example.com:8080", "http://twincast.example.com:8080"),
        ("https://[FD00::1]:3443", "https://[fd00::1]:3443"),
        ("*", "*"),
    ],
)
def test_reads_origins_as_browsers_send_them(written: str, meant: str) -> None:
    assert normalise_origin(written) == meant


_NO_ORIGINS = [
    "twincast.example.com",
    "ftp://x",
    "https://",
    "https://a/b",
    "https://a:x",
    "https://${{frontend.DOMAIN}}",
]


@pytest.mark.parametrize("written", _NO_ORIGINS)
def test_refuses_what_is_no_origin(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalise_origin(written)
