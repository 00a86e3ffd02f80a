"""The pages say what is: every setting, every close code."""

import re
from pathlib import Path

from twincast.settings import Settings
from twincast.wire.close_codes import CLOSE_CODES
from twincast.wire.watch import WATCH_CLOSE_CODES

ROOT = Path(__file__).parents[2]
SETTINGS = {name.upper() for name in Settings.model_fields}
PAGE = (ROOT / "docs" / "backend.md").read_text()


def default_of(name: str) -> str:
    default = Settings.model_fields[name.lower()].default
    if isinstance(default, bool):
        return str(int(default))
    return ",".join(default) if isinstance(default, tuple) else str(default)


def test_the_page_lists_every_setting() -> None:
    table = PAGE.partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z].*?) \| (.*?) \|", table, re.MULTILINE)
    listed = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    assert listed == SETTINGS
    for names, defaults in rows:
        for name, shown in zip(re.findall(r"`(\w+)`", names), defaults.split(", "), strict=True):
            if shown.isdigit():
                assert shown == default_of(name), name


def test_the_example_lists_every_setting_with_its_default() -> None:
    lines = re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / "backend" / ".env.example").read_text(), re.MULTILINE)
    assert {name for name, _ in lines} == SETTINGS
    for name, shown in lines:
        if name not in ("HOST", "FORWARDED_ALLOW_IPS", "ACCESS_SECRET", "TOKEN_SIGNING_KEY", "WATCH_KEY", "LOG_URL"):
            assert shown == default_of(name), name


def test_the_page_lists_every_close_code() -> None:
    table = PAGE.partition("## Close codes")[2].partition("\n## ")[0]
    rows = {(int(code), name) for code, name in re.findall(r"^\| (\d{4}) \| `?([a-z-]*)`? \|", table, re.MULTILINE)}
    assert {(code, name.value) for name, code in CLOSE_CODES.items()} <= rows
    assert {(code, name.value) for name, code in WATCH_CLOSE_CODES.items()} <= rows
