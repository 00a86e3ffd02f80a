"""Settings are read with their units, and unsafe ones refuse to start."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from twincast.access.origins import OriginPolicy
from twincast.app import create_app
from twincast.settings import Settings

DEFAULTS = {name: field.default for name, field in Settings.model_fields.items()}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAILWAY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME", "NO_COLOR", "FORCE_COLOR", "LOG_FORMAT", "PORT"):
        monkeypatch.delenv(name, raising=False)


def make(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://A.example/, http://b.example:80")
    monkeypatch.setenv("SINKS", "console, mine:make")
    settings = make()
    assert settings.origin_policy == OriginPolicy(("https://a.example", "http://b.example"))
    assert settings.sinks == ("console", "mine:make")


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert make().port == 8000


@pytest.mark.parametrize("variable", ["RAILWAY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME"])
def test_on_railway_it_is_production_whatever_else_is_said(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "staging")
    with pytest.raises(ValidationError, match="ALLOWED_ORIGINS is empty"):
        make(environment="development")
    assert make(allowed_origins="https://a.example").in_production


def test_production_refuses_to_start_without_an_allow_list() -> None:
    with pytest.raises(ValidationError, match="set it to the address of the page"):
        make(environment="production")


@pytest.mark.parametrize(
    "values",
    [
        {"port": 70_000},
        {"max_chunk_bytes": 0},
        {"window_bytes": 2_048, "max_chunk_bytes": 4_096},
        {"allowed_origins": "example.com"},
        {"log_format": "xml"},
        {"ack_every_ms": 0},
        {"access_secret": "too short"},
        {"token_signing_key": "not as long as its hash"},
    ],
)
def test_refuses_what_cannot_work(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(**values)


def test_the_log_format_follows_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    production = {"environment": "production", "allowed_origins": "https://a.example"}
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    assert make().resolved_log_format == "console"
    assert make(**production).resolved_log_format == "json"
    assert make(**production, log_format="console").resolved_log_format == "console"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert make(**production).resolved_log_format == "console"


def test_colour_follows_the_terminal_and_the_usual_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    assert not make().resolved_log_colour
    assert make(log_colour="always").resolved_log_colour
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert make().resolved_log_colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not make().resolved_log_colour
    assert not make(log_colour="never").resolved_log_colour


def test_in_production_a_wildcard_needs_a_secret() -> None:
    with pytest.raises(ValidationError, match="needs ACCESS_SECRET"):
        make(environment="production", allowed_origins="*")
    assert make(environment="production", allowed_origins="*", access_secret="a secret of some length").in_production
    assert make(environment="development", allowed_origins="*").allowed_origins == ("*",)


def test_secrets_are_not_printed() -> None:
    settings = make(access_secret="a secret of some length", token_signing_key="k" * 32)
    assert "a secret" not in repr(settings)
    assert "kkk" not in repr(settings)
    assert settings.access.secret == "a secret of some length"


def test_given_values_are_all_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_STREAMS=7\n")
    monkeypatch.chdir(tmp_path)
    for name, value in {"PORT": "9000", "RAILWAY_ENVIRONMENT": "x", "NO_COLOR": "1", "HOST": "example"}.items():
        monkeypatch.setenv(name, value)
    given = Settings.from_values(log_colour="auto", ack_every_ms=20)
    assert given.model_dump() == {**DEFAULTS, "ack_every_ms": 20}
    assert not given.in_production
    read = Settings(allowed_origins=("https://a.example",))
    assert (read.port, read.max_streams, read.host, read.environment) == (9000, 7, "example", "production")


def test_the_environment_is_not_read_again_once_there_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = set()

    class Watched(dict[str, str]):
        def __getitem__(self, name: str) -> str:
            asked.add(name)
            raise KeyError(name)

        def get(self, name: str, default: Any = None) -> Any:
            asked.add(name)
            return default

    given = Settings.from_values()
    monkeypatch.setattr("os.environ", Watched())
    create_app(given)
    ours = {name.upper() for name in DEFAULTS} | {"RAILWAY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME"}
    assert not asked & (ours | {"NO_COLOR", "FORCE_COLOR"})
    Settings(_env_file=None)
    assert "RAILWAY_ENVIRONMENT" in asked
