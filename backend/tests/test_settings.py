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
        {"max_burst_bytes": 262_144},
        {"max_burst_messages": 1},
        {"idle_timeout_ms": 2_000},
        {"hello_timeout_ms": 1},
        {"handshake_timeout_ms": 1},
        {"write_timeout_ms": 1},
        {"max_connections_per_address": 1},
        {"forwarded_allow_ips": "nonsense"},
        {"forwarded_allow_ips": "127.0.0.1,10.0.0.0/33"},
        {"host": "${{RAILWAY_PRIVATE_DOMAIN}}"},
    ],
)
def test_refuses_what_cannot_work(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(**values)


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        ("https://*.example.com", "wildcard"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("https://a b", "not an origin"),
        ("https://user:pw@a.example", "not an origin"),
        ("https://a.example#x", "not an origin"),
        ("https://a.example?", "not an origin"),
        ("https://a.example/page", "not an origin"),
        ("https://a.example:", "not an origin"),
        ("https://a.example:99999", "not an origin"),
        ("https://a..example", "not an origin"),
        ("https://[::1", "not an origin"),
        ("https://[fe80::1%25eth0]", "not an origin"),
        ("https://%61.example", "not an origin"),
        ("https://${{frontend.RAILWAY_PUBLIC_DOMAIN}}", "was not resolved"),
        ("null", "not an origin"),
    ],
)
def test_refuses_an_origin_that_no_browser_sends(origin: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        make(allowed_origins=origin)


@pytest.mark.parametrize("origin", ["http://[::1]:3000", "https://a_b.example", "http://192.168.0.2:3000"])
def test_takes_an_origin_as_browsers_send_it(origin: str) -> None:
    assert make(allowed_origins=origin).allowed_origins == (origin,)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ACCESS_SECRT", "ACCESS_SECRET"),
        ("ACESS_SECRET", "ACCESS_SECRET"),
        ("ALLOWED_ORIGIN", "ALLOWED_ORIGINS"),
        ("LOG_COLOR", "LOG_COLOUR"),
        ("MAX_CHUNK_BYTE", "MAX_CHUNK_BYTES"),
        ("TOKEN_LIFETIME", "TOKEN_LIFETIME_S"),
        ("FORWARDED_ALLOW_IP", "FORWARDED_ALLOW_IPS"),
    ],
)
def test_tells_names_that_are_almost_right(
    name: str, meant: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    says = f"There is no setting {name}; is it {meant}\\?"
    (tmp_path / ".env").write_text(f"{name}=x\n")
    with pytest.raises(ValidationError, match=says):
        Settings(_env_file=tmp_path / ".env")
    monkeypatch.setenv(name, "x")
    with pytest.raises(ValidationError, match=says):
        make()


def test_leaves_names_of_others_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    others = [
        "HOSTNAME",
        "DATABASE_URL",
        "LOG_LEVEL",
        "PORTS",
        "AWS_SECRET_ACCESS_KEY",
        "TOKEN",
        "NODE_ENV",
        "MAX_JOBS",
    ]
    (tmp_path / ".env").write_text("".join(f"{name}=x\n" for name in others))
    for name in others:
        monkeypatch.setenv(name, "x")
    assert Settings(_env_file=tmp_path / ".env").port == 8000


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
