"""What is acknowledged, how often, and with which time."""

import asyncio
from typing import Final

from twincast.conformance.backend_cases.kind import BackendCases
from twincast.conformance.backend_messages import Ack, Pong
from twincast.conformance.case import NotApplicableError, require
from twincast.conformance.line import Backend
from twincast.conformance.outgoing import T0_MS, chunk, segment

CASES: Final = BackendCases()
_CONNECTION: Final = "A connection"
_ROUNDS: Final = 10
_CHUNKS_A_ROUND: Final = 20
_SLOWEST_ACK_MS: Final = 500
_LARGEST_WINDOW: Final = 16 * 2**20
_TOLERANCE_MS: Final = 5


@CASES.add(
    "ack-cumulative",
    "acks say what was sent, and never less than before",
    "`ack`",
    "Every chunk and gap up to `seq` reached the sinks, or the log from which sinks elsewhere read.",
)
async def acknowledges_what_was_sent(backend: Backend) -> None:
    """Up to the last one, and no further."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        for seq in range(20):
            await one.send(chunk(seq, first=seq == 0))
            if seq % 5 == 4:
                await one.acked(seq)
                newest = one.acks[-1].seq
                require(newest <= seq, f"seq {newest} was acknowledged; {seq} is the last one sent.")
    seqs = [ack.seq for ack in one.acks]
    require(seqs == sorted(seqs), f"acks went back: {seqs}.")


@CASES.add(
    "ack-rate",
    "acks come at most once in ackEveryMs",
    _CONNECTION,
    "cumulative, at most one per ackEveryMs",
    optional="`ackEveryMs` is 0, or above 500",
)
async def acknowledges_at_most_once_per_ack_every_ms(backend: Backend) -> str:
    """While chunks come far more often."""
    loop = asyncio.get_running_loop()
    async with backend.line() as one:
        every_ms = (await one.hello()).limits.ack_every_ms
        if not 0 < every_ms <= _SLOWEST_ACK_MS:
            raise NotApplicableError(f"ackEveryMs is {every_ms}.")
        await one.send(segment())
        began_s = loop.time()
        last = _ROUNDS * _CHUNKS_A_ROUND - 1
        for seq in range(last + 1):
            await one.send(chunk(seq, first=seq == 0))
            if seq % _CHUNKS_A_ROUND == 0:
                await asyncio.sleep(every_ms / 1000)
        await one.acked(last)
        took_ms = (loop.time() - began_s) * 1000
        most = took_ms / every_ms + 2
        require(len(one.acks) <= most, f"{len(one.acks)} acks within {took_ms:.0f} ms; ackEveryMs is {every_ms}.")
        return f"{len(one.acks)} acks within {took_ms:.0f} ms"


@CASES.add(
    "ack-time",
    "an ack tells when its chunk arrived",
    "`ack`",
    "`t`: the backend's clock when chunk `seq` arrived",
)
async def tells_when_a_chunk_arrived(backend: Backend) -> None:
    """Between the two pings around it."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        await one.send({"type": "ping", "t": T0_MS})
        before_ms = (await one.expect(Pong)).server_time - _TOLERANCE_MS
        await one.send(chunk(0, first=True))
        await one.acked(0)
        await one.send({"type": "ping", "t": T0_MS})
        after_ms = (await one.expect(Pong)).server_time + _TOLERANCE_MS
        t = one.acks[0].t
        require(before_ms <= t <= after_ms, f"t is {t}; the clock said {before_ms} before and {after_ms} after.")


@CASES.add(
    "ack-of-duplicate",
    "a chunk that is known is acknowledged again",
    "Order and acknowledgement",
    "Chunks below `nextSeq` are acknowledged again and not handed on.",
)
async def acknowledges_a_known_chunk_again(backend: Backend) -> None:
    """For a client that has not got the ack."""
    async with backend.line() as one:
        await one.hello()
        await one.send(segment())
        for seq in range(2):
            await one.send(chunk(seq, first=seq == 0))
        await one.acked(1)
        await one.send(chunk(0, first=True))
        again = await one.expect(Ack)
        require(again.seq == 1, f"seq {again.seq} was acknowledged; 1 is the newest.")


@CASES.add(
    "window",
    "a whole window is taken at once",
    _CONNECTION,
    "never more than windowBytes unacknowledged",
    optional="`windowBytes` is above 16 MiB",
)
async def takes_a_window_at_once(backend: Backend) -> None:
    """Without waiting for an ack."""
    async with backend.line() as one:
        limits = (await one.hello()).limits
        if limits.window_bytes > _LARGEST_WINDOW:
            raise NotApplicableError(f"windowBytes is {limits.window_bytes}.")
        await one.send(segment())
        size = min(limits.max_chunk_bytes // 2, limits.window_bytes // 4)
        count = limits.window_bytes // (24 + size)
        for seq in range(count):
            await one.send(chunk(seq, bytes(size), first=seq == 0))
        await one.acked(count - 1)
