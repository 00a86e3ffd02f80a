"""What of an engine's settings loses acknowledged media is said in one sentence each, or changed."""

from collections.abc import Callable

import pytest
import structlog
from structlog.testing import capture_logs

from tests.fleet.engine import Engine
from tests.fleet.writer import connected, until
from twincast.fleet.safety import unsafe_settings, version_problem

StartEngine = Callable[..., Engine]
UNSAFE = ("--appendonly", "no", "--appendfsync", "everysec")


@pytest.fixture(autouse=True)
def _plain_logging() -> None:
    structlog.reset_defaults()


def settings_of(engine: Engine) -> dict[str, str]:
    with engine.client() as client:
        names = ("appendonly", "appendfsync", "maxmemory-policy", "auto-aof-rewrite-percentage")
        return {name: client.config_get(name)[name] for name in names}


async def test_changes_what_is_unsafe_where_it_may(start_engine: StartEngine) -> None:
    engine = start_engine("--maxmemory-policy", "allkeys-lru", aof=UNSAFE)
    with capture_logs() as logs:
        async with connected(engine, configure=True) as client:
            await until(lambda: client.state == "up")
            assert settings_of(engine) == {
                "appendonly": "yes",
                "appendfsync": "no",
                "maxmemory-policy": "noeviction",
                "auto-aof-rewrite-percentage": "1000",
            }
            # Its own configuration has not changed: it comes back as it was.
            await engine.restart()
            await until(lambda: settings_of(engine)["appendonly"] == "yes" and client.state == "up")
    changed = [line["setting"] for line in logs if line["event"] == "engine setting changed"]
    assert set(changed) == {"appendonly", "appendfsync", "maxmemory-policy", "auto-aof-rewrite-percentage"}
    assert changed.count("appendonly") == 2


async def test_leaves_them_and_says_why_they_are_unsafe_where_it_may_not(start_engine: StartEngine) -> None:
    engine = start_engine(aof=UNSAFE)
    before = settings_of(engine)
    with capture_logs() as logs:
        async with connected(engine, configure=False) as client:
            await until(lambda: client.state == "up")
    assert settings_of(engine) == before
    said = [line["sentence"] for line in logs if line["event"] == "engine is unsafe"]
    assert any("appendfsync is everysec" in sentence for sentence in said)
    assert any("appendonly is no" in sentence for sentence in said)


async def test_works_with_an_engine_that_keeps_its_settings_to_itself(start_engine: StartEngine) -> None:
    engine = start_engine("--rename-command", "CONFIG", "")
    with capture_logs() as logs:
        async with connected(engine, configure=True) as client:
            await until(lambda: client.state == "up")
    assert any(line["event"] == "engine settings unknown" for line in logs)


def test_judges_no_setting_that_is_as_good() -> None:
    assert unsafe_settings({"appendfsync": "always", "auto-aof-rewrite-percentage": "0"}) == []


@pytest.mark.parametrize(("version", "is_refused"), [("6.2.14", True), ("7.0.15", False), ("8.2.1", False)])
def test_refuses_an_engine_without_functions(version: str, is_refused: bool) -> None:
    assert (version_problem(version) is not None) == is_refused
