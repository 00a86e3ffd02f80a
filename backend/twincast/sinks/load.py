"""How the sinks that `SINKS` names are found."""

import importlib
from collections.abc import Callable, Mapping, Sequence

from twincast.sinks.sink import SinkFactory


class SinkConfigurationError(ValueError):
    """A sink named in the settings cannot be had; the sentence says why."""


def load_sinks(names: Sequence[str], builtin: Mapping[str, Callable[[], SinkFactory]]) -> list[SinkFactory]:
    """The factories that `SINKS` names: a built-in one, or `module:factory`. Raises `SinkConfigurationError`."""
    return [builtin[name]() if name in builtin else _load(name) for name in names]


def _load(name: str) -> SinkFactory:
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        raise SinkConfigurationError(f"SINKS: {name!r} is not of the form module:factory.")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except Exception as error:  # the module is foreign code: it may be misspelt, and it may raise
        problem = str(error) or type(error).__name__
        raise SinkConfigurationError(f"SINKS: {name!r} cannot be imported: {problem}") from error
    if not callable(factory):
        raise SinkConfigurationError(f"SINKS: {name!r} cannot be called; name a factory or a class.")
    made: SinkFactory = factory
    return made
