"""One stream of one segment by twincast.v1, in Python. protocol/README.md says why it does what."""

import hashlib
import json
import random
import struct
import time
from contextlib import suppress
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

GIVES_UP = {1009, 4400, 4401, 4403, 4406, 4409, 4410, 4413, 4500}  # 1009, 4413: give it no piece above 64 KiB


class Client:
    def __init__(self, url: str, session: str, mime_type: str, token: str | None = None) -> None:
        self.url, self.since_ms, self.retry_at_s, self.socket = url, time.time() * 1000, 0.0, None
        self.hello = {"type": "hello", "session": session, "token": token}
        self.segment = {"type": "segment", "segment": 0, "mimeType": mime_type, "startedAt": self.since_ms}
        self.chunks: list[bytes] = []  # those without an ack; the first one's seq is `acked`
        self.acked = self.sent = self.window_bytes = self.failures = 0  # sent: how many of those, on this connection
        self.ranges: dict[int, dict] = {}  # what `end` says of each, by the range's first seq

    def add(self, piece: bytes) -> None:
        """Media since the last piece, sent as soon as there is a connection. The first begins with a key frame."""
        seq, from_ms, self.since_ms = self.acked + len(self.chunks), self.since_ms, time.time() * 1000
        self.chunks.append(struct.pack(">BBHIdd", 1, 0 if seq else 0b101, 0, seq, from_ms, self.since_ms) + piece)
        self.work(wait_s=0)

    def finish(self) -> dict:
        """Delivers what waits. Returns `ended`: what the backend has of the stream."""
        while self.chunks or not (ended := self.work(wait_s=5, is_over=True)):
            self.work(wait_s=0.1)
        return ended

    def work(self, wait_s: float, is_over: bool = False) -> dict | None:
        """Connects where there is no connection, sends what it may, reads until nothing comes for `wait_s`."""
        if self.socket is None and time.monotonic() < self.retry_at_s:
            return time.sleep(wait_s)
        try:
            self.socket = self.socket or self.open()
            with suppress(ConnectionClosed):  # what the backend said last is read first
                while (n := self.sent + 1) <= len(self.chunks) and sum(map(len, self.chunks[:n])) <= self.window_bytes:
                    self.socket.send(self.chunks[self.sent])
                    self.sent = n
                if is_over:
                    segments = [each for each in self.ranges.values() if each["from"] < self.acked]
                    self.socket.send(json.dumps({"type": "end", "lastSeq": self.acked - 1, "segments": segments}))
            while (message := json.loads(self.socket.recv(timeout=wait_s)))["type"] != "ended":
                if message["type"] == "ack":
                    self.acknowledge(message["seq"] + 1)
            return message
        except (OSError, WebSocketException) as error:
            if self.socket and isinstance(error, TimeoutError):
                return None  # nothing more has come
            if isinstance(error, ConnectionClosed) and error.rcvd and error.rcvd.code in GIVES_UP:
                raise
            self.retry_at_s = time.monotonic() + random.random() * (self.failures and min(5, 0.3 * 2**self.failures))
            self.socket, self.failures = None, self.failures + 1  # the first time at once, then later and later

    def open(self) -> ClientConnection:
        socket = connect(self.url, subprotocols=["twincast.v1"], compression=None, open_timeout=2)
        socket.send(json.dumps({**self.hello, "resumeFrom": self.acked, "connection": time.time_ns() // 1_000_000}))
        while (ready := json.loads(socket.recv(timeout=5)))["type"] != "ready":  # an error: its close frame is next
            pass
        self.acknowledge(ready["nextSeq"])
        if not ready["resumed"]:  # another process, which hashes from here on
            self.ranges[self.acked] = {"segment": 0, "from": self.acked, "bytes": 0, "chain": "00" * 32}
        self.sent, self.window_bytes, self.failures = 0, ready["limits"]["windowBytes"], 0
        socket.send(json.dumps(self.segment))
        return socket

    def acknowledge(self, below_seq: int) -> None:
        """What has arrived goes into its range's hash, as it does on the other side, and is let go."""
        while self.acked < below_seq:
            payload, last = self.chunks.pop(0)[24:], self.ranges[max(self.ranges)]
            last["bytes"] += len(payload)
            last["chain"] = hashlib.sha256(bytes.fromhex(last["chain"]) + payload).hexdigest()
            self.acked, self.sent = self.acked + 1, self.sent - 1
