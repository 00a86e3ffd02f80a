"""Rates and counts that bound one stranger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twincast.access.address_limits import AddressCounts, client_address
from twincast.access.rate_limits import Rate, StreamRates, TokenBucket
from twincast.wire.close_codes import ErrorCode, ProtocolError


@given(
    st.floats(0.1, 1_000),
    st.floats(1, 1_000),
    st.lists(st.tuples(st.floats(0, 10), st.floats(0, 100)), max_size=60),
)
def test_a_bucket_never_gives_more_than_burst_and_rate_allow(
    per_second: float, burst: float, steps: list[tuple[float, float]]
) -> None:
    bucket = TokenBucket(Rate(per_second, burst), 0)
    now_s = given_out = 0.0
    for wait_s, amount in steps:
        now_s += wait_s
        if bucket.take(amount, now_s):
            given_out += amount
        assert given_out <= burst + per_second * now_s + 1e-6


def test_a_burst_is_taken_and_what_goes_on_like_it_is_too_fast() -> None:
    rates = StreamRates(Rate(100, 1_000), Rate(10, 50), now_s=0)
    rates.take(1_000, 0)
    with pytest.raises(ProtocolError, match="More than 100 bytes per second") as caught:
        rates.take(100, 0.5)
    assert (caught.value.code, caught.value.close_code) == (ErrorCode.TOO_FAST, 4429)
    rates.take(100, 1.0)


def test_messages_have_a_rate_of_their_own() -> None:
    rates = StreamRates(Rate(1e9, 1e9), Rate(10, 50), now_s=0)
    for _ in range(50):
        rates.take(0, 0)
    with pytest.raises(ProtocolError, match="More than 10 messages per second"):
        rates.take(0, 0)
    rates.take(0, 0.1)


def test_an_address_has_so_many_connections_and_sessions_and_gets_them_back() -> None:
    counts = AddressCounts(max_connections=2, max_sessions=1)
    counts.connect("a")
    counts.connect("a")
    counts.connect("b")
    with pytest.raises(ProtocolError, match="2 connections") as caught:
        counts.connect("a")
    assert caught.value.code is ErrorCode.TOO_MANY
    counts.open("a", "one")
    counts.open("a", "one")  # its other stream
    with pytest.raises(ProtocolError, match="1 session open"):
        counts.open("a", "two")
    counts.close("a", "one")
    with pytest.raises(ProtocolError, match="1 session open"):
        counts.open("a", "two")
    counts.close("a", "one")
    counts.open("a", "two")
    counts.close("a", "two")
    for address in "aab":
        counts.disconnect(address)
    assert len(counts) == 0


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_one_client_is_an_address_or_an_ipv6_network(host: str | None, address: str) -> None:
    assert client_address(host) == address
