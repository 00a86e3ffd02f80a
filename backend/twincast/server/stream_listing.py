"""The list that /streams answers with: one JSON text for each stream."""

import asyncio
from collections.abc import Iterable
from typing import Final

from twincast.server.clock import now_ms
from twincast.server.http_bodies import GapBody, SegmentBody, StreamBody
from twincast.server.live_stream import LiveStream
from twincast.streams.stream import Stream

_GAPS_AT_ONCE: Final = 256
"""Listed without a break: half a millisecond."""


async def list_live(streams: Iterable[LiveStream], process: str | None) -> list[str]:
    """Of the streams of this process, which is called `process`."""
    return [
        await list_stream(live.stream, live.connection is not None, process, live.queued_bytes)
        for live in list(streams)
    ]


async def list_stream(stream: Stream, connected: bool, process: str | None, queued_bytes: int = 0) -> str:
    """Of one stream. Thousands of them with their gaps take more than a second: everybody else has a turn every few."""
    gaps = []
    known = tuple(stream.gaps)
    for at in range(0, len(known), _GAPS_AT_ONCE):
        gaps += [
            GapBody(from_seq=gap.from_seq, to_seq=gap.to_seq, ms=gap.ms, reason=gap.reason)
            for gap in known[at : at + _GAPS_AT_ONCE]
        ]
        await asyncio.sleep(0)
    body = _describe(stream, connected, gaps, process, queued_bytes).model_dump_json(by_alias=True)
    await asyncio.sleep(0)
    return body


def _describe(
    stream: Stream, connected: bool, gaps: list[GapBody], process: str | None, queued_bytes: int
) -> StreamBody:
    segment = stream.segment
    return StreamBody(
        session=stream.id.short,
        stream=stream.id.kind,
        state="ended" if stream.ended is not None else "connected" if connected else "gone",
        connected=connected,
        process=process,
        next_seq=stream.next_seq,
        acked_seq=stream.taken_seq,
        chunks=stream.chunks,
        bytes=stream.bytes,
        duplicates=stream.duplicates,
        gaps=gaps,
        segment=None if segment is None else SegmentBody.model_validate(segment),
        delay_p50_ms=stream.delays.quantile_ms(0.5),
        delay_p95_ms=stream.delays.quantile_ms(0.95),
        bytes_per_second=stream.rate.bytes_per_second(now_ms()),
        muted=stream.muted,
        resumes=stream.resumes,
        clock_offset_ms=stream.offset_ms,
        rtt_ms=stream.rtt_ms,
        queued_bytes=queued_bytes,
        verified=None if stream.ended is None else stream.ended.verified,
    )
