"""Secrets and tokens."""

from typing import Any

import jwt
import pytest

from twincast.access.tokens import Access
from twincast.streams.events import StreamId
from twincast.wire.close_codes import ErrorCode, ProtocolError

SECRET = "a secret of some length"
KEY = "a signing key that is at least as long as its hash"
VIDEO = StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")
AUDIO = StreamId(VIDEO.session, "audio")
OTHER = StreamId("aaaaaaaa-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")
OPEN, SHARED = Access(None, None, 60), Access(SECRET, None, 60)
SIGNED = Access(SECRET, KEY, 60)


def forged(key: str = KEY, algorithm: str | None = "HS256", **claims: Any) -> str:
    whole = {"aud": "twincast", "exp": 2_000, "session": VIDEO.session, "stream": "video"} | claims
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, key, algorithm)


def test_without_secrets_everybody_may_stream() -> None:
    OPEN.check_stream(None, VIDEO, known=False, now_s=0)
    OPEN.check_stream("whatever", VIDEO, known=False, now_s=0)


def test_the_shared_secret_lets_in() -> None:
    SHARED.check_stream(SECRET, VIDEO, known=False, now_s=0)


def test_a_token_lets_in_its_own_stream_until_it_expires() -> None:
    token = SIGNED.issue(VIDEO, 1_000)
    SIGNED.check_stream(token, VIDEO, known=False, now_s=1_059)
    SIGNED.check_stream(token, VIDEO, known=True, now_s=9_999)  # a cut does not end a recording


@pytest.mark.parametrize("now_s", [1_999.9, 2_000, 2_004])
def test_times_may_have_a_fraction_and_clocks_may_differ_a_little(now_s: float) -> None:
    SIGNED.check_stream(forged(exp=2_000.5, nbf=1_990.25), VIDEO, known=False, now_s=now_s)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"nbf": 1_010}, "not valid yet"),
        ({"nbf": 1e300}, "not valid yet"),
        ({"nbf": "soon"}, "no time"),
        ({"exp": True}, "no time"),
        ({"exp": float("inf")}, "no time"),
    ],
)
def test_times_that_do_not_hold_are_refused(claims: dict[str, Any], says: str, known: bool) -> None:
    with pytest.raises(ProtocolError, match=f"{says}|not made with"):
        SIGNED.check_stream(forged(**claims), VIDEO, known=known, now_s=1_000)


@pytest.mark.parametrize(
    ("access", "token", "stream", "says"),
    [
        (SHARED, None, VIDEO, "not this backend's secret"),
        (SHARED, SECRET + "x", VIDEO, "not this backend's secret"),
        (SHARED, "sécret", VIDEO, "not this backend's secret"),
        (SIGNED, None, VIDEO, "wants a token"),
        (SIGNED, SECRET, VIDEO, "not made with"),
        (SIGNED, SIGNED.issue(VIDEO, 1_000), AUDIO, "not for the audio stream"),
        (SIGNED, SIGNED.issue(VIDEO, 1_000), OTHER, "not for the video stream"),
        (SIGNED, SIGNED.issue(VIDEO, 900), VIDEO, "expired"),
        (SIGNED, forged("another key that is at least as long as its hash"), VIDEO, "not made with"),
        (SIGNED, forged("", None), VIDEO, "not made with"),
        (SIGNED, forged(aud="other"), VIDEO, "not made with"),
        (SIGNED, forged(exp=None), VIDEO, "not made with"),
        (SIGNED, forged(session=None), VIDEO, "not for the video stream"),
        (SIGNED, "a.b.c", VIDEO, "not made with"),
    ],
)
def test_everything_else_is_unauthorised(access: Access, token: str | None, stream: StreamId, says: str) -> None:
    with pytest.raises(ProtocolError, match=says) as caught:
        access.check_stream(token, stream, known=False, now_s=1_000)
    assert (caught.value.code, caught.value.close_code) == (ErrorCode.UNAUTHORISED, 4401)
    assert SECRET not in caught.value.message
    assert KEY not in caught.value.message


def test_an_expiry_that_is_no_time_is_unauthorised() -> None:
    with pytest.raises(ProtocolError, match=r"not made with|expired"):
        SIGNED.check_stream(forged(exp="soon"), VIDEO, known=True, now_s=0)


@pytest.mark.parametrize(
    ("access", "header", "in_production", "may"),
    [
        (OPEN, None, False, True),
        (OPEN, None, True, False),
        (Access(None, KEY, 60), None, False, False),
        (SHARED, None, False, False),
        (SHARED, f"Bearer {SECRET}", True, True),
        (SHARED, f"bearer {SECRET}", False, True),
        (SHARED, f"Basic {SECRET}", False, False),
        (SHARED, SECRET, False, False),
        (SIGNED, f"Bearer {SECRET}", True, True),
    ],
)
def test_who_may_look(access: Access, header: str | None, in_production: bool, may: bool) -> None:
    assert access.may_look(header, in_production) is may


def test_tokens_need_a_key() -> None:
    with pytest.raises(RuntimeError):
        SHARED.issue(VIDEO, 0)


def test_secrets_are_in_no_representation() -> None:
    assert [repr(access) for access in (OPEN, SHARED, SIGNED)] == ["Access(open)", "Access(secret)", "Access(token)"]
