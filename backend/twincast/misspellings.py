"""Names of settings that are almost right: nothing would read them, and what they were to protect would stand open."""

import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource
from typing_extensions import override

PROBLEM: Final = "misspelt"
"""Under this key `Settings` finds the sentence, where there is one."""

_CLOSE: Final = 0.85
_CLOSE_WITH_PREFIX: Final = 0.75
"""Of difflib's ratio, for any name, and for one whose first word is that of a setting."""

_MIN_CHARACTERS: Final = 6
"""Shorter names are near too many others."""


class Misspellings(PydanticBaseSettingsSource):
    """Looks at the names in the environment and in `.env`, and has no values."""

    def __init__(self, settings_cls: type[BaseSettings], dotenv: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._in_file = list(dotenv.env_vars) if isinstance(dotenv, DotEnvSettingsSource) else []

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Never a value."""
        return None, field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        """The sentence, if one is due."""
        known = [name.upper() for name in self.settings_cls.model_fields]
        nearest = misspelt(os.environ, known) | misspelt(self._in_file, known)
        if not nearest:
            return {}
        return {PROBLEM: " ".join(f"There is no setting {name}; is it {meant}?" for name, meant in nearest.items())}


def misspelt(names: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """Those of `names` that are nearly a known one, with it."""
    found: dict[str, str] = {}
    first_words = {name.partition("_")[0] for name in known if "_" in name}
    for given in names:
        name = given.upper()
        if name in known or len(name) < _MIN_CHARACTERS:
            continue
        cutoff = _CLOSE_WITH_PREFIX if name.partition("_")[0] in first_words else _CLOSE
        nearest = get_close_matches(name, known, 1, cutoff)
        if nearest:
            found[name] = nearest[0]
    return found
