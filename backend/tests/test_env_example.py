"""`.env.example` is where people look for a setting first."""

import re
from pathlib import Path

import pytest

from twincast.settings import Settings

EXAMPLE = (Path(__file__).parent.parent / ".env.example").read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_names_every_setting_with_its_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name.upper(), raising=False)
    line = re.search(rf"^#{name.upper()}=(.*)$", EXAMPLE, re.MULTILINE)
    assert line, f"{name.upper()} is missing in .env.example"
    # What the line says, where it is uncommented, is what holds without it.
    default = getattr(Settings(_env_file=None), name)
    monkeypatch.setenv(name.upper(), line[1])
    assert getattr(Settings(_env_file=None), name) == default
