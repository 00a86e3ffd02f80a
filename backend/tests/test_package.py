"""The package as another program sees it: what it installs, what it offers, what it reads."""

import importlib.metadata
import inspect
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import twincast
from tests.process import BACKEND, Backend, free_port, process_of
from tests.wire import claim, frame, phone, segment_message
from twincast.app import VERSION

FACE = {f"twincast.{name}" for name in twincast.__all__}
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
    (found,) = importlib.metadata.distributions(path=[str(installed)])
    assert (found.name, found.version) == ("twincast", VERSION)


def test_what_the_package_asks_for_and_what_the_server_pins_agree() -> None:
    project = tomllib.loads((BACKEND / "pyproject.toml").read_text())["project"]
    asks = [*project["dependencies"], *project["optional-dependencies"]["fleet"]]
    asked = {one.name: one for one in map(Requirement, asks)}
    lines = [line for line in (BACKEND / "requirements.in").read_text().splitlines() if not line.startswith("#")]
    pinned = {one.name: one for one in map(Requirement, lines)}
    assert asked.keys() == pinned.keys()
    for name, pin in pinned.items():
        (version,) = pin.specifier
        assert asked[name].specifier.contains(version.version), name
        assert str(asked[name].marker) == str(pin.marker)


def test_the_face_is_what_it_lists() -> None:
    public = {name for name in vars(twincast) if not name.startswith("_")}
    rooms = {path.stem for path in (BACKEND / "twincast").iterdir()}
    assert public - rooms == set(twincast.__all__)
    assert list(twincast.__all__) == sorted(twincast.__all__, key=lambda name: (not name[0].isupper(), name))


@pytest.mark.parametrize("name", twincast.__all__)
def test_everything_on_the_face_says_what_it_is(name: str) -> None:
    offered = getattr(twincast, name)
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
