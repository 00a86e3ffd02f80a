"""Which commands may serve the application. What cannot keep its promises is refused in one sentence, at the start."""

import signal
import sys
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

_OTHER_SERVERS: Final = ("hypercorn", "granian", "daphne", "gunicorn")

_ONE_PROCESS: Final = (
    "The backend runs in one process: what it knows of each stream is that process's, and several would hand chunks to "
    "the sinks twice. Start it without --workers and with WEB_CONCURRENCY unset or 1; one process carries hundreds of "
    "phones (docs/capacity.md)."
)


def running_uvicorn() -> uvicorn.Server | None:
    """The server that runs this process, known by the signals that it handles."""
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, uvicorn.Server) else None


def launcher_problem() -> str | None:
    """Why the server that is about to serve this process cannot, if it cannot."""
    server = running_uvicorn()
    if server is not None:
        return _ONE_PROCESS if server.config.workers > 1 else None
    program = getattr(sys.modules["__main__"], "__package__", None) or ""
    for name in _OTHER_SERVERS:
        if name in sys.modules and (program.partition(".")[0] == name or _is_named(name)):
            return (
                f"The backend does not run under {name}, which ends its sockets without the last ack, so that the next "
                "process would get chunks twice. Start it with `python main.py`, `uvicorn main:app` or `fastapi run`."
            )
    return None


def _is_named(server: str) -> bool:
    """Whether the command of this process, or of its parent where that forked or spawned it, is that server's."""
    return server in sys.argv[0].replace("\\", "/").rpartition("/")[2]


class LauncherCheck:
    """Refuses at the start, where the application is the outermost: the lifespan says so to the server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets pass everything but the begin under a server that cannot serve it."""
        problem = launcher_problem() if scope["type"] == "lifespan" else None
        if problem is None:
            await self._app(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.failed", "message": problem})
