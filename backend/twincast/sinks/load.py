"""How the sinks that `SINKS` names are made."""

import importlib
from collections.abc import Callable, Sequence

from twincast.sinks.sink import Sink


class SinkConfigurationError(ValueError):
    """A sink named in the settings cannot be had; the sentence says why."""


def load_sinks(names: Sequence[str], builtin: dict[str, Callable[[], Sink]]) -> list[Sink]:
    """Makes the sinks of `SINKS`: a built-in name, or `module:factory` where the factory takes no argument."""
    return [builtin[name]() if name in builtin else _load(name) for name in names]


def _load(name: str) -> Sink:
    module_name, colon, attribute = name.partition(":")
    if not colon:
        raise SinkConfigurationError(f"SINKS: {name!r} is not of the form module:factory.")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise SinkConfigurationError(f"SINKS: {name!r} cannot be imported: {error}") from error
    sink = factory()
    missing = [method for method in _METHODS if not callable(getattr(sink, method, None))]
    if missing:
        raise SinkConfigurationError(
            f"SINKS: what {name!r} returns has no {', '.join(missing)}; derive it from twincast.Sink."
        )
    made: Sink = sink
    return made


_METHODS = ("opened", "segment", "chunk", "gap", "muted", "ended", "closed")
