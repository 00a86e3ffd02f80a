"""A sink that never takes a chunk, for processes that are to end all the same."""

import asyncio

import structlog

from twincast import Sink, TakenChunk


class HangingSink(Sink):
    """Hangs at the first chunk."""

    async def chunk(self, chunk: TakenChunk) -> None:
        structlog.get_logger().info("hanging")
        await asyncio.Event().wait()
