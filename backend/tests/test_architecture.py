"""The linters hold the rooms of the package: each breach is tried on a copy of it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BACKEND = Path(__file__).parents[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the linters read, to be spoilt."""
    shutil.copy(BACKEND / "pyproject.toml", tmp_path)
    shutil.copytree(BACKEND / "twincast", tmp_path / "twincast", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def add(file: Path, line: str) -> None:
    """Puts an import below the module's docstring and above its other imports."""
    text = file.read_text()
    end = text.index('"""', text.index('"""') + 3) + 3
    file.write_text(f"{text[:end]}\n\n{line}\n{text[end:]}")


def ruff(folder: Path) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def import_linter(folder: Path) -> str:
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_package_keeps_its_arrows(copy: Path) -> None:
    assert "All checks passed" in ruff(copy)
    assert "1 kept, 0 broken" in import_linter(copy)


@pytest.mark.parametrize("room", ["wire", "containers", "streams", "access", "watch"])
@pytest.mark.parametrize(
    "line",
    [
        "import asyncio",
        "import time",
        "from datetime import datetime",
        "import os",
        "import logging",
        "from fastapi import WebSocket",
        "from twincast.server import websocket_handlers",
        "import twincast.sinks.console",
        "from twincast import settings",
    ],
)
def test_a_pure_room_stays_pure(copy: Path, room: str, line: str) -> None:
    (copy / "twincast" / room / "new_module.py").write_text(f'"""New."""\n\n{line}\n')
    assert f"twincast/{room}/new_module.py:3:" in ruff(copy)
    assert "TID251" in ruff(copy)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("sinks/console.py", "import twincast.app"),
        ("sinks/console.py", "from twincast import create_app"),
        ("sinks/delivery.py", "from twincast.server.hub import Hub"),
        ("sinks/file.py", "from twincast.settings import Settings"),
        ("sinks/console.py", "from twincast.access.origins import OriginPolicy"),
        ("streams/meters.py", "from twincast.server.websocket_handlers import StreamConnection"),
        ("streams/meters.py", "def late() -> None:\n    import twincast.server.hub"),
        (
            "streams/meters.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from twincast.access import tokens",
        ),
        ("wire/chunk.py", "from twincast.streams.events import StreamId"),
        ("streams/stream.py", "from twincast.access.rate_limits import Rate"),
        ("access/tokens.py", "from twincast.sinks.sink import Sink"),
        ("settings.py", "from twincast.log.writer import LogWriter"),
        ("log/setup.py", "from twincast.server.hub import Hub"),
        ("server/hub.py", "from twincast.app import create_app"),
        ("app.py", "from twincast.serve import run"),
        ("app.py", "from twincast.conformance.line import Backend"),
        ("serve.py", "from twincast.conformance.line import Backend"),
        ("conformance/line.py", "from twincast.serve import run"),
    ],
)
def test_no_arrow_runs_back(copy: Path, module: str, line: str) -> None:
    add(copy / "twincast" / module, line)
    assert "1 broken" in import_linter(copy)


@pytest.mark.parametrize("module", ["sinks/console.py", "server/hub.py", "app.py"])
def test_nothing_in_the_package_imports_the_program_around_it(copy: Path, module: str) -> None:
    add(copy / "twincast" / module, "import main")
    assert "TID253" in ruff(copy)


def test_a_new_room_must_say_where_it_stands(copy: Path) -> None:
    (copy / "twincast" / "new_room.py").write_text('"""New."""\n')
    assert "1 broken" in import_linter(copy)
