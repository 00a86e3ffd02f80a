"""What can be watched, and tokens for it, over HTTP."""

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Serve, Server
from tests.test_protocol import PROTOCOL
from tests.watch.client import Streaming, viewer, watch_id
from tests.wire import eventually, phone
from twincast import StreamId

KEY = "a key that opens the watch page"
SIGNING = "a signing key of more than 32 bytes, really"
PAGE = "https://app.example.com"
PRODUCTION: dict[str, Any] = {"environment": "production", "allowed_origins": (PAGE,)}
VECTORS = json.loads((PROTOCOL / "watch-vectors.json").read_text())["http"]


async def ask(
    server: Server, path: str, method: str = "GET", token: str | None = None, **options: Any
) -> httpx.Response:
    headers = options.pop("headers", {}) | ({} if token is None else {"authorization": f"Bearer {token}"})
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        return await client.request(method, path, headers=headers, **options)


def expect_shape(body: Any, wanted: Any, at: str = "") -> None:
    """`body` has no field that the vector has not, and what both have is of one type."""
    if isinstance(wanted, dict):
        assert isinstance(body, dict), at
        assert body.keys() <= wanted.keys(), at
        for name, value in body.items():
            expect_shape(value, wanted[name], f"{at}.{name}")
    elif isinstance(wanted, list):
        for one in body:
            expect_shape(one, wanted[0], f"{at}[]")
    elif isinstance(wanted, bool | str) or wanted is None:
        assert type(body) is type(wanted), at
    else:
        assert isinstance(body, int | float), at


async def test_the_list_names_what_is_live_and_no_uuid(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one, phone(server.port, "audio", one.session) as other, viewer(server.port) as two:
        streaming = Streaming(one)
        await streaming.begin()
        await one.ping()
        await streaming.send(3)
        await other.hello()
        await other.send({"type": "muted", "muted": True})
        await other.ping()
        await two.watch(watch_id(server, one.session))
        await eventually(lambda: sum(len(watched.viewers) for watched in server.hub.watch) == 1)
        answer = await ask(server, "/watch/streams")
        assert one.session not in answer.text
        assert one.session[:8] not in answer.text
        body = answer.json()
        expect_shape(body, VECTORS["streams"])
        (session,) = body["sessions"]
        assert session["watchId"] == watch_id(server, one.session)
        assert session["userAgent"] == "A phone"
        video, audio = session["streams"]["video"], session["streams"]["audio"]
        assert (video["state"], video["chunks"], video["bytes"], video["viewers"]) == ("live", 3, 1_500, 1)
        assert video["mimeType"] == "video/x-matroska;codecs=avc1.42C01E"
        assert (audio["state"], audio["muted"], audio["chunks"]) == ("live", True, 0)
        await one.socket.close()

        async def is_gone() -> bool:
            streams = (await ask(server, "/watch/streams")).json()["sessions"][0]["streams"]
            return bool(streams["video"]["state"] == "gone")

        await eventually(is_gone)


async def test_what_has_ended_is_not_listed(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await one.hello()
        await one.send({"type": "end", "lastSeq": -1, "segments": []})
        await one.receive("ended")
        body = (await ask(server, "/watch/streams")).json()
        expect_shape(body, VECTORS["noStreams"])
        assert (body["sessions"], body["hasRecordings"]) == ([], False)


@pytest.mark.parametrize("path", ["/watch/streams", "/recordings", f"/recordings/{'0' * 32}"])
async def test_lists_open_to_the_key_and_to_a_token_for_all_and_to_nothing_else(serve: Serve, path: str) -> None:
    server = await serve(**PRODUCTION, watch=True, watch_key=KEY, token_signing_key=SIGNING, access_secret="s" * 20)
    access = server.hub.watch.access
    for token, status in (
        (None, 401),
        ("s" * 20, 401),
        (server.hub.access.issue(next_stream(), 2e9), 401),
        (access.issue("0" * 32, 2e9), 401 if path != f"/recordings/{'0' * 32}" else 404),
        (access.issue(None, 2e9), 404 if "recordings" in path else 200),
        (KEY, 404 if "recordings" in path else 200),
    ):
        answer = await ask(server, path, token=token)
        assert answer.status_code == status, token
        if status == 401:
            expect_shape(answer.json(), VECTORS["problem"])
            assert (answer.json()["code"], answer.headers["www-authenticate"]) == ("unauthorised", "Bearer")
    # A key in an address is none.
    assert (await ask(server, path, params={"token": KEY, "key": KEY})).status_code == 401


def next_stream() -> StreamId:
    return StreamId("3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3", "video")


async def test_everything_is_off_in_production_unless_it_is_switched_on(serve: Serve) -> None:
    server = await serve(**PRODUCTION, watch_key=KEY)
    for path in ("/watch/streams", "/recordings"):
        answer = await ask(server, path, token=KEY)
        assert (answer.status_code, answer.json()["code"]) == (403, "watch-off")
    answer = await ask(server, "/watch/tokens", "POST", token=KEY)
    assert (answer.status_code, answer.json()["code"]) == (403, "watch-off")


async def test_this_computer_needs_no_key_in_development_but_another_name_for_it_does(serve: Serve) -> None:
    server = await serve()
    assert (await ask(server, "/watch/streams")).status_code == 200
    for headers in (
        {"host": "evil.example.com"},
        {"x-forwarded-host": "evil.example.com"},
        {"x-forwarded-for": "192.168.1.7"},
    ):
        assert (await ask(server, "/watch/streams", headers=headers)).status_code == 401


async def test_the_key_is_exchanged_for_a_token_that_watches(serve: Serve) -> None:
    server = await serve(**PRODUCTION, watch=True, watch_key=KEY)
    async with phone(server.port, origin=PAGE) as one, viewer(server.port, origin=PAGE) as two:
        await one.hello()
        assert (await ask(server, "/watch/tokens", "POST", token=KEY)).status_code == 200
        assert (await ask(server, "/watch/tokens", "POST", token=KEY, json={})).status_code == 200
        wanted = {"watchId": watch_id(server, one.session)}
        answer = await ask(server, "/watch/tokens", "POST", token=KEY, json=wanted)
        expect_shape(answer.json(), VECTORS["token"])
        assert (await ask(server, "/watch/tokens", "POST", token=KEY)).status_code == 200
        token = answer.json()["token"]
        assert (await ask(server, "/watch/tokens", "POST", token=token)).status_code == 401
        assert (await two.watch(watch_id(server, one.session), token=token))["type"] == "watching"
    async with viewer(server.port, origin=PAGE) as three:
        await three.send({"type": "watch", "watchId": "0" * 32, "kind": "video", "token": token})
        assert (await three.closed())[1] == 4401


@pytest.mark.parametrize("body", [{"watchId": "x"}, {"watchId": 7}, [1]])
async def test_a_token_for_what_is_no_name_is_not_given(serve: Serve, body: object) -> None:
    server = await serve()
    answer = await ask(server, "/watch/tokens", "POST", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-request")


async def test_pages_of_the_list_may_read_ranges(serve: Serve) -> None:
    server = await serve(**PRODUCTION, watch=True, watch_key=KEY)
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "authorization,range"}
    answer = await ask(server, "/recordings", "OPTIONS", headers={"origin": PAGE, **asked})
    assert answer.status_code == 200
    answer = await ask(server, "/recordings", "OPTIONS", headers={"origin": "https://evil.example.com", **asked})
    assert answer.status_code == 400
    answer = await ask(server, "/watch/streams", headers={"origin": PAGE}, token=KEY)
    assert "Content-Range" in answer.headers["access-control-expose-headers"]
