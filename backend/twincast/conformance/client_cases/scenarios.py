"""The scripts: what a client lives through, and the cases that it shows thereby."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from twincast.conformance.client_cases.catalogue import CHUNK_REFUSED, FINAL, RETRIED, UNHEARD_OF
from twincast.conformance.client_cases.ledger import AwayError
from twincast.conformance.client_cases.life import Life
from twincast.conformance.client_cases.peer import SMALL_WINDOW_BYTES, Peer
from twincast.conformance.vectors import Vectors
from twincast.wire.message_types import ClientGap

_MIN_CHUNK_BYTES: Final = 65_536
_FIRST_WAIT_S: Final = 0.6
_LONGEST_WAIT_S: Final = 5.0
_CHUNKS_BEFORE_HOLD: Final = 6
"""With acks, after which a client that begins with little knows its path."""

_REFUSALS: Final = 7
_SHORTEST_WAITS_S: Final = 1.25
"""Of all waits together: more than seven handshakes take on a busy machine.

Random times up to 0.6, 1.2, 2.4, 4.8, 5, 5 and 5 s add up to less once in a million runs: their sum is below t with a
probability of t^7 / (7! x 0.6 x 1.2 x 2.4 x 4.8 x 5^3).
"""

_TRY_AGAIN_LATER: Final = 1013
_UNAUTHORISED: Final = 4401
_LAST_BEFORE_READY: Final = 4406

Names = dict[int, str | None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One life. `codes`: the cases that are seen where the script comes to its end, or does not apply."""

    name: str
    codes: tuple[str, ...]
    script: Callable[[Life], Awaitable[None]]


async def _smooth(life: Life) -> None:
    """Without a fault. `ready` and acks come late, so that a client can be seen to wait."""
    findings, ledger, pace = life.findings, life.ledger, life.pace
    peer = await life.next()
    await peer.hello()
    await peer.holds_its_tongue(2 * pace.lag_s)
    await peer.ready(0, resumed=False, window_bytes=SMALL_WINDOW_BYTES)
    await peer.take(_CHUNKS_BEFORE_HOLD)
    await peer.ack()
    hold_until_s = time.monotonic() + pace.hold_s
    while time.monotonic() < hold_until_s and await peer.hear(pace.quiet_s):
        pass
    on_the_way = ledger.unacknowledged_bytes
    if on_the_way + ledger.largest_chunk > SMALL_WINDOW_BYTES:
        findings.see("client-window")
    else:
        findings.does_not_apply("client-window", f"{on_the_way} bytes came in {pace.hold_s:g} s without an ack.")
    await peer.ack()
    await peer.take_until_end()
    await peer.ended()
    again = await life.comes_back()
    findings.judge("client-close-1000", again is None, "it came back after `ended` and 1000.")


async def _cuts(life: Life) -> None:
    """Cut with lost chunks, cut with lost acks, restarted, moved to a backend that knows nothing, cut at the end."""
    findings, ledger = life.findings, life.ledger
    peer = await _begin(life)
    await peer.take(3)
    await peer.close(1006)

    peer = await life.next()  # what came without an ack is lost
    await peer.hello()
    await peer.ready(ledger.acked_seq + 1, resumed=True)
    await peer.take(4)
    await peer.close(1006)

    peer = await life.next()  # what came without an ack was taken
    await peer.hello()
    await peer.ready(ledger.next_seq, resumed=True)
    await peer.take(2)
    await peer.ack()
    last = ledger.acked_seq
    await peer.close(1012)

    peer = await life.next()
    hello = await peer.hello()
    how = f"{last} was acknowledged before the close; resumeFrom is {hello.resume_from}."
    findings.judge("client-reads-last", hello.resume_from == last + 1, how)
    await peer.ready(hello.resume_from, resumed=False)
    await peer.take(2)
    await peer.ack()
    await peer.take_until_end()
    await peer.close(1006)

    peer = await life.next()
    await peer.hello()
    await peer.ready(ledger.next_seq, resumed=True)
    await peer.take_until_end()
    await peer.ended()


async def _retries(names: Names, life: Life) -> None:
    """Each close code after which a client comes back, after some progress."""
    peer = await _begin(life)
    worst_s, worst_code = 0.0, 0
    for code in (*RETRIED, UNHEARD_OF):
        await peer.take(1)
        await peer.ack()
        closing_at_s = time.monotonic()
        await peer.refuse(code, names.get(code))
        try:
            peer = await life.next()
        except AwayError as why:
            life.findings.fail(_code_of(code), str(why))
            raise
        life.findings.see(_code_of(code))
        worst_s, worst_code = max((worst_s, worst_code), (peer.opened_at_s - closing_at_s, code))
        await peer.hello()
        await peer.ready(life.ledger.next_seq, resumed=True)
    how = f"after {worst_code} it took {worst_s:.2f} s."
    life.findings.judge("client-retries-at-once", worst_s <= life.pace.at_once_s, how)
    await peer.take_until_end()
    await peer.ended()


