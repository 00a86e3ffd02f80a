"""Viewers in a process of their own: `python viewers.py '{"port": …}'` watches every stream and prints what it got.

They read everything and decode nothing, so that they can come from the machine that they measure.
"""

import asyncio
import json
import struct
import sys
import time
import urllib.request
from dataclasses import dataclass
from typing import Final, cast

import uvloop

PING_EVERY_S: Final = 2.0


@dataclass
class Plan:
    """What one process does. Times are of the wall clock, so that processes measure the same seconds."""

    port: int
    viewers: int
    """Of each phone."""
    watch_from_s: float
    measure_from_s: float
    measure_to_s: float


class Totals:
    """What all sockets of the process measured."""

    def __init__(self) -> None:
        self.sockets = 0
        self.bytes = 0
        self.failed = 0


class Socket(asyncio.Protocol):
    """One viewer of one stream."""

    def __init__(self, plan: Plan, watch_id: str, kind: str, totals: Totals) -> None:
        self._plan = plan
        self._watch: dict[str, object] = {"type": "watch", "watchId": watch_id, "kind": kind}
        self._totals = totals
        self._upgraded = False
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's do not derive from it
        self._transport.write(
            b"GET /ws/watch HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Sec-WebSocket-Protocol: twincast.watch.v1\r\n\r\n"
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts what the server ended; at the end the process just exits."""
        del exc
        self._totals.failed += 1

    def data_received(self, data: bytes) -> None:
        """Counts; the first bytes are the answer to the upgrade."""
        if not self._upgraded:
            self._upgraded = True
            self._totals.sockets += 1
            self._text(self._watch)
            self._loop.call_later(PING_EVERY_S, self._ping)
        if self._plan.measure_from_s <= time.time() < self._plan.measure_to_s:
            self._totals.bytes += len(data)

    def _ping(self) -> None:
        if not self._transport.is_closing():
            self._text({"type": "ping", "t": time.time() * 1000})
            self._loop.call_later(PING_EVERY_S, self._ping)

    def _text(self, message: dict[str, object]) -> None:
        body = json.dumps(message).encode()
        length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + struct.pack(">H", len(body))
        self._transport.write(b"\x81" + length + b"\0\0\0\0" + body)


async def run(plan: Plan) -> Totals:
    """Watches from `watch_from_s` what is live then, and waits for the end."""
    totals = Totals()
    await asyncio.sleep(max(0.0, plan.watch_from_s - time.time()))
    with urllib.request.urlopen(f"http://127.0.0.1:{plan.port}/watch/streams") as answer:  # noqa: ASYNC210
        sessions = json.load(answer)["sessions"]
    loop = asyncio.get_running_loop()
    for session in sessions:
        for kind in session["streams"]:
            for _ in range(plan.viewers):
                await loop.create_connection(
                    lambda session=session, kind=kind: Socket(plan, session["watchId"], kind, totals),  # type: ignore[misc]
                    "127.0.0.1",
                    plan.port,
                )
    await asyncio.sleep(max(0.0, plan.measure_to_s + 0.3 - time.time()))
    return totals


if __name__ == "__main__":
    measured = uvloop.run(run(Plan(**json.loads(sys.argv[1]))))
    json.dump({"sockets": measured.sockets, "bytes": measured.bytes, "failed": measured.failed}, sys.stdout)
