"""Puts protocol/vectors.json, which lies outside this folder, beside the module that reads it (pyproject.toml)."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Vectors(BuildHookInterface[Any]):
    """Where the folder is built alone there are none, and whoever wants the conformance run gives their path."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Adds the file to what the wheel holds."""
        vectors = Path(self.root).parent / "protocol" / "vectors.json"
        if vectors.is_file():
            build_data["force_include"][str(vectors)] = "twincast/conformance/vectors.json"
