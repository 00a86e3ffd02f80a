"""The simplest FastAPI handler: receive a chunk, print a line, acknowledge it."""

import json
import time

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/ws/{kind}")
async def stream(websocket: WebSocket, kind: str) -> None:
    """Takes everything from everybody."""
    await websocket.accept(subprotocol="twincast.v1")
    seq = 0
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("bytes")
            if data is None:
                continue
            now_ms = time.time() * 1000
            print(f"{now_ms:.0f} {kind} seq {seq} {len(data)} B", flush=True)  # noqa: T201
            await websocket.send_text(json.dumps({"type": "ack", "seq": seq, "t": now_ms}))
            seq += 1
    except WebSocketDisconnect:
        return
