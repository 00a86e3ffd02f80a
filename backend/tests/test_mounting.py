"""Every way to serve it works whole: by itself, under other commands, and within an application of one's own."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.process import BACKEND, Backend, free_port, program
from tests.wire import claim, eventually, frame, phone, segment_message

TOLD = """
from twincast import Sink

class Told(Sink):
    def chunk(self, chunk):
        print("TOLD", self.stream.short, "chunk", chunk.seq, flush=True)

    def closed(self, reason):
        print("TOLD", self.stream.short, "closed", reason, flush=True)
"""

PARENT = """
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection

from told import Told
from twincast import Settings, create_app, create_router

settings = Settings.from_values(remember_stream_s=1, ack_every_ms=60_000)

@asynccontextmanager
async def lifespan(app):
    print("PARENT begins", flush=True)
    yield
    print("PARENT ends", flush=True)

async def is_member(connection: HTTPConnection) -> None:
    if connection.headers.get("x-member") == "no":
        raise HTTPException(403, "Members only.")

app = FastAPI(lifespan=lifespan)
app.add_middleware(GZipMiddleware, minimum_size=1)
app.add_middleware(CORSMiddleware, allow_origins=["https://own.example"])
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"])

@app.middleware("http")
async def stamped(request, call_next):
    answer = await call_next(request)
    answer.headers["x-parent"] = "was here"
    return answer

@app.get("/own")
async def own() -> str:
    return "own"