async def _refusals(life: Life) -> None:
    """A backend that takes nothing for a while."""
    peer = await _begin(life)
    await peer.take(1)
    await peer.ack()
    await peer.close(_TRY_AGAIN_LATER, "try-again-later")
    peer = await life.next()
    waited_s, longest_s = 0.0, _FIRST_WAIT_S
    for _ in range(_REFUSALS):
        await peer.hello()
        closing_at_s = time.monotonic()
        await peer.close(_TRY_AGAIN_LATER, "try-again-later")
        peer = await life.next()
        took_s = peer.opened_at_s - closing_at_s
        how = f"it waited {took_s:.1f} s where {longest_s:g} s are the most."
        life.findings.judge("client-backs-off", took_s <= longest_s + life.pace.at_once_s, how)
        waited_s += took_s
        longest_s = min(_LONGEST_WAIT_S, 2 * longest_s)
    how = f"it came {_REFUSALS} times within {waited_s * 1000:.0f} ms."
    life.findings.judge("client-backs-off", waited_s > _SHORTEST_WAITS_S, how)
    await peer.hello()
    await peer.ready(life.ledger.next_seq, resumed=True)
    await peer.take_until_end()
    await peer.ended()


async def _final(code: int, names: Names, life: Life) -> None:
    """A close code after which a client gives up; those of the handshake and of `hello` come before `ready`."""
    peer = await life.next()
    hello = await peer.hello()
    if code > _LAST_BEFORE_READY:
        await peer.ready(hello.resume_from, resumed=False)
        await peer.take(1)
    await peer.refuse(code, names.get(code))
    again = await life.comes_back()
    stays_away = again is None
    if again is not None and code == _UNAUTHORISED:
        stays_away = (await again.hello()).token != hello.token
    life.findings.judge(_code_of(code), stays_away, f"it came back after {code}.")


async def _chunk_refused(code: int, names: Names, life: Life) -> None:
    """A chunk is refused for its size: the first above 65,536 bytes, or else the third."""
    findings, ledger = life.findings, life.ledger
    case = _code_of(code)
    peer = await _begin(life, _MIN_CHUNK_BYTES)
    for _ in range(3):
        await peer.take(1)
        if ledger.largest_chunk > _MIN_CHUNK_BYTES + 24:
            break
    refused = ledger.refused_seq = ledger.next_seq - 1
    await peer.hear(2 * life.pace.lag_s)  # what was on the way behind it is not taken
    await peer.ack(refused - 1)
    await peer.refuse(code, names.get(code), refused if code >= 4000 else None)
    try:
        peer = await life.next(life.pace.away_s)
    except AwayError:
        if ledger.largest_chunk > _MIN_CHUNK_BYTES + 24:
            findings.fail(case, f"it gave up after chunk {refused} was refused.")
        else:
            findings.does_not_apply(case, "it gave up, and had sent no chunk above 65,536 bytes.")
        return
    await peer.hello()
    await peer.ready(refused, resumed=True)
    heard = await peer.hear(life.pace.patience_s)
    is_gap = isinstance(heard, ClientGap) and heard.from_seq <= refused <= heard.to_seq
    findings.judge(case, is_gap, f"chunk {refused} was refused; it went on with {type(heard).__name__}.")
    await peer.ack()
    await peer.take_until_end()
    await peer.ended()


async def _later_version(fields: dict[str, object], case: str, life: Life) -> None:
    """A backend that says more than is known."""
    peer = await life.next()
    await peer.hello()
    await peer.ready(0, resumed=False, fields=fields)
    if not fields:
        await peer.say(type="watched", viewers=2)
    await peer.take(2)
    await peer.ack()
    await peer.take_until_end()
    await peer.ended()
    life.findings.see(case)


async def _begin(life: Life, max_chunk_bytes: int | None = None) -> Peer:
    peer = await life.next()
    await peer.hello()
    if max_chunk_bytes is None:
        await peer.ready(0, resumed=False)
    else:
        await peer.ready(0, resumed=False, max_chunk_bytes=max_chunk_bytes)
    return peer


def _code_of(close_code: int) -> str:
    return "client-close-other" if close_code == UNHEARD_OF else f"client-close-{close_code}"


def scenarios(vectors: Vectors) -> tuple[Scenario, ...]:
    """All scripts, with the names that the vectors have for the close codes."""
    names: Names = {one["code"]: one["name"] for one in vectors.close_codes}
    always = ("client-subprotocol", "client-hello", "client-messages", "client-headers", "client-announces")
    smooth = ("client-waits", "client-order", "client-chunk-size", "client-segments", "client-first-flag")
    ends = ("client-window", "client-idle", "client-end-waits", "client-end-record", "client-close-1000")
    cuts = ("client-session", "client-resume-from", "client-next-seq", "client-keeps", "client-reads-last")
    more = ("client-connection", "client-new-range", "client-end-again")
    later: dict[str, object] = {"later": {"version": 2}}
    return (
        Scenario("smooth", always + smooth + ends, _smooth),
        Scenario("cuts", cuts + more, _cuts),
        Scenario(
            "retries",
            (*map(_code_of, (*RETRIED, UNHEARD_OF)), "client-retries-at-once"),
            partial(_retries, names),
        ),
        Scenario("refusals", ("client-backs-off",), _refusals),
        Scenario("later-fields", ("client-later-fields",), partial(_later_version, later, "client-later-fields")),
        Scenario("watched", ("client-watched",), partial(_later_version, {}, "client-watched")),
        *(
            Scenario(
                f"refused-{code}",
                (_code_of(code), "client-gap-next", "client-gap-unsent", "client-gap-segment"),
                partial(_chunk_refused, code, names),
            )
            for code in CHUNK_REFUSED
        ),
        *(Scenario(f"final-{code}", (_code_of(code),), partial(_final, code, names)) for code in FINAL),
    )
