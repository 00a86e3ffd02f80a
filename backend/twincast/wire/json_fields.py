"""Reading one JSON object from a stranger: typed fields, or a `FieldError` that says which one is wrong.

Pure. The rules are those of protocol/README.md: finite numbers, integers that JavaScript counts exactly, bounded depth.
"""

import json
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

JsonObject = dict[str, object]
Value = TypeVar("Value")
Name = TypeVar("Name", bound=str)

MAX_DEPTH: Final = 8
"""Nesting of the deepest message (`end`) is 3; the rest is room for fields of later versions."""

MAX_NODES: Final = 5_000
"""Objects and lists in one message. `end` may have 4,096 runs; what has more is not even parsed."""

MAX_TEXT_LENGTH: Final = 2_000
"""Characters in any text field. User agents stay below 1,000."""

_MAX_SAFE_INTEGER: Final = 2**53 - 1


class FieldError(ValueError):
    """One sentence that names the field and the rule it breaks."""


def read_object(text: str) -> JsonObject:
    """Parses `text` as one JSON object of bounded depth. Raises `FieldError`."""
    nodes = text.count("{") + text.count("[")
    if nodes > MAX_NODES:
        raise FieldError(f"The message has {nodes} objects and lists; at most {MAX_NODES} are taken.")
    try:
        value = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise FieldError("The message is not JSON.") from None
    if not isinstance(value, dict):
        raise FieldError("The message is not a JSON object.")
    if nodes > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise FieldError(f"The message is nested deeper than {MAX_DEPTH} levels.")
    return value


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's extension of JSON


def _deeper_than(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        level = inner
    return any(isinstance(item, dict | list) for item in level)


def optional(read: Callable[[JsonObject, str], Value], data: JsonObject, name: str) -> Value | None:
    """`read(data, name)`, or None where the field is absent."""
    return read(data, name) if name in data else None


def integer(low: int, high: int = _MAX_SAFE_INTEGER) -> Callable[[JsonObject, str], int]:
    """A reader of whole numbers from `low` to `high`. `1.0` counts as 1: JavaScript cannot tell them apart."""

    def read(data: JsonObject, name: str) -> int:
        value = data.get(name)
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            raise FieldError(f"{name} must be a whole number from {low} to {high}.")
        return value

    return read


def number(low: float, high: float) -> Callable[[JsonObject, str], float]:
    """A reader of finite numbers from `low` to `high`."""

    def read(data: JsonObject, name: str) -> float:
        value = data.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FieldError(f"{name} must be a number.")
        # Compared before the conversion, which overflows for a huge integer. NaN and the infinities fail it as well.
        if not low <= value <= high:
            raise FieldError(f"{name} must be a number from {low:g} to {high:g}.")
        return float(value)

    return read


def boolean(data: JsonObject, name: str) -> bool:
    """Reads `true` or `false`."""
    value = data.get(name)
    if not isinstance(value, bool):
        raise FieldError(f"{name} must be true or false.")
    return value


def text(data: JsonObject, name: str) -> str:
    """Reads a text of at most `MAX_TEXT_LENGTH` printable characters, which may go to a terminal as it is."""
    value = data.get(name)
    if not isinstance(value, str):
        raise FieldError(f"{name} must be text.")
    if len(value) > MAX_TEXT_LENGTH:
        raise FieldError(f"{name} has {len(value)} characters; at most {MAX_TEXT_LENGTH} are taken.")
    if not value.isprintable():
        raise FieldError(f"{name} holds characters that cannot be printed.")
    return value


def non_empty_text(data: JsonObject, name: str) -> str:
    """As `text`, and not empty."""
    value = text(data, name)
    if not value:
        raise FieldError(f"{name} must not be empty.")
    return value


def choice(choices: tuple[Name, ...]) -> Callable[[JsonObject, str], Name]:
    """A reader of one of a few names."""

    def read(data: JsonObject, name: str) -> Name:
        value = data.get(name)
        for known in choices:
            if value == known:
                return known
        raise FieldError(f"{name} must be one of {', '.join(choices)}.")

    return read


def nested(data: JsonObject, name: str) -> JsonObject:
    """Reads an object."""
    value = data.get(name)
    if not isinstance(value, dict):
        raise FieldError(f"{name} must be an object.")
    return value


def object_list(data: JsonObject, name: str, max_length: int) -> list[JsonObject]:
    """Reads a list of at most `max_length` objects."""
    value = data.get(name)
    if not isinstance(value, list):
        raise FieldError(f"{name} must be a list of objects.")
    if len(value) > max_length:
        raise FieldError(f"{name} has {len(value)} entries; at most {max_length} are taken.")
    if not all(isinstance(item, dict) for item in value):
        raise FieldError(f"{name} must be a list of objects.")
    return value
