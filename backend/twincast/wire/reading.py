"""Reads text messages that are declared as tagged structs, and says in plain words what is wrong with one. Pure."""

import re
from typing import Any, Final, Generic, TypeVar, get_args

import msgspec
from msgspec import inspect

from twincast.wire.close_codes import bad_message
from twincast.wire.message_types import FieldError

MAX_DEPTH: Final = 8
"""Nesting of the deepest message (`end`) is 3; the rest is room for fields of later versions."""

Message = TypeVar("Message")


class _Tagged(msgspec.Struct):
    type: str


class MessageReader(Generic[Message]):
    """Reads the messages of one union of structs, which are told apart by their `type`.

    `read` raises `ProtocolError` and nothing else, whatever it is given.
    """

    def __init__(self, kinds: Any) -> None:
        self._union = kinds
        self._kinds = {kind.__struct_config__.tag: kind for kind in get_args(kinds)}
        self._decoder = msgspec.json.Decoder(kinds)

    def read(self, text: str) -> Message:
        """Reads a text message. Raises `bad-message` with a sentence that names the field."""
        if _deeper_than(text, MAX_DEPTH):
            raise bad_message(f"The message is nested deeper than {MAX_DEPTH} levels.")
        try:
            return self._decode(text)
        except ValueError as error:
            raise bad_message(self._sentence(error, text)) from None

    def _decode(self, text: str) -> Message:
        message: Message
        try:
            message = self._decoder.decode(text)
        except msgspec.ValidationError as error:
            if "got `float`" not in str(error):
                raise
            message = msgspec.convert(_with_whole_numbers(msgspec.json.decode(text)), self._union)
        return message

    def _sentence(self, error: ValueError, text: str) -> str:
        """What is wrong, in plain words: the field by its name, the rule by its declaration."""
        if isinstance(error.__cause__, FieldError):
            return str(error.__cause__)
        try:
            tag = msgspec.json.decode(text, type=_Tagged).type
        except msgspec.ValidationError:
            tag = ""
        except ValueError:  # not even JSON to its end, or with lone surrogates
            return "The message is not JSON."
        problem, _, where = str(error).partition(" - at `$")
        path = re.findall(r"\.(\w+)", where) + re.findall(r"^Object missing required field `(\w+)`", problem)
        if not path:
            return "The message is not a JSON object."
        if tag not in self._kinds:
            return f"type must be one of {', '.join(self._kinds)}."
        rule = _rule_at(self._kinds[tag], path)
        wrong_type = ", got `" in problem
        return f"{path[-1]} must be {rule.partition(' from ')[0] if wrong_type else rule}."


def _deeper_than(text: str, limit: int) -> bool:
    """Whether objects and lists are nested deeper, told by the brackets that are outside strings."""
    if text.count("{") + text.count("[") <= limit:
        return False
    data = text.encode("utf-8", "surrogatepass").replace(b"\\\\", b"").replace(b'\\"', b"")
    unquoted = b"".join(data.translate(None, _NO_BRACKETS).replace(b'""', b"").split(b'"')[::2])
    brackets = unquoted.translate(_ALIKE)
    for _ in range(limit):
        brackets = brackets.replace(b"{}", b"")  # the innermost ones
    return b"{" in brackets


_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b'"[]{}')
_ALIKE: Final = bytes.maketrans(b"[]", b"{}")


def _with_whole_numbers(data: object) -> object:
    """`1.0` counts as 1: JavaScript cannot tell them apart. Whole numbers are fields of a message or of its claims."""
    match data:
        case {"segments": list(claims)}:
            return _with_whole_fields(data) | {"segments": [_with_whole_fields(claim) for claim in claims]}
        case _:
            return _with_whole_fields(data)


def _with_whole_fields(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    return {name: int(one) if type(one) is float and one.is_integer() else one for name, one in data.items()}


def _rule_at(kind: type, path: list[str]) -> str:
    found = inspect.type_info(kind)
    for name in path:
        found = _inside(found)
        if isinstance(found, inspect.StructType):
            found = next(one.type for one in found.fields if one.encode_name == name)
    return _rule(found)


def _inside(found: inspect.Type) -> inspect.Type:
    """What is within an optional, a list, or an annotation."""
    match found:
        case inspect.UnionType(types):
            return _inside(next(one for one in types if not isinstance(one, inspect.NoneType)))
        case inspect.VarTupleType(item_type=item):
            return _inside(item)
        case _:
            return found


def _rule(found: inspect.Type) -> str:
    match found:
        case inspect.UnionType(types):
            return _rule(next(one for one in types if not isinstance(one, inspect.NoneType)))
        case inspect.Metadata(extra_json_schema={"description": str(words)}):
            return words
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number from {low:g} to {high:g}"
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType(values):
            return f"one of {', '.join(map(str, values))}"
        case inspect.StructType():
            return "an object"
        case inspect.VarTupleType():
            return "a list of objects"
        case _:
            return "text"
