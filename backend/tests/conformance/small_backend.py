"""A backend written from protocol/README.md alone: it shares no line with the package.

Each rule that a case tries is a method or a value of its own, so that a test can break it and nothing else.
"""

import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.conformance.small_reading import CODES, Json, RefusedError, TextRules
from tests.conformance.small_talk import Known, Talk


class SmallBackend(TextRules):
    """Serves `twincast.v1` on a free port."""

    max_chunk_bytes = 65_536
    window_bytes = 262_144
    ack_every_ms = 20
    idle_ms = 20_000
    hello_timeout_s = 20.0
    token = "the token of the run"
    origin_allowed = "https://good.example"
    compression: str | None = None
    most_gaps = 4_096
    codes: ClassVar[dict[str, int]] = CODES

    def __init__(self) -> None:
        self.streams: dict[Any, Known] = {}

    # The handshake.

    def choose(self, offered: list[str]) -> str | None:
        return "twincast.v1" if "twincast.v1" in offered else None

    def check_handshake(self, offered: list[str], origin: str | None) -> None:
        if origin not in (None, self.origin_allowed):
            raise RefusedError("wrong-origin")
        if "twincast.v1" not in offered:
            raise RefusedError("bad-subprotocol")

    def key(self, session: str, kind: str) -> Any:
        return session, kind

    # Hello.

    def before_hello(self) -> None:
        raise RefusedError("bad-message")

    def second_hello(self) -> None:
        raise RefusedError("bad-message")

    def check_token(self, token: str | None) -> None:
        if token != self.token:
            raise RefusedError("unauthorised")

    def outranks(self, known: Known, number: int | None) -> bool:
        return number is None or number >= known.number

    def displace(self, old: "Talk") -> None:
        old.refuse_soon("displaced")

    def is_resumed(self, known: Known, resume_from: int) -> bool:
        return known.is_known and resume_from <= known.next_seq

    def begins_at(self, known: Known, resume_from: int, resumed: bool) -> int:
        return known.next_seq if resumed else resume_from

    def after_hello(self, known: Known) -> None:
        known.announced = None

    def pong_t(self, t: float) -> float:
        return t

    # Chunks.

    def check_header(self, version: int, flags: int, captured_from: float, captured_to: float) -> None:
        if version != 1 or flags > 7 or not 0 <= captured_from <= captured_to <= 8.64e15:
            raise RefusedError("bad-message")

    def is_too_large(self, size: int) -> bool:
        return size > self.max_chunk_bytes

    def refuse_too_large(self, known: Known, seq: int) -> None:
        raise RefusedError("too-large", seq)

    def check_announced(self, announced: int | None, segment: int) -> None:
        if announced != segment:
            raise RefusedError("bad-message")

    def may_follow(self, announced: int, segment: int) -> bool:
        return segment > announced

    def check_lowest(self, known: Known, segment: int) -> None:
        if segment < known.lowest_segment:
            raise RefusedError("bad-message")

    def known_chunk(self, known: Known, talk: "Talk", payload: bytes) -> None:
        talk.ack_again()

    def future_chunk(self) -> None:
        raise RefusedError("bad-message")

    def check_after_end(self, known: Known, is_new: bool) -> None:
        if known.end is not None and is_new:
            raise RefusedError("already-ended")

    def count(self, known: Known, payload: bytes) -> None:
        known.chunks += 1
        known.bytes += len(payload)

    def link(self, chain: bytes, payload: bytes) -> bytes:
        return hashlib.sha256(chain + payload).digest()

    def acked_seq(self, next_seq: int) -> int:
        return next_seq - 1

    def ack_t(self, captured_from: float) -> float:
        return time.time() * 1000

    def took(self, talk: "Talk", size: int) -> None:
        pass

    # Gaps.

    def check_gap_from(self, known: Known, gap: Json) -> None:
        if gap["from"] > known.next_seq:
            raise RefusedError("bad-message")

    def arrived_gap(self, talk: "Talk") -> None:
        talk.ack_again()

    def gap_ms(self, gap: Json, missing: int) -> float:
        return float(gap["ms"] * missing / (gap["to"] - gap["from"] + 1))

    def gap_reason(self, reason: str) -> str:
        return reason

    def lowest_after_gap(self, known: Known) -> int:
        return known.lowest_segment + bool(known.ranges)

    # The end.

    def check_last_seq(self, known: Known, last_seq: int) -> None:
        if last_seq != known.next_seq - 1:
            raise RefusedError("bad-message")

    def check_same_end(self, known: Known, message: Json) -> None:
        if message != known.end:
            raise RefusedError("already-ended")

    def state_of(self, ours: Json | None, claim: Json | None) -> str | None:
        if ours is None:
            return "unknown"
        if claim is None:
            return "mismatch"
        if (ours["bytes"], ours["chain"].hex()) == (claim["bytes"], claim["chain"]):
            return "verified"
        return "unknown" if self.may_be_shorter(claim) and ours["bytes"] >= claim["bytes"] else "mismatch"

    def may_be_shorter(self, claim: Json) -> bool:
        return claim.get("maybeShorter") is True

    def verdict(self, known: Known, end: Json, is_again: bool) -> Json:
        ours = {(one["segment"], one["from"]): one for one in known.ranges}
        claims = {(one["segment"], one["from"]): one for one in end["segments"]}
        ranges = []
        for place in sorted({*ours, *claims}, key=lambda one: one[1]):
            state = self.state_of(ours.get(place), claims.get(place))
            if state is not None:
                ranges.append({"segment": place[0], "from": place[1], "state": state})
        verified = all(one["state"] == "verified" for one in ranges)
        return {
            "type": "ended",
            "chunks": known.chunks,
            "bytes": known.bytes,
            "gaps": known.gaps,
            "verified": verified,
            "ranges": ranges,
        }

    # What is said.

    def error(self, refused: RefusedError) -> Json | None:
        seq = {} if refused.seq is None else {"seq": refused.seq}
        return {"type": "error", "code": refused.name, "message": f"This is {refused.name}.", **seq}

    def heard_at(self, talk: "Talk", text: str | bytes) -> float:
        return time.monotonic()

    async def talk(self, socket: ServerConnection) -> None:
        assert socket.request
        offered = [one.strip() for one in socket.request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        one = Talk(self, socket, socket.request.path.rpartition("/")[2])
        with suppress(ConnectionClosed):
            try:
                self.check_handshake(offered, socket.request.headers.get("Origin"))
                await one.run()
            except RefusedError as refused:
                await one.refuse(refused)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        async with serve(
            self.talk,
            "127.0.0.1",
            0,
            select_subprotocol=lambda _, offered: self.choose(list(offered)),  # type: ignore[arg-type,return-value]
            compression=self.compression,
            max_size=2**24,
            close_timeout=0.2,
            ping_interval=None,
        ) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
