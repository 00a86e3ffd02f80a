"""How the sinks that `SINKS` names are found, and what makes a sink of an object."""

import importlib
from collections.abc import Mapping, Sequence

from twincast.sinks.sink import Sink, SinkFactory


class SinkConfigurationError(ValueError):
    """A sink named in the settings cannot be had; the sentence says why."""


def load_sinks(names: Sequence[str], builtin: Mapping[str, SinkFactory]) -> list[SinkFactory]:
    """The factories that `SINKS` names: a built-in one, or `module:factory`. Raises `SinkConfigurationError`."""
    return [builtin[name] if name in builtin else _load(name) for name in names]


def check_sink(made: object) -> Sink:
    """What a factory returned, if it has all that a sink has. Raises `TypeError`."""
    missing = [method for method in _METHODS if not callable(getattr(made, method, None))]
    if missing:
        raise TypeError(f"A {type(made).__name__} has no {', '.join(missing)}; derive it from twincast.Sink.")
    policy = getattr(made, "on_failure", None)
    if policy not in ("detach", "close"):
        raise TypeError(f"on_failure must be 'detach' or 'close', not {policy!r}.")
    sink: Sink = made  # type: ignore[assignment]  # it has every method
    return sink


def _load(name: str) -> SinkFactory:
    module_name, colon, attribute = name.partition(":")
    if not colon:
        raise SinkConfigurationError(f"SINKS: {name!r} is not of the form module:factory.")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise SinkConfigurationError(f"SINKS: {name!r} cannot be imported: {error}") from error
    if not callable(factory):
        raise SinkConfigurationError(f"SINKS: {name!r} cannot be called; name a factory or a class.")
    made: SinkFactory = factory
    return made


_METHODS = ("opened", "segment", "chunk", "gap", "muted", "ended", "closed")
