"""Backends that break one rule each, and the cases that have to notice: those, and no others."""

import math
import re
from typing import Any

from tests.conformance.small_backend import SmallBackend
from tests.conformance.small_reading import CODES, RefusedError
from tests.conformance.small_talk import Known, Talk

Override = dict[str, Any]


def _nothing(*_: Any) -> None:
    pass


def _refuse(*_: Any) -> None:
    raise RefusedError("bad-message")


def _only_first_announced(_: SmallBackend, announced: int | None, _segment: int) -> None:
    if announced is None:
        raise RefusedError("bad-message")


def _no_origin_of_the_table(self: SmallBackend, offered: list[str], origin: str | None) -> None:
    if origin is not None:
        raise RefusedError("bad-message")
    SmallBackend.check_handshake(self, offered, origin)


def _without_subprotocol(_: SmallBackend, _offered: list[str], origin: str | None) -> None:
    if origin is not None:
        raise RefusedError("wrong-origin")


def _no_later_fields(self: SmallBackend, message: dict[str, Any]) -> None:
    if "later" in message and message["type"] == "segment":
        raise RefusedError("bad-message")
    SmallBackend.check_fields(self, message)


def _count_refused(_: SmallBackend, known: Known, seq: int) -> None:
    known.next_seq = seq + 1
    raise RefusedError("too-large", seq)


def _unnamed_refusal(_: SmallBackend, _known: Known, _seq: int) -> None:
    raise RefusedError("too-large")


def _token_prefix(self: SmallBackend, token: str | None) -> None:
    if token is None or not token.startswith(self.token):
        raise RefusedError("unauthorised")


def _token_if_any(self: SmallBackend, token: str | None) -> None:
    if token is not None and token != self.token:
        raise RefusedError("unauthorised")


def _half_a_window(self: SmallBackend, talk: Talk, size: int) -> None:
    talk.received_bytes += size
    if talk.received_bytes > self.window_bytes / 2:
        raise RefusedError("too-fast")


def _twice(self: SmallBackend, known: Known, talk: Talk, payload: bytes) -> None:
    self.count(known, payload)
    talk.ack_again()


def _range_anew(_: SmallBackend, known: Known) -> None:
    known.announced, known.is_open = None, False


def _no_segment_zero_of_chunks(_: SmallBackend, chain: bytes, payload: bytes) -> bytes:
    return SmallBackend.link(SmallBackend(), chain, payload) if payload else chain


def _not_at_epoch(self: SmallBackend, version: int, flags: int, captured_from: float, captured_to: float) -> None:
    if captured_from == 0:
        raise RefusedError("bad-message")
    SmallBackend.check_header(self, version, flags, captured_from, captured_to)


def _any_flag(self: SmallBackend, version: int, _flags: int, captured_from: float, captured_to: float) -> None:
    SmallBackend.check_header(self, version, 0, captured_from, captured_to)


def _chunks_are_over(_: SmallBackend, known: Known, _is_new: bool) -> None:
    if known.end is not None:
        raise RefusedError("already-ended")


def _other_second_verdict(self: SmallBackend, known: Known, end: Any, is_again: bool) -> dict[str, Any]:
    verdict = SmallBackend.verdict(self, known, end, is_again)
    return verdict | {"chunks": 0} if is_again else verdict


def _with_headers(_: SmallBackend, known: Known, payload: bytes) -> None:
    known.chunks += 1
    known.bytes += 24 + len(payload)


def _claims_believed(_: SmallBackend, ours: Any, claim: Any) -> str | None:
    if ours is None:
        return "unknown"
    return "verified" if claim else None


def _shorter_believed(self: SmallBackend, ours: Any, claim: Any) -> str | None:
    return "unknown" if ours and claim and claim.get("maybeShorter") else SmallBackend.state_of(self, ours, claim)


def _strangers_mismatch(self: SmallBackend, ours: Any, claim: Any) -> str | None:
    return "mismatch" if ours is None else SmallBackend.state_of(self, ours, claim)


def _no_empty_end(self: SmallBackend, known: Known, last_seq: int) -> None:
    if last_seq == -1:
        raise RefusedError("bad-message")
    SmallBackend.check_last_seq(self, known, last_seq)


def _longer_strings(_: SmallBackend, value: str) -> None:
    if not value.isprintable():
        raise RefusedError("bad-message")


