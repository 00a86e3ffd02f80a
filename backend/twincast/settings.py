"""Every setting of the backend: an environment variable (or a line in backend/.env) with a unit and a safe default.

docs/backend.md holds the table with reasons and close codes.
"""

import ipaddress
import os
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from twincast.access.connection_limits import ConnectionLimits, TrustedProxies
from twincast.access.held_bytes import READ_AHEAD_BYTES
from twincast.access.origins import ANY_ORIGIN, OriginPolicy, normalise_origin
from twincast.access.rate_limits import Rate
from twincast.access.tokens import MIN_KEY_BYTES, MIN_SECRET_CHARACTERS, Access
from twincast.access.watch_access import WatchAccess, watching_problem
from twincast.misspellings import PROBLEM, Misspellings
from twincast.wire.chunk import HEADER_BYTES
from twincast.wire.message_types import PING_EVERY_MS, Limits

Names = Annotated[tuple[str, ...], NoDecode]

_ENGINE_URLS = ("redis://", "rediss://", "unix://")


class Settings(BaseSettings):
    """Read once at start. An impossible or unsafe combination refuses to start with a sentence that says what to do."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)
    _adapts_to_surroundings: ClassVar = True

    environment: Literal["development", "production"] = "development"
    """Always `production` where Railway's own variable is present."""

    host: str = "127.0.0.1"
    """All interfaces on Railway, whose proxy comes from outside the container; else this machine only."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8000

    forwarded_allow_ips: str = "127.0.0.1,::1"
    """Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. On Railway nobody but its proxy, which
    writes them itself, reaches the port, and the proxy's own address is not fixed."""

    allowed_origins: Names = ()
    """Origins of pages that may connect, comma-separated. Empty: local ones, and never in production."""

    sinks: Names = ("console",)
    """`console`, `file`, and any `module:factory`, comma-separated."""

    file_sink_folder: Path = Path("recordings")
    """Where the sink `file` writes."""

    log_url: SecretStr | None = None
    """`redis://…` or `rediss://…` of the engine that the backends of a fleet share."""

    log_keep_s: Annotated[int, Field(ge=1)] = 10
    log_keep_bytes: Annotated[int, Field(ge=2**20)] = 32 * 2**20
    """What the engine holds of one stream for consumers: whichever is less."""

    log_configure: bool = True
    """Whether settings of the engine that lose media are changed, where it allows that."""

    log_format: Literal["auto", "console", "json"] = "auto"
    log_colour: Literal["auto", "always", "never"] = "auto"
    """`auto` is as FORCE_COLOR and NO_COLOR (no-color.org, force-color.org) want it, else colour on a terminal."""

    log_lines_per_second: Annotated[int, Field(ge=1)] = 300
    """Chunk lines beyond this are summarised. Railway drops lines past 500 per second and replica."""

    access_secret: SecretStr | None = None
    """What pages send in `hello`, or, with a signing key, what a server sends to POST /tokens. Also opens /streams."""

    token_signing_key: SecretStr | None = None
    token_lifetime_s: Annotated[int, Field(ge=1)] = 3_600

    watch: bool = False
    """Whether streams may be watched in production. In development they may, on this computer and with the key."""

    watch_key: SecretStr | None = None
    """What opens the watch page. Where there is none, `access_secret` does."""

    max_viewers: Annotated[int, Field(ge=0)] = 128
    max_viewers_per_address: Annotated[int, Field(ge=0)] = 64
    """Sockets: picture and sound of one phone are two."""

    max_chunk_bytes: Annotated[int, Field(ge=65_536, le=16 * 2**20)] = 256 * 2**10
    window_bytes: Annotated[int, Field(ge=65_536)] = 2**20
    """Unacknowledged bytes of one stream: on the way, and queued in front of a slow sink."""

    ack_every_ms: Annotated[int, Field(ge=1)] = 50
    """Half the usual cadence of chunks, so that their acks go out at once; frame by frame they are coalesced."""

    handshake_timeout_ms: Annotated[int, Field(ge=500)] = 10_000
    write_timeout_ms: Annotated[int, Field(ge=500)] = 10_000
    """How long a peer may take nothing of what waits for it."""

    hello_timeout_ms: Annotated[int, Field(ge=500)] = 5_000
    idle_timeout_ms: Annotated[int, Field(ge=2 * PING_EVERY_MS)] = 30_000
    """A phone that has nothing to send pings; one ping may be late."""

    remember_stream_s: Annotated[int, Field(ge=0)] = 3_600
    """How long a stream without a connection can be resumed."""

    max_streams: Annotated[int, Field(ge=1)] = 4_000
    """Connected and remembered streams of this process."""

    max_remembered_streams_per_address: Annotated[int, Field(ge=1)] = 400
    """Those without a connection; the one with the fewest chunks makes room."""

    max_waiting_connections: Annotated[int, Field(ge=1)] = 512
    """Connections that have not sent a whole request; the oldest makes room."""

    max_connections_per_address: Annotated[int, Field(ge=2)] = 200
    max_sessions_per_address: Annotated[int, Field(ge=1)] = 50
    """A hall behind one address needs more."""

    max_bytes_per_second: Annotated[int, Field(ge=1)] = 4 * 2**20
    """Of one stream, sustained."""

    max_burst_bytes: Annotated[int, Field(ge=1)] = 64 * 2**20
    """Of one stream at once: after a cut a phone sends its whole outbox, which holds up to 48 MiB."""

    max_messages_per_second: Annotated[int, Field(ge=1)] = 200
    """Of one stream, sustained. Frame by frame, video has 30 to 60 and audio 50."""

    max_burst_messages: Annotated[int, Field(ge=20)] = 40_000
    """Of one stream at once: ten minutes of audio, frame by frame."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The usual ones, and a look at names that are almost right."""
        usual = (init_settings, env_settings, dotenv_settings, file_secret_settings)
        return (*usual, Misspellings(settings_cls, dotenv_settings))

    @classmethod
    def from_values(cls, **values: Any) -> "Settings":
        """These values and the defaults, for an application that has settings of its own: no environment is read.

        Raises `ValidationError` as reading the environment does.
        """
        return _GivenSettings(**values)

    @model_validator(mode="before")
    @classmethod
    def _adapt(cls, values: dict[str, Any]) -> dict[str, Any]:
        # What the process's surroundings say. Nothing else looks at them, and not later than now.
        if not cls._adapts_to_surroundings:
            return values
        if (problem := values.pop(PROBLEM, None)) is not None:
            raise ValueError(problem)
        for name, value in values.items():
            if isinstance(value, str) and "${{" in value:
                raise ValueError(f"{name.upper()} is {value}: a reference that was not resolved. Name its real value.")
        adapted = values
        if on_railway():
            adapted = {"host": "0.0.0.0", "forwarded_allow_ips": "*", **values, "environment": "production"}  # noqa: S104
        if values.get("log_colour", "auto") == "auto":
            if os.environ.get("NO_COLOR"):
                adapted = {**adapted, "log_colour": "never"}
            elif os.environ.get("FORCE_COLOR"):
                adapted = {**adapted, "log_colour": "always"}
        return adapted

    @field_validator("allowed_origins", "sinks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _normalise(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(normalise_origin(origin) for origin in origins)

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _check_proxies(cls, value: str) -> str:
        for item in value.split(","):
            proxy = item.strip()
            if proxy in ("", "*"):
                continue
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise ValueError(f"{proxy!r} is neither an IP address, nor a network (10.0.0.0/8), nor *") from None
        return value

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.in_production and not self.allowed_origins:
            raise ValueError(
                "ALLOWED_ORIGINS is empty. In production, set it to the address of the page, "
                "for example ALLOWED_ORIGINS=https://twincast.example.com (several: comma-separated)."
            )
        if ANY_ORIGIN in self.allowed_origins and self.in_production and not self.access.is_closed:
            raise ValueError(
                "ALLOWED_ORIGINS=* lets every page on the internet stream to this backend. In production that needs "
                "ACCESS_SECRET as well (and TOKEN_SIGNING_KEY, better still)."
            )
        if self.access.secret is not None and len(self.access.secret) < MIN_SECRET_CHARACTERS:
            raise ValueError(f"ACCESS_SECRET must have at least {MIN_SECRET_CHARACTERS} characters.")
        if self.access.signing_key is not None and len(self.access.signing_key.encode()) < MIN_KEY_BYTES:
            raise ValueError(f"TOKEN_SIGNING_KEY must have at least {MIN_KEY_BYTES} bytes.")
        if self.log_url is not None:
            check_engine_url(self.log_url)
        if self.log_url is not None and set(self.sinks) - {"console"}:
            raise ValueError(
                "SINKS: with LOG_URL a backend has only parts of streams, so only console may run in it. "
                "Run the others with python -m twincast.consume."
            )
        problem = watching_problem(
            _value(self.watch_key), self.access, self.in_production and self.watch, self.log_url is not None
        )
        if problem is not None:
            raise ValueError(problem)
        if self.window_bytes < self.max_chunk_bytes:
            raise ValueError("WINDOW_BYTES must be at least MAX_CHUNK_BYTES, or no chunk of full size can be sent.")
        if self.max_burst_bytes < self.max_chunk_bytes + HEADER_BYTES:
            raise ValueError(
                f"MAX_BURST_BYTES must be at least MAX_CHUNK_BYTES + {HEADER_BYTES}, or no chunk of full size is taken."
            )
        return self

    @property
    def in_production(self) -> bool:
        """Whether unsafe defaults are refused."""
        return self.environment == "production"

    @property
    def origin_policy(self) -> OriginPolicy:
        """Which pages may connect."""
        return OriginPolicy(self.allowed_origins)

    @property
    def access(self) -> Access:
        """Who may stream and who may look."""
        return Access(_value(self.access_secret), _value(self.token_signing_key), self.token_lifetime_s)

    @property
    def watch_access(self) -> WatchAccess:
        """Who may watch. Without a signing key, tokens and watchIds hold for this process alone: ask once."""
        return WatchAccess(
            is_on=self.watch or not self.in_production,
            key=_value(self.watch_key) or _value(self.access_secret),
            opens_to_this_computer=not self.in_production,
            signing_key=_value(self.token_signing_key) or secrets.token_hex(MIN_KEY_BYTES),
        )

    @property
    def bytes_rate(self) -> Rate:
        """Of one stream."""
        return Rate(self.max_bytes_per_second, self.max_burst_bytes)

    @property
    def messages_rate(self) -> Rate:
        """Of one stream."""
        return Rate(self.max_messages_per_second, self.max_burst_messages)

    @property
    def has_recordings(self) -> bool:
        """Whether what comes is written to files."""
        return "file" in self.sinks

    def connection_limits(self, max_connections: int) -> ConnectionLimits:
        """Of TCP connections, whatever they carry. `max_connections`: as many as the operating system allows."""
        # As if every stream of every session were in the middle of its greatest chunk, with the next ones behind it.
        held_bytes = 2 * self.max_sessions_per_address * (self.max_chunk_bytes + READ_AHEAD_BYTES)
        return ConnectionLimits(
            handshake_timeout_s=self.handshake_timeout_ms / 1000,
            write_timeout_s=self.write_timeout_ms / 1000,
            max_request_bytes=64 * 1024,
            max_waiting=self.max_waiting_connections,
            max_per_address=self.max_connections_per_address,
            max_connections=max_connections,
            max_held_bytes_per_address=held_bytes,
            max_held_bytes=4 * held_bytes,
        )

    @property
    def trusted_proxies(self) -> TrustedProxies:
        """Whose word about the client's address is taken."""
        return TrustedProxies(self.forwarded_allow_ips)

    @property
    def limits(self) -> Limits:
        """What `ready` tells the client."""
        return Limits(self.max_chunk_bytes, self.window_bytes, self.ack_every_ms, self.idle_timeout_ms)

    @property
    def resolved_log_format(self) -> Literal["console", "json"]:
        """`auto` is JSON where a log collector reads, which is in production without a terminal."""
        if self.log_format != "auto":
            return self.log_format
        return "json" if self.in_production and not sys.stdout.isatty() else "console"

    @property
    def resolved_log_colour(self) -> bool:
        """`auto` is colour on a terminal."""
        return sys.stdout.isatty() if self.log_colour == "auto" else self.log_colour == "always"


class _GivenSettings(Settings):
    _adapts_to_surroundings: ClassVar = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  pydantic-settings passes all of them by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but what is given."""
        return (init_settings,)


def _value(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def check_engine_url(url: SecretStr) -> None:
    """Raises `ValueError` for what is no address of an engine."""
    if not url.get_secret_value().startswith(_ENGINE_URLS):
        raise ValueError("LOG_URL must begin with redis://, rediss:// or unix://.")


def sentences_of(error: ValidationError) -> list[str]:
    """What is wrong with settings, one line for each."""
    return [_sentence(problem) for problem in error.errors()]


def _sentence(problem: ErrorDetails) -> str:
    name = ".".join(map(str, problem["loc"])).upper()
    message = problem["msg"].removeprefix("Value error, ")
    return f"  {name}: {message}" if name else f"  {message}"


def on_railway() -> bool:
    """Whether this process runs on Railway, which sets these variables in every service."""
    return bool(os.environ.get("RAILWAY_ENVIRONMENT") or os.environ.get("RAILWAY_ENVIRONMENT_NAME"))
