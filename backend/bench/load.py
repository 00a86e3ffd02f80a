"""Phones in a process of their own: `python load.py '{"port": …}'` prints what they measured as JSON.

A phone is two sockets that send 25 kB of video and 1.6 kB of audio every 100 ms, each at a moment of its own, and wait
while more than a window is unacknowledged. The frames are built by hand and masked with zeros: the server unmasks them
like any other, and the load costs little enough to come from the same machine.
"""

import asyncio
import json
import random
import struct
import sys
import time
import uuid
import zlib
from array import array
from dataclasses import dataclass
from typing import Final, cast

import uvloop

CADENCE_S: Final = 0.1
VIDEO_BYTES: Final = 25_000
AUDIO_BYTES: Final = 1_600
KEY_FRAME_EVERY: Final = 20
"""Chunks: two seconds."""

CLUSTER: Final = b"\x1f\x43\xb6\x75\xff\xe7\x81\x00\xa3\x84\x81\x00\x00\x80"
"""What a Cluster begins with whose first block is a key frame: where a viewer can join. The rest is noise."""

WINDOW: Final = 40
"""Unacknowledged messages of one socket: 1 MB of video."""


@dataclass
class Plan:
    """What one load process does. Times are of the wall clock, so that processes measure the same seconds."""

    port: int
    phones: int
    connect_from_s: float
    measure_from_s: float
    measure_to_s: float


class Totals:
    """What all sockets of the process measured in the window."""

    def __init__(self) -> None:
        self.sent = 0
        self.held_back = 0
        self.failed = 0
        self.delays_ms = array("d")
        self.acks_ms = array("d")
        self.lateness_ms = array("d")


class Socket(asyncio.Protocol):
    """One stream of a phone."""

    def __init__(self, plan: Plan, kind: str, session: str, totals: Totals) -> None:
        self._plan = plan
        self._kind = kind
        self._session = session
        self._totals = totals
        self._payload = random.randbytes(VIDEO_BYTES if kind == "video" else AUDIO_BYTES)
        self._key_payload = CLUSTER + self._payload[len(CLUSTER) :]
        length = 24 + len(self._payload)
        self._frame = struct.pack(">BBHI", 0x82, 0xFE, length, 0)
        self._sent_at_ms = [0.0] * 256
        self._next_seq = 0
        self._acked_seq = -1
        self._buffer = b""
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._upgraded = False
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's do not derive from it
        self._transport.write(
            f"GET /ws/{self._kind} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Sec-WebSocket-Protocol: twincast.v1\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts what the server ended; at the end the process just exits."""
        del exc
        self._totals.failed += 1

    def data_received(self, data: bytes) -> None:
        """Reads the answer to the upgrade, and then acks."""
        self._buffer += data
        if not self._upgraded:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            if b" 101 " not in head:
                raise RuntimeError(head.decode())
            self._upgraded, self._buffer = True, rest
            self._begin()
        while len(self._buffer) >= 2:
            length, start = self._buffer[1], 2
            if length == 126:
                if len(self._buffer) < 4:
                    return
                length, start = int.from_bytes(self._buffer[2:4], "big"), 4
            if len(self._buffer) < start + length:
                return
            is_compressed = self._buffer[0] & 0x40
            payload, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            # RFC 7692, 7.2.2: the four bytes that every compressed message ends with are left out.
            self._read(self._inflate.decompress(payload + b"\x00\x00\xff\xff") if is_compressed else payload)

    def _read(self, payload: bytes) -> None:
        if b'"ack"' not in payload:
            return
        message = json.loads(payload)
        self._acked_seq = message["seq"]
        now_s = time.time()
        if self._plan.measure_from_s <= now_s < self._plan.measure_to_s:
            sent_at_ms = self._sent_at_ms[self._acked_seq % 256]
            self._totals.delays_ms.append(message["t"] - sent_at_ms)
            self._totals.acks_ms.append(now_s * 1000 - sent_at_ms)

    def _begin(self) -> None:
        now_ms = time.time() * 1000
        self._text({"type": "hello", "session": self._session, "resumeFrom": 0})
        self._text({"type": "ping", "t": now_ms, "offsetMs": 0})
        mime_type = f"{self._kind}/webm"
        self._text({"type": "segment", "segment": 0, "mimeType": mime_type, "startedAt": now_ms})
        self._due_s = self._loop.time() + random.random() * CADENCE_S
        self._loop.call_at(self._due_s, self._tick)

    def _text(self, message: dict[str, object]) -> None:
        body = json.dumps(message).encode()
        length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + struct.pack(">H", len(body))
        self._transport.write(b"\x81" + length + b"\0\0\0\0" + body)

    def _tick(self) -> None:
        if self._transport.is_closing():
            return
        now_s = time.time()
        measuring = self._plan.measure_from_s <= now_s < self._plan.measure_to_s
        if measuring:
            self._totals.lateness_ms.append((self._loop.time() - self._due_s) * 1000)
        if self._next_seq - self._acked_seq > WINDOW:
            self._totals.held_back += measuring
        else:
            now_ms = now_s * 1000
            seq = self._next_seq
            header = struct.pack(">BBHIdd", 1, seq == 0, 0, seq, now_ms - 100, now_ms)
            self._sent_at_ms[seq % 256] = now_ms
            is_key = seq % KEY_FRAME_EVERY == 0
            self._transport.write(self._frame + header + (self._key_payload if is_key else self._payload))
            self._next_seq += 1
            self._totals.sent += measuring
        self._due_s += CADENCE_S
        self._loop.call_at(self._due_s, self._tick)


async def run(plan: Plan) -> Totals:
    """Connects all phones, spread over the time until the measurement, and waits for its end."""
    totals = Totals()
    loop = asyncio.get_running_loop()
    ramp_s = (plan.measure_from_s - plan.connect_from_s) * 0.6
    for number in range(plan.phones):
        await asyncio.sleep(plan.connect_from_s + ramp_s * number / plan.phones - time.time())
        session = str(uuid.uuid4())
        for kind in ("video", "audio"):
            await loop.create_connection(
                lambda kind=kind, session=session: Socket(plan, kind, session, totals),  # type: ignore[misc]
                "127.0.0.1",
                plan.port,
            )
    await asyncio.sleep(plan.measure_to_s + 0.3 - time.time())
    return totals


if __name__ == "__main__":
    measured = uvloop.run(run(Plan(**json.loads(sys.argv[1]))))
    json.dump(
        {
            "sent": measured.sent,
            "heldBack": measured.held_back,
            "failed": measured.failed,
            "delaysMs": [round(delay, 2) for delay in measured.delays_ms],
            "acksMs": [round(ack, 2) for ack in measured.acks_ms],
            "latenessMs": [round(late, 2) for late in measured.lateness_ms],
        },
        sys.stdout,
    )