def _own_seq_of_unknown(_: SmallBackend, known: Known, resume_from: int, resumed: bool) -> int:
    return known.next_seq if resumed else min(resume_from, 1_283)


def _pings_are_nothing(_: SmallBackend, _talk: Talk, text: str | bytes) -> float:
    return -math.inf if "ping" in str(text) else SmallBackend().heard_at(_talk, text)


class _Pushy(SmallBackend):
    def took(self, talk: Talk, size: int) -> None:
        talk.not_before_s = 0
        talk.send_ack()

    def known_chunk(self, known: Known, talk: Talk, payload: bytes) -> None:
        talk.send_ack()


BACKEND_MUTANTS: dict[str, tuple[Override, set[str]]] = {
    "selects what was offered first": (
        {"choose": lambda _, offered: offered[0] if offered else None},
        {"subprotocol-selected"},
    ),
    "agrees to compression": ({"compression": "deflate"}, {"no-compression"}),
    "numbers both streams together": ({"key": lambda _, session, _kind: session}, {"both-endpoints"}),
    "serves without the sub-protocol": ({"check_handshake": _without_subprotocol}, {"bad-subprotocol"}),
    "has another code for a foreign page": ({"check_handshake": _no_origin_of_the_table}, {"wrong-origin"}),
    "has resumed what is new": (
        {"is_resumed": lambda _, known, at: at == 0 or (known.is_known and at <= known.next_seq)},
        {"ready-to-new"},
    ),
    "begins unknown streams where it likes": (
        {"begins_at": _own_seq_of_unknown},
        {"ready-to-unknown"},
    ),
    "takes small chunks only": ({"max_chunk_bytes": 1_000}, {"chunk-limit"}),
    "ignores what comes before hello": ({"before_hello": _nothing}, {"hello-first"}),
    "ignores a second hello": ({"second_hello": _nothing}, {"hello-once"}),
    "wants no token": ({"check_token": _token_if_any}, {"token-missing"}),
    "looks at the token's beginning": ({"check_token": _token_prefix}, {"token-wrong"}),
    "rounds the ping's time": ({"pong_t": lambda _, t: round(t)}, {"ping"}),
    "does not know a reason": ({"gap_reasons": SmallBackend.gap_reasons[:3]}, {"good-messages"}),
    "takes sessions in upper case": (
        {"uuid": re.compile(SmallBackend.uuid.pattern, re.IGNORECASE)},
        {"bad-messages"},
    ),
    "refuses fields of later versions": ({"check_fields": _no_later_fields}, {"unknown-fields"}),
    "takes short messages only": ({"max_text_bytes": 500_000}, {"text-limits-kept"}),
    "takes long texts": ({"check_string": _longer_strings}, {"text-limits-broken"}),
    "does not name what was wrong": (
        {"error": lambda _, refused: {"type": "error", "code": "?", "message": "It is wrong.", "seq": refused.seq}},
        {"error-said"},
    ),
    "says nothing before it closes": ({"error": _nothing}, {"error-said", "too-large"}),
    "takes no media of 1970": ({"check_header": _not_at_epoch}, {"good-chunks"}),
    "takes flags that are reserved": ({"check_header": _any_flag}, {"bad-chunks"}),
    "takes chunks from the future": ({"future_chunk": _nothing}, {"out-of-order"}),
    "refuses the largest chunk": (
        {"is_too_large": lambda self, size: size >= self.max_chunk_bytes},
        {"largest-chunk"},
    ),
    "does not say which chunk was too large": ({"refuse_too_large": _unnamed_refusal}, {"too-large"}),
    "has another code for large chunks": ({"codes": {**CODES, "too-large": 4400}}, {"too-large"}),
    "counts a chunk that it refused": ({"refuse_too_large": _count_refused}, {"too-large-gap"}),
    "takes chunks of any segment": ({"check_announced": _only_first_announced}, {"segment-unannounced"}),
    "keeps the announcement for the next socket": (
        {"after_hello": _nothing, "may_follow": lambda _, announced, segment: segment >= announced},
        {"segment-each-connection", "segment-repeated"},
    ),
    "wants every number of segments": (
        {"may_follow": lambda _, announced, segment: segment == announced + 1},
        {"segment-numbers"},
    ),
    "takes the same segment again": (
        {"may_follow": lambda _, announced, segment: segment >= announced},
        {"segment-repeated"},
    ),
    "takes segments that go back": (
        {"may_follow": lambda _, announced, segment: segment != announced},
        {"segment-goes-back"},
    ),
    "takes segments that go back on another socket": (
        {
            "check_lowest": lambda _, known, segment: (
                None if known.is_open else SmallBackend().check_lowest(known, segment)
            )
        },
        {"segment-goes-back"},
    ),
    "acknowledges what was not sent": (
        {"acked_seq": lambda _, next_seq: next_seq},
        {"ack-cumulative", "ack-of-duplicate"},
    ),
    "acknowledges every chunk at once": (dict(vars(_Pushy)), {"ack-rate"}),
    "tells the time of capture": ({"ack_t": lambda _, captured_from: captured_from}, {"ack-time"}),
    "is silent about a known chunk": ({"known_chunk": _nothing}, {"ack-of-duplicate"}),
    "takes half a window": ({"took": _half_a_window}, {"window"}),
    "has one reason for all gaps": ({"gap_reason": lambda *_: "too-large"}, {"gap-acked"}),
    "goes on in the segment behind a gap": ({"lowest_after_gap": lambda *_: 0}, {"gap-new-segment"}),
    "takes gaps from the future": ({"check_gap_from": _nothing}, {"gap-not-next"}),
    "keeps the ms of what arrived": ({"gap_ms": lambda _, gap, _missing: gap["ms"]}, {"gap-overlap"}),
    "refuses a gap that is none": ({"arrived_gap": _refuse}, {"gap-arrived"}),
    "takes gaps without end": ({"most_gaps": math.inf}, {"most-gaps"}),
    "begins a range on each socket": ({"after_hello": _range_anew}, {"resume-after-cut"}),
    "believes the client's resumeFrom": (
        {"begins_at": lambda _, _known, resume_from, _resumed: resume_from},
        {"resume-lost-ack", "displaced"},
    ),
    "counts a known chunk": ({"known_chunk": _twice}, {"resume-duplicates"}),
    "has been everywhere": (
        {"is_resumed": lambda _, known, _at: known.is_known},
        {"resume-above", "range-elsewhere"},
    ),
    "calls a mismatch what it does not know": (
        {"state_of": _strangers_mismatch},
        {"range-elsewhere"},
    ),
    "leaves the older socket open": ({"displace": _nothing}, {"displaced", "displaced-unnumbered"}),
    "gives the stream to whoever comes last": ({"outranks": lambda *_: True}, {"displaced-overtaken"}),
    "refuses the same number": (
        {"outranks": lambda _, known, number: number is None or number > known.number},
        {"displaced-unnumbered"},
    ),
    "counts headers as media": (
        {"count": _with_headers},
        {"end", "good-chunks", "resume-after-cut", "resume-duplicates"},
    ),
    "leaves empty chunks out of the chain": (
        {"link": _no_segment_zero_of_chunks},
        {"end-chain", "end-maybe-shorter", "good-chunks"},
    ),
    "believes the client's chain": ({"state_of": _claims_believed}, {"end-maybe-shorter", "end-mismatch"}),
    "holds what was lost with a worker against the client": (
        {"may_be_shorter": lambda *_: False},
        {"end-maybe-shorter"},
    ),
    "believes whatever may be shorter": ({"state_of": _shorter_believed}, {"end-maybe-shorter"}),
    "wants a chunk before the end": ({"check_last_seq": _no_empty_end}, {"end-empty", "good-messages"}),
    "ends wherever the client says": ({"check_last_seq": _nothing}, {"end-elsewhere"}),
    "has another verdict the second time": (
        {"verdict": _other_second_verdict},
        {"end-again"},
    ),
    "takes no chunk after the end": ({"check_after_end": _chunks_are_over}, {"ended-known-chunk"}),
    "goes on after the end": ({"check_after_end": _nothing}, {"ended-new-chunk"}),
    "takes another end": ({"check_same_end": _nothing}, {"ended-other-end"}),
    "has another code for silence": ({"codes": {**CODES, "hello-timeout": 4400}}, {"hello-timeout"}),
    "waits for hello for ever": ({"hello_timeout_s": 1e6}, {"hello-timeout"}),
    "has another code for idleness": ({"codes": {**CODES, "idle": 4400}}, {"idle"}),
    "takes pings for silence": ({"heard_at": _pings_are_nothing}, {"idle"}),
}
