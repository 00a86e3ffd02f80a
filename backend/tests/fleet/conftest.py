"""One real engine for all tests that leave it as it is, and one of its own for those that break it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

from tests.fleet.engine import Engine, NoEngineError, engine_program

AOF = ("--appendonly", "yes", "--appendfsync", "no")


@pytest.fixture(scope="session", autouse=True)
def _has_engine() -> None:
    try:
        engine_program()
    except NoEngineError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Shared: a test has sessions of its own in it, and leaves the settings alone."""
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def start_engine() -> Iterator[Callable[..., Engine]]:
    """`start_engine("--maxmemory", "8mb")`: one of this test's own, to be killed and filled."""
    with ExitStack() as stack:

        def start(*arguments: str, aof: Sequence[str] = AOF) -> Engine:
            made = Engine((*aof, *arguments))
            stack.callback(made.close)
            return made

        yield start
