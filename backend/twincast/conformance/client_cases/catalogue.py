"""The cases for a client. What tries them lies in `ledger` (what it says) and `scenarios` (when it comes back)."""

from typing import Final

from twincast.conformance.case import Case

_WRITING: Final = "Writing a client"
_HELLO: Final = "`hello`"
_GAP: Final = "`gap`"
_CODES: Final = "Close codes"
_MEET: Final = "Meet each close code as the table says."
_NO_GAPS: Final = "it sends no gap"

RETRIED: Final = (1001, 1006, 1011, 1012, 1013, 4408, 4429, 4440, 4503)
FINAL: Final = (4400, 4401, 4403, 4406, 4409, 4410, 4500)
CHUNK_REFUSED: Final = (1009, 4413)
UNHEARD_OF: Final = 4999

CLIENT_CASES: Final[tuple[Case, ...]] = (
    Case("client-subprotocol", "it offers the sub-protocol", _WRITING, "Offer `twincast.v1`."),
    Case("client-hello", "its first message is a hello", _WRITING, "Say `hello` first, and wait for `ready`."),
    Case("client-waits", "it sends nothing before ready", _WRITING, "Say `hello` first, and wait for `ready`."),
    Case(
        "client-session",
        "it has one session on all its connections",
        "The wire: `twincast.v1`",
        "One WebSocket carries one **stream** (`video` or `audio`) of one **session**.",
    ),
    Case(
        "client-resume-from",
        "resumeFrom is what it was told last",
        _HELLO,
        "`resumeFrom`: the first seq that is not acknowledged yet (0 on the first connection).",
    ),
    Case(
        "client-connection",
        "its sockets count up",
        _HELLO,
        "that grows, by any step, with every socket that the client opens for this stream",
        "it numbers no socket",
    ),
    Case(
        "client-messages",
        "its messages are what the page says",
        "Text: client to backend",
        "Every message is an object with a `type`.",
    ),
    Case(
        "client-headers",
        "its chunks have the header of the page",
        "Binary: the chunk",
        "A 24-byte header, big-endian, then the payload",
    ),
    Case(
        "client-chunk-size",
        "no chunk is above maxChunkBytes",
        "Binary: the chunk",
        "The whole message is at most 24 + `maxChunkBytes`",
    ),
    Case(
        "client-order",
        "its chunks come in order, none twice",
        _WRITING,
        "Let go of everything below `nextSeq`, and send from there, in order.",
    ),
    Case(
        "client-next-seq",
        "after a cut it sends from nextSeq on",
        _WRITING,
        "Let go of everything below `nextSeq`, and send from there, in order.",
    ),
    Case(
        "client-keeps",
        "what has no ack is sent again as it was",
        _WRITING,
        "Keep every chunk until it is acknowledged",
    ),
    Case(
        "client-announces",
        "it announces the segment on every connection",
        _WRITING,
        "Announce the segment on every connection, before its first chunk there.",
    ),
    Case(
        "client-segments",
        "its segments never go back",
        "`segment`",
        "Numbers grow by any step and never go back",
    ),
    Case(
        "client-first-flag",
        "the first chunk of a segment says so, and no other",
        _WRITING,
        "The first chunk of a segment has flag bit 0.",
    ),
    Case(
        "client-window",
        "it never has more than the window on the way",
        _WRITING,
        "never have more than `windowBytes` on the way, headers included; one chunk alone may be larger",
        "it keeps less than 48 KiB on the way by itself",
    ),
    Case(
        "client-idle",
        "it is never silent for idleMs",
        _WRITING,
        "as long as something is sent within `idleMs`",
    ),
    Case(
        "client-end-waits",
        "it says end when everything is acknowledged",
        _WRITING,
        "Say `end` once everything is acknowledged, again on every connection until `ended` comes.",
    ),
    Case(
        "client-end-again",
        "it says the same end again where no answer came",
        _WRITING,
        "Say `end` once everything is acknowledged, again on every connection until `ended` comes.",
    ),
    Case(
        "client-end-record",
        "its end has the bytes and the chain of every range",
        _WRITING,
        "in the order of their seqs: bytes and chain of the range",
    ),
    Case(
        "client-new-range",
        "a range begins where ready says resumed: false",
        _WRITING,
        "Where `ready` says `resumed: false`, a new range begins at its `nextSeq`.",
    ),
    Case(
        "client-reads-last",
        "it reads the ack before the close",
        _WRITING,
        "Read what came before a close before it connects again: the last ack lies there",
    ),
    Case(
        "client-later-fields",
        "it ignores fields of later versions",
        "The wire: `twincast.v1`",
        "ignored on both sides; an unknown `type` is a `bad-message`",
    ),
    Case(
        "client-watched",
        "it takes the number of viewers",
        "`watched`",
        "So many [viewers](watch.md) get this stream now.",
    ),
    Case("client-gap-next", "a gap begins at the next seq", _GAP, "`from` is the next seq.", _NO_GAPS),
    Case(
        "client-gap-unsent",
        "what was sent becomes no gap",
        _GAP,
        "Only chunks that were never sent become a gap, and one that was refused, with the rest of its segment",
        _NO_GAPS,
    ),
    Case(
        "client-gap-segment",
        "a new segment begins behind a gap",
        _GAP,
        "the chunk after it belongs to a new segment",
        _NO_GAPS,
    ),
    Case(
        "client-retries-at-once",
        "it comes back at once the first time",
        _CODES,
        '"Retries" is: at once the first time',
    ),
    Case(
        "client-backs-off",
        "it waits longer each time that it is refused again",
        _CODES,
        "then after a random time up to 600 ms, doubling to 5 s",
    ),
    Case("client-close-1000", "after ended it stays closed", _WRITING, _MEET),
    *(Case(f"client-close-{code}", f"after {code} it comes back", _WRITING, _MEET) for code in RETRIED),
    Case("client-close-other", "after an unknown code it comes back", _CODES, "Any other code: the client retries."),
    *(Case(f"client-close-{code}", f"after {code} it stays away", _WRITING, _MEET) for code in FINAL),
    *(
        Case(
            f"client-close-{code}",
            f"after {code} it reports the chunk as a gap",
            _WRITING,
            _MEET,
            "it gives up there, and sends no chunk above 65,536 bytes",
        )
        for code in CHUNK_REFUSED
    ),
)
