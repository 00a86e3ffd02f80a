"""Every setting of the backend: an environment variable (or a line in backend/.env) with a unit and a safe default.

docs/backend.md holds the table with reasons and close codes.
"""

import os
import sys
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from protocol import Limits
from security import OriginPolicy, normalise_origin

Names = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Read once at start. An impossible or unsafe combination refuses to start with a sentence that says what to do."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    """Always `production` where Railway's own variable is present."""

    host: str = Field(default_factory=lambda: "0.0.0.0" if on_railway() else "127.0.0.1")  # noqa: S104
    """All interfaces on Railway, whose proxy comes from outside the container; else this machine only."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8000

    forwarded_allow_ips: str = Field(default_factory=lambda: "*" if on_railway() else "127.0.0.1,::1")
    """Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. On Railway nobody but its proxy, which
    writes them itself, reaches the port, and the proxy's own address is not fixed."""

    allowed_origins: Names = ()
    """Origins of pages that may connect, comma-separated. Empty: local ones, and never in production."""

    sinks: Names = ("console",)
    """`console`, and any `module:factory`, comma-separated."""

    log_format: Literal["auto", "console", "json"] = "auto"
    log_colour: Literal["auto", "always", "never"] = "auto"
    log_lines_per_second: Annotated[int, Field(ge=1)] = 300
    """Chunk lines beyond this are summarised. Railway drops lines past 500 per second and replica."""

    max_chunk_bytes: Annotated[int, Field(ge=1024, le=16 * 2**20)] = 256 * 2**10
    window_bytes: Annotated[int, Field(ge=1024)] = 2**20
    """Unacknowledged bytes of one stream: on the way, and queued in front of a slow sink."""

    ack_every_ms: Annotated[int, Field(ge=1)] = 100
    hello_timeout_ms: Annotated[int, Field(ge=1)] = 5_000
    idle_timeout_ms: Annotated[int, Field(ge=1)] = 30_000
    remember_stream_s: Annotated[int, Field(ge=0)] = 900
    """How long a stream without a connection can be resumed."""

    max_streams: Annotated[int, Field(ge=1)] = 4_000
    """Connected and remembered streams of this process."""

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

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.in_production and not self.allowed_origins:
            raise ValueError(
                "ALLOWED_ORIGINS is empty. In production, set it to the address of the page, "
                "for example ALLOWED_ORIGINS=https://twincast.example.com (several: comma-separated)."
            )
        if self.window_bytes < self.max_chunk_bytes:
            raise ValueError("WINDOW_BYTES must be at least MAX_CHUNK_BYTES, or no chunk of full size can be sent.")
        return self

    @property
    def in_production(self) -> bool:
        """Whether unsafe defaults are refused."""
        return self.environment == "production" or on_railway()

    @property
    def origin_policy(self) -> OriginPolicy:
        """Which pages may connect."""
        return OriginPolicy(self.allowed_origins)

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
        """`auto` is colour on a terminal, or as FORCE_COLOR and NO_COLOR (no-color.org, force-color.org) want it."""
        if self.log_colour != "auto":
            return self.log_colour == "always"
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def on_railway() -> bool:
    """Whether this process runs on Railway, which sets these variables in every service."""
    return bool(os.environ.get("RAILWAY_ENVIRONMENT") or os.environ.get("RAILWAY_ENVIRONMENT_NAME"))
