"""Who may watch, and who may not."""

import time
from typing import Any

import jwt
import pytest
from pydantic import ValidationError

from twincast import Settings
from twincast.access.watch_access import (
    WATCH_TOKEN_LIFETIME_S,
    WatchAccess,
    bearer,
    is_this_computer,
)
from twincast.streams.events import StreamId
from twincast.wire.close_codes import ProtocolError
from twincast.wire.watch import WatchCode, WatchError

KEY = "a key that opens the watch page"
SECRET = "a secret that lets pages stream"
SIGNING = "a signing key of more than 32 bytes, really"
PRODUCTION = {"environment": "production", "allowed_origins": "https://app.example.com"}
SESSION = "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3"
NOW = 1_763_836_800.0


def settings(**values: Any) -> Settings:
    return Settings.from_values(**values)


def access(**values: Any) -> WatchAccess:
    return settings(**values).watch_access


def refusal(one: WatchAccess, token: str | None, watch_id: str | None = None, here: bool = False) -> WatchCode | None:
    try:
        one.check(token, watch_id, here, NOW)
    except WatchError as error:
        return error.code
    return None


def test_in_development_this_computer_watches_and_who_has_the_key() -> None:
    assert refusal(access(), None, here=True) is None
    assert refusal(access(), None) is WatchCode.UNAUTHORISED
    assert refusal(access(), "anything") is WatchCode.UNAUTHORISED
    assert refusal(access(watch_key=KEY), KEY) is None
    assert refusal(access(access_secret=SECRET), SECRET) is None


def test_in_production_nobody_watches_unless_it_is_switched_on() -> None:
    off = access(**PRODUCTION, access_secret=SECRET, token_signing_key=SIGNING)
    assert refusal(off, SECRET) is WatchCode.WATCH_OFF
    assert refusal(off, off.issue(None, NOW)) is WatchCode.WATCH_OFF
    on = access(**PRODUCTION, access_secret=SECRET, token_signing_key=SIGNING, watch=True)
    assert refusal(on, SECRET) is None
    assert refusal(on, None, here=True) is WatchCode.UNAUTHORISED


def test_with_a_watch_key_the_secret_opens_nothing_here() -> None:
    one = access(**PRODUCTION, access_secret=SECRET, watch_key=KEY, watch=True)
    assert refusal(one, SECRET) is WatchCode.UNAUTHORISED
    assert refusal(one, KEY) is None
    with pytest.raises(WatchError):
        one.check_key(SECRET, from_this_computer=False)
    one.check_key(KEY, from_this_computer=False)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"watch": True}, "needs a WATCH_KEY"),
        ({"watch": True, "access_secret": SECRET}, "lets every visitor of the page watch"),
        ({"watch": True, "watch_key": KEY, "log_url": "redis://localhost"}, "needs TOKEN_SIGNING_KEY"),
        ({"watch_key": "short"}, "WATCH_KEY must have at least 16 characters"),
        ({"watch_key": SECRET, "access_secret": SECRET}, "must not be ACCESS_SECRET"),
    ],
)
def test_what_would_let_everybody_watch_does_not_start(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        settings(**PRODUCTION, **values)


def test_a_token_opens_one_session_or_all_for_an_hour() -> None:
    one = access(**PRODUCTION, watch_key=KEY, watch=True, token_signing_key=SIGNING)
    mine, other = one.watch_id(SESSION), one.watch_id("another")
    for_one, for_all = one.issue(mine, NOW), one.issue(None, NOW)
    assert refusal(one, for_one, mine) is None
    assert refusal(one, for_one, other) is WatchCode.UNAUTHORISED
    assert refusal(one, for_one, None) is WatchCode.UNAUTHORISED  # the list is of all
    assert refusal(one, for_all, other) is None
    assert refusal(one, for_all, None) is None
    one.check(for_all, None, from_this_computer=False, now_s=NOW + WATCH_TOKEN_LIFETIME_S)
    with pytest.raises(WatchError, match="expired"):
        one.check(for_all, None, from_this_computer=False, now_s=NOW + WATCH_TOKEN_LIFETIME_S + 6)
    with pytest.raises(WatchError, match="are given for the watch key"):
        one.check_key(for_all, from_this_computer=False)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "twincast", "exp": NOW + 60, "watch": "*"},
        {"aud": "twincast-watch", "watch": "*"},
        {"aud": "twincast-watch", "exp": NOW + 60},
        {"aud": "twincast-watch", "exp": NOW + 60, "watch": None},
        {"aud": "twincast-watch", "exp": NOW - 60, "watch": "*"},
        {"aud": "twincast-watch", "exp": float("inf"), "watch": "*"},
        {"aud": "twincast-watch", "exp": True, "watch": "*"},
        {"aud": "twincast-watch", "exp": NOW + 60, "nbf": NOW + 30, "watch": "*"},
        {"exp": NOW + 60, "watch": "*"},
    ],
)
def test_a_token_of_other_claims_opens_nothing(claims: dict[str, Any]) -> None:
    one = access(**PRODUCTION, watch_key=KEY, watch=True, token_signing_key=SIGNING)
    for watch_id in (None, one.watch_id(SESSION)):
        assert refusal(one, jwt.encode(claims, SIGNING, "HS256"), watch_id) is WatchCode.UNAUTHORISED


