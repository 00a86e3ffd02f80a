"""A client written from protocol/README.md alone: it shares no line with the package.

It sends chunks of segments at a steady pace and ends. Each rule that a case tries is a method or a value of its own, so
that a test can break it and nothing else.
"""

import asyncio
import hashlib
import json
import struct
import uuid
from typing import Any, ClassVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Json = dict[str, Any]
T0_MS = 1_763_836_800_000.0


class GaveUpError(Exception):
    """The backend said something after which a client gives up."""


class SmallClient:
    """Streams `count` chunks of `size` bytes, one each `cadence_s`, in segments of `segment_chunks`."""

    count = 40
    size = 4_000
    cadence_s = 0.01
    segment_chunks = 25
    offers: ClassVar[list[str] | None] = ["twincast.v1"]
    gives_up: ClassVar[set[int]] = {1000, 4400, 4401, 4403, 4406, 4409, 4410, 4500}
    drops: ClassVar[set[int]] = {1009, 4413}
    silent_before: int | None = None

    def __init__(self) -> None:
        self.session = str(uuid.uuid4())
        self.made: dict[int, tuple[int, bool, bytes]] = {}
        self.kept: dict[int, bytes] = {}
        self.next_to_make = 0
        self.acked = 0
        self.number = 0
        self.failures = 0
        self.ranges: dict[int, Json] = {}
        self.range_at: int | None = None
        self.gaps: list[tuple[int, int]] = []
        self.refused: int | None = None
        self.segment_shift = 0

    # What is said.

    def hello(self) -> Json:
        self.number += 1
        return {"type": "hello", "session": self.session, "resumeFrom": self.acked, "connection": self.number}

    def segment_of(self, seq: int) -> int:
        return seq // self.segment_chunks + self.segment_shift

    def is_first(self, seq: int) -> bool:
        return seq == 0 or self.segment_of(seq) != self.made[seq - 1][0]

    def header(self, segment: int, seq: int, flags: int) -> bytes:
        at_ms = T0_MS + seq * 100
        return struct.pack(">BBHIdd", 1, flags, segment, seq, at_ms, at_ms + 100)

    def message_of(self, seq: int) -> bytes:
        segment, first, payload = self.made[seq]
        return self.header(segment, seq, int(first)) + payload

    def resent(self, message: bytes) -> bytes:
        return message

    def announcement(self, number: int) -> Json:
        return {"type": "segment", "segment": number, "mimeType": "video/webm", "startedAt": T0_MS}

    def may_send(self, on_the_way: int, size: int, window: int) -> bool:
        return on_the_way == 0 or on_the_way + size <= window

    def may_end(self) -> bool:
        return self.next_to_make >= self.count and self.acked >= self.next_to_make

    def first_after(self, next_seq: int) -> int:
        return next_seq

    def announced_at_first(self) -> int | None:
        return None

    def begins_range(self, next_seq: int, resumed: bool) -> bool:
        return not resumed

    def check_ready(self, ready: Json) -> None:
        pass

    def check_message(self, message: Json) -> None:
        pass

    def gap_of(self, seq: int) -> tuple[int, int]:
        return seq, seq

    def segment_after_gap(self) -> None:
        self.segment_shift += 1

    def link(self, chain: bytes, payload: bytes) -> bytes:
        return hashlib.sha256(chain + payload).digest()

    def end(self) -> Json:
        claims = [
            {"segment": one["segment"], "from": seq, "bytes": one["bytes"], "chain": one["chain"].hex()}
            for seq, one in self.ranges.items()
            if "segment" in one
        ]
        return {"type": "end", "lastSeq": self.next_to_make - 1, "segments": claims}

    def wait_s(self) -> float:
        """Not at random, so that a test takes as long each time."""
        return min(0.5, 0.15 * 2**self.failures) if self.failures else 0.0

    async def before_ready(self, socket: ClientConnection) -> None:
        pass

    def last_ack(self, seq: int, socket: ClientConnection) -> None:
        self.acknowledge(seq + 1)

    # How it goes about it.

    def make(self) -> None:
        seq = self.next_to_make
        self.made[seq] = self.segment_of(seq), True, bytes([seq % 256]) * self.size
        self.made[seq] = self.made[seq][0], self.is_first(seq), self.made[seq][2]
        self.next_to_make += 1

    def acknowledge(self, below: int) -> None:
        while self.acked < below:
            seq, self.acked = self.acked, self.acked + 1
            if any(first <= seq <= last for first, last in self.gaps):
                self.range_at = None
                continue
            segment, _, payload = self.made[seq]
            if self.range_at is None or self.ranges[self.range_at].get("segment", segment) != segment:
                self.range_at = seq
                self.ranges[seq] = {"bytes": 0, "chain": bytes(32)}
            one = self.ranges[self.range_at]
            one["segment"] = segment
            one["bytes"] += len(payload)
            one["chain"] = self.link(one["chain"], payload)

    async def run(self, url: str) -> None:
        making = asyncio.create_task(self.make_all())
        try:
            while True:
                try:
                    code = await self.connection(url)
                except GaveUpError:
                    return
                if code in self.gives_up:
                    return
                await asyncio.sleep(self.wait_s())
                self.failures += 1
        finally:
            making.cancel()

    async def make_all(self) -> None:
        for number in range(self.count):
            self.make()
            await asyncio.sleep(self.silence_s() if number + 1 == self.silent_before else self.cadence_s)

    def silence_s(self) -> float:
        return 6.0

    async def connection(self, url: str) -> int:
        options: Any = {"subprotocols": self.offers, "compression": None, "ping_interval": None, "close_timeout": 1}
        try:
            async with connect(url, **options) as socket:
                return await self.talk(socket)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            if code in self.drops:
                self.drop()
            return code
        except OSError:
            return 1006

    def drop(self) -> None:
        self.refused = self.refused if self.refused is not None else self.acked

    async def talk(self, socket: ClientConnection) -> int:
        await socket.send(json.dumps(self.hello()))
        await self.before_ready(socket)
        while (ready := json.loads(await socket.recv()))["type"] != "ready":
            self.note(ready)
        self.check_ready(ready)
        self.failures = 0
        next_seq = ready["nextSeq"]
        self.acknowledge(next_seq)
        if self.begins_range(next_seq, ready["resumed"]):
            self.range_at = next_seq
            self.ranges[next_seq] = {"bytes": 0, "chain": bytes(32)}
        sending = asyncio.create_task(self.send_all(socket, self.first_after(next_seq), ready["limits"]["windowBytes"]))
        try:
            while True:
                message = json.loads(await socket.recv())
                self.check_message(message)
                if message["type"] == "ack":
                    self.last_ack(message["seq"], socket)
                self.note(message)
        finally:
            sending.cancel()

    def note(self, message: Json) -> None:
        if message["type"] == "error" and message["code"] == "too-large":
            self.refused = message["seq"]

    async def send_all(self, socket: ClientConnection, seq: int, window: int) -> None:
        announced = self.announced_at_first()
        said_end = False
        while True:
            await asyncio.sleep(0.002)
            if self.refused is not None and self.refused == seq:
                gap = self.gap_of(seq)
                self.gaps.append(gap)
                self.refused = None
                await socket.send(json.dumps(self.a_gap(*gap)))
                seq = gap[1] + 1
                self.segment_after_gap()
                self.renumber(seq)
                continue
            if not said_end and self.may_end():
                said_end = True
                await socket.send(json.dumps(self.end()))
            on_the_way = sum(len(self.message_of(one)) for one in range(self.acked, seq) if one in self.made)
            if seq >= self.next_to_make or not self.may_send(on_the_way, self.size + 24, window):
                continue
            segment = self.made[seq][0]
            if announced is None or segment != announced:
                announced = segment
                await socket.send(json.dumps(self.announcement(segment)))
            message = self.message_of(seq)
            await socket.send(self.resent(message) if seq in self.kept else message)
            self.kept[seq] = message
            seq += 1

    def a_gap(self, first: int, last: int) -> Json:
        return {"type": "gap", "from": first, "to": last, "ms": 100.0, "reason": "too-large"}

    def renumber(self, seq: int) -> None:
        """What was made behind a gap goes into a new segment, which it begins."""
        for one in range(seq, self.next_to_make):
            self.made[one] = self.segment_of(one), one == seq, self.made[one][2]
            if one != seq and self.made[one][0] != self.made[one - 1][0]:
                self.made[one] = self.made[one][0], True, self.made[one][2]
