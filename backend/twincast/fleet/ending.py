"""How a task that talks to the engine is ended."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

_AGAIN_S: Final = 0.5


async def end(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """Cancels until they are done: redis-py loses a cancellation where its own time limits meet it."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_AGAIN_S)
