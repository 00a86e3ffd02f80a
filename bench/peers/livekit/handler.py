"""An application on LiveKit's Python SDK: it joins the room, and reads every track frame by frame.

It prints a token for the page, then "ready" once it is in the room.
"""

import asyncio
import os
import sys
from pathlib import Path

from livekit import api, rtc

from collector import Pictures, Sound, now_ms

FOLDER = Path(os.environ["PEERS_FOLDER"])
KEY = os.environ["LIVEKIT_API_KEY"]
SECRET = os.environ["LIVEKIT_API_SECRET"]
ROOM = "bench"
_SAMPLE_RATE = 48_000


def _token(identity: str) -> str:
    grants = api.VideoGrants(room_join=True, room=ROOM)
    return api.AccessToken(KEY, SECRET).with_identity(identity).with_grants(grants).to_jwt()


async def _read_pictures(track: rtc.Track, connection: str) -> None:
    pictures = Pictures(FOLDER, connection)
    async for event in rtc.VideoStream(track):
        at = now_ms()
        frame = event.frame
        luma = frame.get_plane(0)
        if luma is not None:
            pictures.take(at, frame.width, len(luma) // frame.height, luma)
    pictures.close()


async def _read_sound(track: rtc.Track, connection: str) -> None:
    sound = Sound(FOLDER, connection)
    async for event in rtc.AudioStream(track, sample_rate=_SAMPLE_RATE, num_channels=1):
        # It tells no time of its own.
        sound.take(now_ms(), "s16", 1, bytes(event.frame.data), None)
    sound.close()


async def main(url: str) -> None:
    """Reads until it is ended."""
    room = rtc.Room()
    readers: set[asyncio.Task[None]] = set()

    @room.on("track_subscribed")
    def on_track(track: rtc.Track, publication: rtc.TrackPublication, _participant: rtc.RemoteParticipant) -> None:
        is_video = track.kind == rtc.TrackKind.KIND_VIDEO
        read = _read_pictures if is_video else _read_sound
        task = asyncio.get_running_loop().create_task(read(track, publication.sid))
        readers.add(task)
        task.add_done_callback(readers.discard)

    sys.stdout.write(f"token {_token('phone')}\n")
    await room.connect(url, _token("handler"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
