"""An event loop for random schedules: what would take hours takes no time."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class _SkippingSelector:
    """Nothing is waited for: the clock jumps to where the loop wants to be called next."""

    def __init__(self, loop: "VirtualLoop", selector: Any) -> None:
        self._loop = loop
        self._selector = selector

    def select(self, timeout: float | None = None) -> Any:
        self._loop.now_s += timeout or 0
        return self._selector.select(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1_000.0
        self._selector = _SkippingSelector(self, self._selector)  # type: ignore[has-type]  # the loop's own

    def time(self) -> float:
        return self.now_s


def run(test: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(test)
