"""The same with nothing but the websockets library and uvloop."""

import json
import sys
import time

import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol


async def stream(websocket: ServerConnection) -> None:
    """Takes everything from everybody."""
    seq = 0
    async for data in websocket:
        if isinstance(data, str):
            continue
        now_ms = time.time() * 1000
        print(f"{now_ms:.0f} seq {seq} {len(data)} B", flush=True)  # noqa: T201
        await websocket.send(json.dumps({"type": "ack", "seq": seq, "t": now_ms}))
        seq += 1


async def main(port: int) -> None:
    """Serves until it is killed."""
    subprotocols = [Subprotocol("twincast.v1")]
    async with serve(stream, "127.0.0.1", port, subprotocols=subprotocols, compression=None) as server:
        await server.serve_forever()


uvloop.run(main(int(sys.argv[1])))
