"""What of an engine's settings loses acknowledged media, in sentences. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MIN_VERSION: Final = 7

WANTED: Final[Mapping[str, str]] = {
    "appendonly": "yes",
    "appendfsync": "no",
    "auto-aof-rewrite-percentage": "1000",
    "maxmemory-policy": "noeviction",
}
"""`appendfsync always` is as good: it survives the loss of the machine too."""

_WHY: Final[Mapping[str, str]] = {
    "appendonly": "without its append-only file, a restart of the engine loses what was acknowledged",
    "appendfsync": "on a slow disk the engine answers before it writes, and a crash loses what was acknowledged",
    "auto-aof-rewrite-percentage": "media replace all content every few seconds, and it rewrites its file all the time",
    "maxmemory-policy": "where its memory is full, the engine would throw whole streams away",
}


@dataclass(frozen=True, slots=True)
class Unsafe:
    """One setting that is not as it should be."""

    name: str
    value: str
    wanted: str

    @property
    def sentence(self) -> str:
        """What it is, why that is unsafe, and what to do."""
        return f"{self.name} is {self.value or 'empty'}: {_WHY[self.name]}. Set it to {self.wanted}."


def unsafe_settings(have: Mapping[str, str]) -> list[Unsafe]:
    """What differs from `WANTED` for the worse. A setting that the engine does not tell is not judged."""
    return [
        Unsafe(name, have[name], wanted)
        for name, wanted in WANTED.items()
        if name in have and not _is_good(name, have[name])
    ]


def _is_good(name: str, value: str) -> bool:
    match name:
        case "appendfsync":
            return value in ("no", "always")
        case "auto-aof-rewrite-percentage":
            return value == "0" or int(value) >= int(WANTED[name])
        case _:
            return value == WANTED[name]


def version_problem(version: str) -> str | None:
    """A sentence where the engine is too old to run the functions."""
    major = version.partition(".")[0]
    if major.isdigit() and int(major) < MIN_VERSION:
        return f"The engine has version {version}; functions need Redis {MIN_VERSION} or any Valkey."
    return None


def memory_problem(max_memory: str) -> str | None:
    """A sentence where nothing bounds the engine's memory."""
    if max_memory == "0":
        return "maxmemory is 0: the engine grows until the system ends it. Set it to what its machine can spare."
    return None
