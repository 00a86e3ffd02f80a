"""protocol/vectors.json, which every expected byte comes from.

The file is not copied: in the repository it is read where it lies, and an installed package has it beside this module
(hatch_build.py). The folder of the backend alone has none; then its path is given.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from twincast.conformance.case import CannotRunError

_PLACES: Final = (
    Path(__file__).with_name("vectors.json"),
    Path(__file__).parents[3] / "protocol" / "vectors.json",
)

Vector = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Vectors:
    """The parts of the file that a run uses, as protocol/README.md describes them."""

    subprotocol: str
    close_codes: tuple[Vector, ...]
    chunks: tuple[Vector, ...]
    bad_chunks: tuple[Vector, ...]
    chains: tuple[Vector, ...]
    client_messages: tuple[Vector, ...]
    bad_client_messages: tuple[Vector, ...]

    def close_code(self, name: str) -> int:
        """The code of the private range that has this name."""
        return next(int(one["code"]) for one in self.close_codes if one["name"] == name and one["code"] >= 4000)


def load_vectors(path: Path | None) -> Vectors:
    """Reads the file at `path`, or where None, where it is known to lie. Raises `CannotRunError`."""
    place = path or next((one for one in _PLACES if one.is_file()), None)
    if place is None:
        raise CannotRunError("There is no vectors.json here. Give its path: --vectors …/protocol/vectors.json.")
    try:
        data = json.loads(place.read_text(encoding="utf-8"))
        return Vectors(
            data["subprotocol"],
            tuple(data["closeCodes"]),
            tuple(data["chunks"]),
            tuple(data["badChunks"]),
            tuple(data["chains"]),
            tuple(data["clientMessages"]),
            tuple(data["badClientMessages"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotRunError(f"{place} is no vectors.json of twincast.v1 that can be read: {error!r}.") from error
