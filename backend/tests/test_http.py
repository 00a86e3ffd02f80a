"""The HTTP part: health, figures, tokens, and errors that say what to do."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.conftest import Serve, Server
from tests.wire import eventually, frame, phone, segment_message

SECRET = "a secret of some length"
KEY = "a signing key that is at least as long as its hash"
PRODUCTION: dict[str, Any] = {"environment": "production", "allowed_origins": "https://good.example"}
BEARER = {"Authorization": f"Bearer {SECRET}"}


async def ask(server: Server, method: str, path: str, **options: Any) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.request(method, server.url + path, **options)


async def test_ready_says_when_every_place_is_taken(serve: Serve) -> None:
    server = await serve(max_streams=1)
    assert (await ask(server, "GET", "/ready")).status_code == 200
    async with phone(server.port) as one:
        await one.hello()
        answer = await ask(server, "GET", "/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "full"})
        assert (await ask(server, "GET", "/health")).status_code == 200


@pytest.mark.parametrize("path", ["/ws/video", "/ws/audio"])
async def test_whoever_asks_a_sockets_address_whether_the_path_is_back_is_answered(serve: Serve, path: str) -> None:
    server = await serve(**PRODUCTION)
    answer = await ask(server, "GET", path, headers={"Origin": "https://good.example"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["/streams", "/metrics"])
async def test_figures_are_guarded(serve: Serve, path: str) -> None:
    closed = await serve(**PRODUCTION)
    answer = await ask(closed, "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (403, "closed")
    guarded = await serve(**PRODUCTION, access_secret=SECRET)
    answer = await ask(guarded, "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (await ask(guarded, "GET", path, headers=BEARER)).status_code == 200


async def test_streams_shows_the_newest_segment_and_every_gap(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await one.hello()
        await one.send({"type": "gap", "from": 0, "to": 2, "ms": 1500, "reason": "too-far-behind"})
        encoder = {"name": "webcodecs", "reason": "probed"}
        await one.send(segment_message(1, encoder=encoder, width=720, height=1280, facing="user"))
        await one.send(frame(3, segment=1))
        await one.acked(3)
        (stream,) = (await ask(server, "GET", "/streams")).json()["streams"]
    assert stream["gaps"] == [{"from": 0, "to": 2, "ms": 1500, "reason": "too-far-behind"}]
    described = {"segment": 1, "mimeType": "video/webm;codecs=vp8", "encoder": "webcodecs", "facing": "user"}
    absent = dict.fromkeys(("codecs", "orientation", "sampleRate", "channels"))
    assert stream["segment"] == {**described, **absent, "width": 720, "height": 1280}


async def test_metrics_count_what_happened(serve: Serve) -> None:
    server = await serve()
    async with phone(server.port) as one:
        await one.hello()
        await one.ping()
        await one.send(segment_message())
        await one.send(frame(0, b"x" * 500))
        await one.send(frame(0, b"x" * 500))
        await one.send({"type": "gap", "from": 1, "to": 2, "ms": 1500, "reason": "too-far-behind"})
        await one.acked(2)
        async with phone(server.port, origin="https://evil.example") as foreign:
            await foreign.closed()
        text = (await ask(server, "GET", "/metrics")).text
        await one.send({"type": "end", "lastSeq": 2, "segments": []})
        await one.closed()
    for line in (
        "twincast_connected_streams 1.0",
        "twincast_duplicates_total 1.0",
        'twincast_refusals_total{code="wrong-origin"} 1.0',
        'twincast_chunks_total{stream="video"} 1.0',
        'twincast_chunks_total{stream="audio"} 0.0',
        'twincast_bytes_total{stream="video"} 500.0',
        'twincast_gaps_total{reason="too-far-behind",stream="video"} 1.0',
        'twincast_gap_seconds_total{stream="video"} 1.5',
        'twincast_opened_total{how="new",stream="video"} 1.0',
        'twincast_delay_seconds_bucket{le="+Inf",stream="video"} 1.0',
        'twincast_delay_seconds_count{stream="video"} 1.0',
    ):
        assert line in text.splitlines()
    assert 'ended_total{stream="video",verdict="not-verified"} 1.0' in (await ask(server, "GET", "/metrics")).text


async def test_a_shared_secret_goes_into_hello(serve: Serve) -> None:
    server = await serve(access_secret=SECRET)
    async with phone(server.port) as one:
        assert (await one.hello(token=SECRET))["type"] == "ready"
        async with phone(server.port, session=one.session) as thief:
            error = await thief.hello(token="x" + SECRET)
            assert (error["code"], (await thief.closed())[1]) == ("unauthorised", 4401)
        await one.ping()  # a stranger does not displace the phone


async def test_a_server_with_the_secret_gets_tokens_for_a_page(serve: Serve) -> None:
    server = await serve(access_secret=SECRET, token_signing_key=KEY)
    async with phone(server.port) as video, phone(server.port, "audio", video.session) as audio:
        assert (await ask(server, "POST", "/tokens", json={"session": video.session})).status_code == 401
        answer = await ask(server, "POST", "/tokens", json={"session": video.session}, headers=BEARER)
        tokens = answer.json()
        assert tokens["expiresAt"] > 0
        assert (await video.hello(token=tokens["video"]))["type"] == "ready"
        assert (await audio.hello(token=tokens["video"]))["code"] == "unauthorised"


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("POST", "/tokens", {"json": {"session": "x"}}, 422, "bad-request"),
        ("POST", "/tokens", {"json": {"session": "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3"}}, 404, "no-tokens"),
        ("GET", "/nothing", {}, 404, "not-found"),
        ("DELETE", "/health", {}, 405, "method-not-allowed"),
    ],
)
async def test_errors_have_a_code_and_a_sentence(
    serve: Serve, method: str, path: str, options: Any, status: int, code: str
) -> None:
    server = await serve()
    answer = await ask(server, method, path, **options)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"].endswith(".")


async def test_a_large_body_is_not_read(serve: Serve) -> None:
    server = await serve()
    assert (await ask(server, "POST", "/tokens", content=b"x" * 20_000)).status_code == 413


async def test_a_fault_is_500_without_its_details(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve()
    monkeypatch.setattr("twincast.server.stream_listing._describe", lambda *_: 1 / 0)
    async with phone(server.port) as one:
        await one.hello()
        answer = await ask(server, "GET", "/streams")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "ZeroDivisionError" not in answer.text


async def test_the_trace_of_a_fault_in_the_log_shows_no_values(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault(*_: object) -> None:
        word = "".join(["hun", "ter2"])
        raise ValueError(len(word))

    server = await serve()
    monkeypatch.setattr("twincast.server.stream_listing._describe", fault)
    lines: list[str] = []

    def logged() -> bool:
        lines.append(capsys.readouterr().out)
        return "ValueError: 7" in "".join(lines)

    async with phone(server.port) as one:
        await one.hello()
        assert (await ask(server, "GET", "/streams")).status_code == 500
        await eventually(logged)
    assert "hunter2" not in "".join(lines)


async def test_every_answer_has_a_request_id(serve: Serve) -> None:
    server = await serve()
    made = (await ask(server, "GET", "/health")).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{8}", made)
    given = await ask(server, "GET", "/health", headers={"X-Railway-Request-Id": "abc-123"})
    assert given.headers["x-request-id"] == "abc-123"
    hostile = await ask(server, "GET", "/health", headers={"X-Request-Id": "a b<script>"})
    assert re.fullmatch(r"[0-9a-f]{8}", hostile.headers["x-request-id"])


async def test_openapi_describes_the_http_part(serve: Serve) -> None:
    server = await serve()
    paths = (await ask(server, "GET", "/openapi.json")).json()["paths"]
    watching = {"/watch/streams", "/watch/tokens", "/recordings", "/recordings/{id}", "/recordings/{id}/{kind}/{file}"}
    assert paths.keys() == {"/health", "/ready", "/streams", "/metrics", "/tokens", *watching}


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/tokens", {"content": b"x" * 20_000}, 413),
        ("POST", "/health", {"content": b"x" * 20_000}, 413),
        ("OPTIONS", "/health", {"headers": {"Origin": "https://evil.example"}}, 400),
        ("OPTIONS", "/health", {"headers": {"Origin": "http://localhost:3000", "X-Wanted": "DELETE"}}, 400),
        ("GET", "/nowhere", {}, 404),
        ("DELETE", "/health", {}, 405),
        ("POST", "/tokens", {"content": b"{"}, 422),
    ],
)
async def test_every_error_has_one_form_and_an_id(
    method: str, path: str, options: dict[str, Any], status: int, serve: Serve
) -> None:
    server = await serve()
    headers = dict(options.get("headers", {}))
    if method == "OPTIONS":
        headers["Access-Control-Request-Method"] = headers.pop("X-Wanted", "GET")
    answer = await ask(server, method, path, **{**options, "headers": headers})
    assert answer.status_code == status
    assert answer.json().keys() == {"code", "message"}
    assert answer.headers["x-request-id"]


async def test_a_body_without_a_length_is_bounded_too(serve: Serve) -> None:
    server = await serve()

    async def body() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1_000

    answer = await ask(server, "POST", "/tokens", content=body())
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_a_fault_has_the_id_that_its_log_line_has(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve()
    monkeypatch.setattr("twincast.server.http.now_ms", lambda: 1 / 0)
    answer = await ask(server, "GET", "/health", headers={"X-Request-Id": "given-1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["x-request-id"] == "given-1"


async def test_while_it_leaves_it_says_so(serve: Serve) -> None:
    server = await serve()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{server.url}/health")).status_code == 200
        server.hub.begin_to_leave()
        answer = await client.get(f"{server.url}/health")
    assert (answer.status_code, answer.json()["code"]) == (503, "restart")
