"""The handler of a first WebSocket example: what a page's MediaRecorder makes comes in, and is appended to a file."""

import os
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from collector import Records, now_ms

FOLDER = Path(os.environ["PEERS_FOLDER"])

app = FastAPI()
_connections = 0


@app.get("/health")
async def health() -> dict[str, bool]:
    """Whether it is up."""
    return {"ok": True}


@app.websocket("/ws")
async def receive(socket: WebSocket) -> None:
    """Takes messages until the page goes."""
    global _connections  # noqa: PLW0603
    await socket.accept()
    messages = Records(FOLDER / f"messages-{_connections}.records")
    _connections += 1
    try:
        while True:
            data = await socket.receive_bytes()
            messages.write({"at": now_ms()}, data)
    except WebSocketDisconnect:
        messages.close()


if __name__ == "__main__":
    uvicorn.run(app, host=sys.argv[1], port=int(sys.argv[2]), log_level="warning")
