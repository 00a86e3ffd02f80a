"""What a client says on all its connections, judged by the page as it comes. Pure.

The run decides what the client is told; `told_ready` and `told_ack` say it here. Chunks are kept, so that what is sent
again can be compared, and `end` with what was sent.
"""

from typing import Final

from twincast.conformance.client_cases.findings import Findings
from twincast.conformance.outgoing import claim
from twincast.wire.chunk import HEADER_BYTES, Chunk, parse_chunk
from twincast.wire.close_codes import ProtocolError
from twincast.wire.message_types import ClientGap, End, Hello, Muted, Ping, Segment
from twincast.wire.messages import parse_client_message

MAX_CHUNK_BYTES: Final = 262_144
"""What the run tells, but where it means to refuse a chunk."""

_ANY_SIZE: Final = 2**30


class LifeOverError(Exception):
    """The client said something after which nothing can be made of what follows."""


class AwayError(LifeOverError):
    """The client is not there any more, or says nothing that is due."""


class Ledger:
    """One stream of a client, from its first hello to its end."""

    def __init__(self, findings: Findings) -> None:
        self.findings: Final = findings
        self.chunks: Final[dict[int, bytes]] = {}
        """Messages by their seq, with their header."""
        self.next_seq = 0
        """What has to come next on this connection."""
        self.acked_seq = -1
        """What the client can know of."""
        self.refused_seq: int | None = None
        """The chunk that was refused for its size."""
        self.end: End | None = None
        self._session: str | None = None
        self._number: int | None = None
        self._told: set[int] = {0}
        self.window_bytes = _ANY_SIZE
        self._announced: int | None = None
        self._begun: dict[int, int] = {}
        self._starts: dict[int, int] = {}
        self._new_ranges: set[int] = set()
        self._missing: set[int] = set()
        self._is_first_here = False
        self._is_behind_gap = False

    @property
    def unacknowledged_bytes(self) -> int:
        """On the way, as far as the client can know."""
        return sum(len(self.chunks[seq]) for seq in range(self.acked_seq + 1, self.next_seq) if seq in self.chunks)

    @property
    def largest_chunk(self) -> int:
        """Bytes of the longest message so far."""
        return max(map(len, self.chunks.values()), default=0)

    def take_hello(self, data: str | bytes) -> Hello:
        """The first message of a connection. Raises `LifeOverError` where it is none."""
        message = self._read(data) if isinstance(data, str) else None
        if not isinstance(message, Hello):
            self.findings.fail("client-hello", f"the first message was {data[:60]!r}.")
            raise LifeOverError("no hello came first.")
        self.findings.see("client-hello")
        session = self._session or message.session
        self.findings.judge("client-session", message.session == session, f"{session} became {message.session}.")
        self._session = session
        known = message.resume_from in self._told and message.resume_from <= self.acked_seq + 1
        told = sorted(self._told)
        self.findings.judge("client-resume-from", known, f"resumeFrom is {message.resume_from}; {told} were told.")
        if message.connection is not None:
            grows = self._number is None or message.connection > self._number
            self.findings.judge("client-connection", grows, f"{message.connection} came after {self._number}.")
            self._number = message.connection
        return message

    def told_ready(self, next_seq: int, resumed: bool, window_bytes: int) -> None:
        """The client is told where to go on."""
        self.next_seq = next_seq
        self._told_up_to(next_seq - 1)
        self.window_bytes = window_bytes
        self._announced = None
        self._is_first_here = True
        if not resumed:
            self._new_ranges.add(next_seq)

    def told_ack(self, seq: int) -> None:
        """The client is told that everything up to `seq` is there."""
        self._told_up_to(seq)

    def _told_up_to(self, seq: int) -> None:
        self.acked_seq = max(self.acked_seq, seq)
        self._told.add(seq + 1)

    def take(self, data: str | bytes) -> Chunk | Segment | ClientGap | Muted | Ping | End:
        """Any later message. Raises `LifeOverError` where nothing can follow it."""
        if isinstance(data, bytes):
            return self._take_chunk(data)
        message = self._read(data)
        match message:
            case Hello():
                self.findings.fail("client-hello", "it said hello a second time.")
                raise LifeOverError("it said hello a second time.")
            case Segment():
                self._take_segment(message)
            case ClientGap():
                self._take_gap(message)
            case End():
                self._take_end(message)
            case Muted() | Ping():
                pass
        return message

    def _read(self, text: str) -> Hello | Segment | ClientGap | Muted | Ping | End:
        try:
            message = parse_client_message(text)
        except ProtocolError as error:
            self.findings.fail("client-messages", f"{text[:60]!r}: {error.message}")
            raise LifeOverError("it sent a bad message.") from None
        self.findings.see("client-messages")
        return message

    def _take_segment(self, message: Segment) -> None:
        number = message.segment
        again = self._announced is not None and number <= self._announced
        back = number < max(self._begun, default=0)
        self.findings.judge("client-segments", not again and not back, f"segment {number} was announced after others.")
        self._announced = number

    def _take_chunk(self, data: bytes) -> Chunk:
        findings = self.findings
        try:
            chunk = parse_chunk(data, _ANY_SIZE)
        except ProtocolError as error:
            findings.fail("client-headers", error.message)
            raise LifeOverError("it sent a malformed chunk.") from None
        findings.see("client-headers")
        seq, size = chunk.seq, len(data) - HEADER_BYTES
        limit = MAX_CHUNK_BYTES
        findings.judge("client-chunk-size", size <= limit, f"chunk {seq} has {size} bytes; {limit} are taken.")
        findings.judge(
            "client-announces",
            self._announced == chunk.segment,
            f"chunk {seq} is of segment {chunk.segment}, announced was {self._announced}.",
        )
        self._place(seq)
        before = self.chunks.get(seq)
        if before is not None:
            findings.judge("client-keeps", before == data, f"chunk {seq} was sent again with other bytes.")
        self._begin(chunk)
        self.chunks[seq] = data
        self.next_seq = seq + 1
        on_the_way = self.unacknowledged_bytes
        if on_the_way > self.window_bytes and on_the_way > len(data):
            findings.fail("client-window", f"{on_the_way} bytes were on the way; windowBytes is {self.window_bytes}.")
        return chunk

    def _place(self, seq: int) -> None:
        code = "client-next-seq" if self._is_first_here and self.chunks else "client-order"
        self._is_first_here = False
        self.findings.judge(code, seq == self.next_seq, f"chunk {seq} came; {self.next_seq} was due.")
        if seq != self.next_seq:
            raise LifeOverError(f"chunk {seq} came where {self.next_seq} was due.")

    def _begin(self, chunk: Chunk) -> None:
        begun = self._begun.get(chunk.segment)
        if self._is_behind_gap:
            self._is_behind_gap = False
            how = f"chunk {chunk.seq} goes on with segment {chunk.segment}."
            self.findings.judge("client-gap-segment", begun is None, how)
        is_first = begun is None or begun == chunk.seq
        how = f"chunk {chunk.seq} is {'' if is_first else 'not '}the first of segment {chunk.segment}."
        self.findings.judge("client-first-flag", chunk.first == is_first, how)
        if begun is None:
            self._begun[chunk.segment] = chunk.seq
        if is_first or chunk.seq in self._new_ranges:
            self._starts[chunk.seq] = chunk.segment

    def _take_gap(self, gap: ClientGap) -> None:
        findings, due = self.findings, self.next_seq
        how = f"a gap begins at {gap.from_seq}; {due} is the next seq."
        findings.judge("client-gap-next", gap.from_seq == due, how)
        if gap.from_seq != due:
            raise LifeOverError(how)
        # Nothing behind the chunk that was refused was taken: the client knows that none of it arrived.
        kept_from = gap.to_seq + 1 if self.refused_seq is None else self.refused_seq
        sent = [seq for seq in range(gap.from_seq, min(gap.to_seq + 1, kept_from)) if seq in self.chunks]
        findings.judge("client-gap-unsent", not sent, f"chunks {sent} were sent, and told as a gap.")
        self._missing.update(range(gap.from_seq, gap.to_seq + 1))
        for seq in [one for one in self.chunks if one > gap.to_seq]:
            del self.chunks[seq]  # it comes again in a new segment, and so with another header
        self.next_seq = gap.to_seq + 1
        self._is_first_here = False
        self._is_behind_gap = True

    def _take_end(self, end: End) -> None:
        findings = self.findings
        last = self.next_seq - 1
        findings.judge("client-end-waits", self.acked_seq >= last, f"{self.acked_seq} was acknowledged, {last} sent.")
        if self.end is not None:
            findings.judge("client-end-again", end == self.end, "the second end differs from the first.")
        self.end = end
        claims = {(one.segment, one.from_seq): (one.bytes, one.chain) for one in end.segments}
        ours = self._ranges()
        for seq in self._new_ranges - {0}:
            begins = any(from_seq == seq for _, from_seq in claims)
            if any(from_seq == seq for _, from_seq in ours):
                findings.judge("client-new-range", begins, f"resumed was false at {seq}; no range begins there.")
            if not begins:
                return
        right = claims == ours and end.last_seq == last
        findings.judge(
            "client-end-record", right, f"lastSeq is {end.last_seq} and {_shown(claims)}; {_shown(ours)} is so."
        )

    def _ranges(self) -> dict[tuple[int, int], tuple[int, str]]:
        found = {}
        starts = sorted(self._starts)
        for start, stop in zip(starts, [*starts[1:], self.next_seq], strict=True):
            payloads = []
            for seq in range(start, stop):
                if seq in self._missing or seq not in self.chunks:
                    break
                payloads.append(self.chunks[seq][HEADER_BYTES:])
            if payloads:
                one = claim(self._starts[start], start, *payloads)
                found[one["segment"], one["from"]] = (one["bytes"], one["chain"])
        return found


def _shown(ranges: dict[tuple[int, int], tuple[int, str]]) -> str:
    return ", ".join(
        f"{segment}/{seq}: {size} B {chain[:8]}" for (segment, seq), (size, chain) in sorted(ranges.items())
    )