"""

MOUNTED = f'{PARENT}\napp.mount("/twincast", create_app(settings, [Told]))\n'
INCLUDED = f"""{PARENT}
app.include_router(create_router(settings, [Told]), prefix="/twincast", dependencies=[Depends(is_member)])
"""


@dataclass(frozen=True)
class Way:
    """How it is served: Python's arguments, the program where it is not the backend's own, and where the routes are."""

    command: tuple[str, ...]
    program: str | None = None
    prefix: str = ""


WAYS = {
    "python main.py": Way(("main.py",)),
    "uvicorn main:app": Way(("-m", "uvicorn", "main:app", "--port", "{port}")),
    "fastapi run": Way(("-m", "fastapi", "run", "--host", "127.0.0.1", "--port", "{port}")),
    "fastapi dev": Way(("-m", "fastapi", "dev", "--port", "{port}")),
    "mounted": Way(("-m", "uvicorn", "main:app", "--port", "{port}"), MOUNTED, "/twincast"),
    "included": Way(("-m", "uvicorn", "main:app", "--port", "{port}"), INCLUDED, "/twincast"),
}


@asynccontextmanager
async def served(way: Way, folder: Path) -> AsyncIterator[Backend]:
    (folder / "told.py").write_text(TOLD)
    if way.program is None:
        shutil.copy(BACKEND / "main.py", folder)
    else:
        (folder / "main.py").write_text(way.program)
    port = free_port()
    environment = {
        "PYTHONPATH": str(BACKEND),
        "SINKS": "told:Told",
        "REMEMBER_STREAM_S": "1",
        "ACK_EVERY_MS": "60000",
        "TERM": "dumb",
    }
    command = [argument.format(port=port) for argument in way.command]
    async with program(command, folder, port, **environment) as running:
        # `fastapi dev` says that it runs before the process that serves has begun.
        await eventually(lambda: answers(port))
        yield running


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def get(running: Backend, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.port}", headers=headers) as client:
        return await client.get(path)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


async def test_sinks_are_told_when_a_stream_has_ended_and_when_it_did_not_come_back(way: Way, tmp_path: Path) -> None:
    async with served(way, tmp_path) as running:
        async with phone(running.port, prefix=way.prefix) as ended:
            await ended.hello()
            await ended.send(segment_message())
            await ended.send(frame(0, b"abc"))
            await ended.send({"type": "end", "lastSeq": 0, "segments": [claim(0, 0, b"abc")]})
            messages, code = await ended.closed()
            assert (messages[-1]["verified"], code) == (True, 1000)
        await running.line("TOLD", ended.session[:8], "closed ended")
        async with phone(running.port, prefix=way.prefix) as abandoned:
            await abandoned.hello()
            await abandoned.send(segment_message())
            await abandoned.send(frame(0))
        await running.line("TOLD", abandoned.session[:8], "closed forgotten")
        health = (await get(running, f"{way.prefix}/health")).json()
        assert (health["connectedStreams"], health["rememberedStreams"]) == (0, 0)


async def test_the_last_ack_goes_out_before_it_stops_and_sinks_are_told(way: Way, tmp_path: Path) -> None:
    async with served(way, tmp_path) as running, phone(running.port, prefix=way.prefix) as one:
        await one.hello()
        await one.send(segment_message())
        for seq in range(20):
            await one.send(frame(seq))
        await running.line("TOLD", one.session[:8], "chunk 19")
        running.process.send_signal(signal.SIGTERM)
        messages, code = await one.closed()
        assert (messages[-1], code) == ({"type": "ack", "seq": 19, "t": messages[-1]["t"]}, 1012)
        await running.line("TOLD", one.session[:8], "closed shutdown")
        if way.program is not None:
            await running.line("PARENT ends")
        await running.drain()
        await running.process.wait()
        assert not any("Traceback" in line for line in running.lines), running.lines


@pytest.mark.parametrize("name", ["mounted", "included"])
async def test_the_application_around_it_keeps_its_middleware(name: str, tmp_path: Path) -> None:
    async with served(WAYS[name], tmp_path) as running:
        for path in ("/own", "/twincast/health"):
            answer = await get(running, path, origin="https://own.example")
            assert answer.headers["x-parent"] == "was here"
            assert answer.headers["content-encoding"] == "gzip"
            assert answer.headers["access-control-allow-origin"] == "https://own.example"
            assert (await get(running, path, host="elsewhere.example")).status_code == 400
        async with phone(running.port, prefix="/twincast", origin="http://localhost:3000") as one:
            assert (await one.hello())["type"] == "ready"


async def test_the_application_around_it_keeps_its_routes_and_guards_ours(tmp_path: Path) -> None:
    async with served(WAYS["included"], tmp_path) as running:
        assert any("PARENT begins" in line for line in running.lines)
        assert (await get(running, "/own")).json() == "own"
        assert (await get(running, "/twincast/health")).status_code == 200
        assert (await get(running, "/twincast/health", **{"x-member": "no"})).status_code == 403
        with pytest.raises(InvalidStatus):
            async with phone(running.port, prefix="/twincast", additional_headers={"x-member": "no"}):
                pass


SLOW = """
import asyncio
from told import Told

class Slow(Told):
    async def chunk(self, chunk):
        super().chunk(chunk)
        await asyncio.sleep(60)
"""

IN_A_THREAD = f"""{PARENT}
import signal, threading
import uvicorn
from slow import Slow

app.mount("/twincast", create_app(settings, [Told, Slow]))
server = uvicorn.Server(uvicorn.Config(app, port=int(__import__("sys").argv[1])))
thread = threading.Thread(target=server.run)
signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
thread.start()
thread.join()
"""


async def test_sinks_are_told_by_the_end_of_the_event_loop_where_nothing_else_says_it(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    way = Way(("main.py", "{port}"), IN_A_THREAD, "/twincast")
    async with served(way, tmp_path) as running:
        async with phone(running.port, prefix=way.prefix) as one:
            await one.hello()
            await one.send(segment_message())
            await one.send(frame(0))
            await running.line("TOLD", one.session[:8], "chunk 0")
            running.process.send_signal(signal.SIGTERM)
            assert (await one.closed())[1] == 1012
        await running.drain()
        assert await running.process.wait() == 0
        closed = [line.split()[-1] for line in running.lines if f"TOLD {one.session[:8]} closed" in line]
        # The one that was cut short in the middle of a chunk has failed.
        assert sorted(closed) == ["failed", "shutdown"], running.lines
