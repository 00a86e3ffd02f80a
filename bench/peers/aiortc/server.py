"""The application that aiortc's documentation begins with, in FastAPI: answers an offer, and reads frame by frame."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel

from collector import Pictures, Sound, now_ms

FOLDER = Path(os.environ["PEERS_FOLDER"])

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
_connections: list[RTCPeerConnection] = []
_readers: set[asyncio.Task[None]] = set()


class Description(BaseModel):
    """An offer or an answer, as browsers write it."""

    sdp: str
    type: str


@app.get("/health")
async def health() -> dict[str, Any]:
    """Whether it is up."""
    return {"ok": True}


@app.post("/offer")
async def offer(description: Description) -> Description:
    """Answers a page's offer; from here on its tracks arrive."""
    # An empty list: the default names a public STUN server.
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    number = str(len(_connections))
    _connections.append(peer)

    @peer.on("track")
    def on_track(track: MediaStreamTrack) -> None:
        read = _read_pictures if track.kind == "video" else _read_sound
        task = asyncio.get_running_loop().create_task(read(track, number))
        _readers.add(task)
        task.add_done_callback(_readers.discard)

    await peer.setRemoteDescription(RTCSessionDescription(sdp=description.sdp, type=description.type))
    await peer.setLocalDescription(await peer.createAnswer())
    local = peer.localDescription
    return Description(sdp=local.sdp, type=local.type)


async def _read_pictures(track: MediaStreamTrack, connection: str) -> None:
    pictures = Pictures(FOLDER, connection)
    with suppress(MediaStreamError):
        while True:
            frame = await track.recv()
            at = now_ms()
            if isinstance(frame, VideoFrame):
                plane = frame.planes[0]
                pictures.take(at, frame.width, plane.line_size, memoryview(plane))
    pictures.close()


async def _read_sound(track: MediaStreamTrack, connection: str) -> None:
    sound = Sound(FOLDER, connection)
    with suppress(MediaStreamError):
        while True:
            frame = await track.recv()
            at = now_ms()
            if isinstance(frame, AudioFrame):
                channels = len(frame.layout.channels)
                samples = bytes(frame.planes[0])[: 2 * channels * frame.samples]
                media_ms = 1e3 * frame.pts / frame.sample_rate if frame.pts is not None else None
                sound.take(at, "s16", channels, samples, media_ms)
    sound.close()


if __name__ == "__main__":
    uvicorn.run(app, host=sys.argv[1], port=int(sys.argv[2]), log_level="warning")