def test_a_token_for_streaming_does_not_watch_and_the_other_way_round() -> None:
    both = settings(**PRODUCTION, access_secret=SECRET, token_signing_key=SIGNING, watch=True)
    stream = StreamId(SESSION, "video")
    now_s = time.time()
    streaming = both.access.issue(stream, now_s)
    watching = both.watch_access.issue(None, now_s)
    with pytest.raises(WatchError):
        both.watch_access.check(streaming, None, from_this_computer=False, now_s=now_s)
    with pytest.raises(ProtocolError):
        both.access.check_stream(watching, stream, False, now_s)


@pytest.mark.parametrize("token", ["", "a.b.c", "e30.e30.", jwt.encode({"aud": "twincast-watch"}, "x" * 32, "HS256")])
def test_nonsense_opens_nothing(token: str) -> None:
    assert refusal(access(watch_key=KEY), token) is WatchCode.UNAUTHORISED


def test_a_name_tells_nothing_of_the_session_and_is_the_fleets_with_a_signing_key() -> None:
    first, second = access(token_signing_key=SIGNING), access(token_signing_key=SIGNING)
    assert first.watch_id(SESSION) == second.watch_id(SESSION)
    assert len(first.watch_id(SESSION)) == 32
    assert access().watch_id(SESSION) != access().watch_id(SESSION)


def test_no_secret_is_shown() -> None:
    one = settings(watch_key=KEY, token_signing_key=SIGNING)
    assert KEY not in f"{one!r} {one.watch_access!r}"
    assert SIGNING not in f"{one!r} {one.watch_access!r}"


@pytest.mark.parametrize(
    ("client", "hosts", "is_here"),
    [
        ("127.0.0.1", ["localhost:3000"], True),
        ("127.0.0.1", ["127.0.0.1:8000", "localhost:3000"], True),
        ("::1", ["[::1]:8000"], True),
        ("::ffff:127.0.0.1", ["app.localhost"], True),
        ("127.0.0.1", ["evil.example.com:8000"], False),
        ("127.0.0.1", ["127.0.0.1:8000", "evil.example.com:3000"], False),
        ("127.0.0.1", ["192.168.1.5:3443"], False),
        ("192.168.1.7", ["localhost:3000"], False),
        ("127.0.0.1", [None, None], False),
        ("127.0.0.1", ["[::1"], False),
        (None, ["localhost"], False),
        ("unknown", ["localhost"], False),
    ],
)
def test_this_computer_is_who_asks_from_it_for_it(client: str | None, hosts: list[str | None], is_here: bool) -> None:
    assert is_this_computer(client, *hosts) is is_here


def test_a_bearer_is_read_whatever_the_case_of_its_scheme() -> None:
    assert bearer("Bearer abc") == bearer("bearer  abc ") == "abc"
    assert bearer(None) is bearer("") is bearer("Basic abc") is bearer("Bearer ") is None
