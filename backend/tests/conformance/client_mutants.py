"""Clients that break one rule each, and the cases that have to notice: those, and no others."""

import asyncio
import hashlib
import uuid
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.protocol import State

from tests.conformance.small_client import GaveUpError, SmallClient
from twincast.conformance.client_cases.catalogue import CHUNK_REFUSED, FINAL, RETRIED, UNHEARD_OF

Override = dict[str, Any]
Json = dict[str, Any]


def _nothing(*_: Any) -> None:
    pass


def _another_session(self: SmallClient) -> Json:
    return SmallClient.hello(self) | {"session": str(uuid.uuid4())}


def _one_too_far(self: SmallClient) -> Json:
    hello = SmallClient.hello(self)
    return hello | {"resumeFrom": hello["resumeFrom"] + (self.number > 1)}


def _same_number(self: SmallClient) -> Json:
    return SmallClient.hello(self) | {"connection": 7}


async def _hurries(_: SmallClient, socket: ClientConnection) -> None:
    await socket.send('{"type":"muted","muted":false}')


def _reserved_flag(self: SmallClient, segment: int, seq: int, flags: int) -> bytes:
    return SmallClient.header(self, segment, seq, flags | 8)


def _leaves_one_out(self: SmallClient, segment: int, seq: int, flags: int) -> bytes:
    return SmallClient.header(self, segment, seq + (seq >= 20), flags)


def _ends_early(self: SmallClient) -> bool:
    return self.next_to_make >= self.count and len(self.kept) >= self.count


def _as_if_all_were_there(self: SmallClient) -> Json:
    self.acknowledge(self.next_to_make)
    return SmallClient.end(self)


def _another_end(self: SmallClient) -> Json:
    message = SmallClient.end(self)
    if self.number > 4:
        message["segments"][0]["bytes"] += 1
    return message


def _reads_late(self: SmallClient, seq: int, socket: ClientConnection) -> None:
    def read() -> None:
        if socket.state is State.OPEN:
            self.acknowledge(seq + 1)

    asyncio.get_running_loop().call_later(0.05, read)


def _knows_every_field(_: SmallClient, message: Json) -> None:
    if "later" in message:
        raise GaveUpError


def _knows_no_viewers(_: SmallClient, message: Json) -> None:
    if message["type"] == "watched":
        raise GaveUpError


def _ten_segments_on(self: SmallClient) -> None:
    self.segment_shift += 10


def _thinks_once(self: SmallClient) -> float:
    return 4.0 if self.number == 1 else 0.0


CLIENT_MUTANTS: dict[str, tuple[Override, set[str]]] = {
    "offers no sub-protocol": ({"offers": None}, {"client-subprotocol"}),
    "says something else than hello": ({"hello": lambda _: {"type": "muted", "muted": False}}, {"client-hello"}),
    "does not wait for ready": ({"before_ready": _hurries}, {"client-waits"}),
    "has a session for each socket": ({"hello": _another_session}, {"client-session"}),
    "skips what was not acknowledged": (
        {"hello": _one_too_far},
        {"client-resume-from", "client-reads-last", "client-end-record"},
    ),
    "has one number for all sockets": ({"hello": _same_number}, {"client-connection"}),
    "leaves out when the segment began": (
        {"announcement": lambda _, number: {"type": "segment", "segment": number, "mimeType": "video/webm"}},
        {"client-messages"},
    ),
    "sets a reserved flag": ({"header": _reserved_flag}, {"client-headers"}),
    "sends chunks of any size": ({"size": 300_000, "count": 16}, {"client-chunk-size"}),
    "leaves out a number": ({"header": _leaves_one_out}, {"client-order"}),
    "goes on before nextSeq": ({"first_after": lambda _, next_seq: max(0, next_seq - 1)}, {"client-next-seq"}),
    "sends something else the second time": (
        {"resent": lambda _, message: message[:23] + bytes([message[23] ^ 1]) + message[24:]},
        {"client-keeps"},
    ),
    "announces no segment but new ones": ({"announced_at_first": lambda _: 0}, {"client-announces"}),
    "counts segments down": (
        {
            "segment_of": lambda self, seq: 5 - seq // self.segment_chunks + self.segment_shift,
            "segment_after_gap": _ten_segments_on,
        },
        {"client-segments"},
    ),
    "never says first": ({"is_first": lambda *_: False}, {"client-first-flag"}),
    "minds no window": ({"may_send": lambda *_: True}, {"client-window"}),
    "is silent for six seconds": ({"silent_before": 10}, {"client-idle"}),
    "ends before the acks": (
        {"may_end": _ends_early, "end": _as_if_all_were_there},
        {"client-end-waits", "client-resume-from"},
    ),
    "changes its end": ({"end": _another_end}, {"client-end-again", "client-end-record"}),
    "hashes the other way round": (
        {"link": lambda _, chain, payload: hashlib.sha256(payload + chain).digest()},
        {"client-end-record"},
    ),
    "goes on with the range elsewhere": (
        {"begins_range": lambda _, next_seq, _resumed: next_seq == 0},
        {"client-new-range"},
    ),
    "misses the last ack": ({"last_ack": _reads_late}, {"client-reads-last", "client-close-1009"}),
    "knows every field": ({"check_ready": _knows_every_field}, {"client-later-fields"}),
    "knows no viewers": ({"check_message": _knows_no_viewers}, {"client-watched"}),
    "begins a gap too late": ({"gap_of": lambda _, seq: (seq + 1, seq + 1)}, {"client-gap-next"}),
    "calls a gap what it has sent": ({"drops": SmallClient.drops | {1006}}, {"client-gap-unsent"}),
    "goes on in the segment behind a gap": (
        {"segment_after_gap": _nothing, "renumber": _nothing},
        {"client-gap-segment", "client-end-record"},
    ),
    "thinks before it comes back": ({"wait_s": _thinks_once}, {"client-retries-at-once"}),
    "comes back at once for ever": ({"wait_s": lambda _: 0.0}, {"client-backs-off"}),
    "comes back after the end": ({"gives_up": SmallClient.gives_up - {1000}}, {"client-close-1000"}),
    "gives up at a code that it does not know": (
        {"gives_up": SmallClient.gives_up | {UNHEARD_OF}},
        {"client-close-other"},
    ),
    **{
        f"gives up at {code}": ({"gives_up": SmallClient.gives_up | {code}}, {f"client-close-{code}"})
        for code in RETRIED
    },
    **{
        f"comes back after {code}": ({"gives_up": SmallClient.gives_up - {code}}, {f"client-close-{code}"})
        for code in FINAL
    },
    **{
        f"sends again what was refused with {code}": (
            {"drops": SmallClient.drops - {code}, "note": _nothing},
            {f"client-close-{code}"},
        )
        for code in CHUNK_REFUSED
    },
}
