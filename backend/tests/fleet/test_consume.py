"""`python -m twincast.consume` says in a sentence why it cannot begin. test_chaos.py runs it in earnest."""

import pytest

from twincast import consume


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOG_URL", "SINKS", "GROUP", "FROM", "LEASE_MS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "LOG_URL is empty"),
        ({"LOG_URL": "http://127.0.0.1"}, "LOG_URL must begin with redis://"),
        ({"LOG_URL": "redis://127.0.0.1", "FROM": "yesterday"}, "FROM: "),
        ({"LOG_URL": "redis://127.0.0.1", "GROUP": "a group"}, "GROUP: "),
        ({"LOG_URL": "redis://127.0.0.1", "SINKS": "nobody:Knows"}, "'nobody:Knows' cannot be imported"),
    ],
)
def test_says_what_is_wrong(environment: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        consume.main()
    assert sentence in str(ended.value)


def test_needs_nothing_that_guards_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_URL", "redis://127.0.0.1")
    monkeypatch.setenv("RAILWAY_ENVIRONMENT", "production")
    monkeypatch.setenv("SINKS", "file")
    assert consume.ConsumerSettings().sinks == ("file",)
