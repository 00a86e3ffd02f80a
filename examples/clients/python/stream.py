"""Streams a file, or a camera in the network that sends one JPEG after the other, to a backend.

python stream.py ws://localhost:8000/ws/video clip.webm video/webm
python stream.py ws://localhost:8000/ws/video http://camera.local/video video/x-motion-jpeg

Needs the package websockets. TWINCAST_TOKEN: the backend's secret or a token, where it wants one.
TWINCAST_SESSION: a UUID that the video and the audio of one recording share.
"""

import json
import os
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator

from client import Client


def file_pieces(path: str) -> Iterator[bytes]:
    """8 KiB ten times a second, as from an encoder."""
    with open(path, "rb") as file:
        while piece := file.read(8192):
            yield piece
            time.sleep(0.1)


def camera_pictures(url: str) -> Iterator[bytes]:
    """Of multipart/x-mixed-replace, whose parts say their length."""
    with urllib.request.urlopen(url) as camera:
        while line := camera.readline():
            if line.lower().startswith(b"content-length:"):
                while camera.readline().strip():
                    pass  # what else the part's header says
                yield camera.read(int(line.split(b":")[1]))


url, source, mime_type = sys.argv[1:4]
session = os.getenv("TWINCAST_SESSION") or str(uuid.uuid4())
client = Client(url, session, mime_type, os.getenv("TWINCAST_TOKEN"))
for piece in camera_pictures(source) if source.startswith("http") else file_pieces(source):
    client.add(piece)
ended = client.finish()
print(json.dumps(ended))
# "unknown" is a range that a backend took which is gone since: nobody compared it.
sys.exit(any(each["state"] == "mismatch" for each in ended["ranges"]))
