"""Other commands work whole (tests/test_mounting.py) or refuse in one sentence."""

import os
from pathlib import Path

import pytest

from tests.process import BACKEND, free_port, output_of

OWN_PROGRAM = """
from twincast import Settings, Sink, create_app

app = create_app(Settings.from_values(), [Sink])
"""

COMMANDS = {
    "uvicorn --workers": ["-m", "uvicorn", "main:app", "--port", "{port}", "--workers", "2"],
    "fastapi run --workers": ["-m", "fastapi", "run", "main.py", "--port", "{port}", "--workers", "2"],
    "WEB_CONCURRENCY": ["-m", "uvicorn", "main:app", "--port", "{port}"],
}


async def launched(command: list[str], folder: Path, **environment: str) -> tuple[int, str]:
    """The exit status and all that is said."""
    own = {**os.environ, "PYTHONPATH": str(BACKEND), "TERM": "dumb", **environment}
    return await output_of([part.format(port=free_port()) for part in command], folder, own)


@pytest.mark.parametrize("own", [False, True], ids=["main.py", "an app of one's own"])
@pytest.mark.parametrize("name", COMMANDS)
async def test_several_processes_are_refused_in_one_sentence(name: str, own: bool, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(OWN_PROGRAM if own else (BACKEND / "main.py").read_text())
    concurrency = {"WEB_CONCURRENCY": "2"} if name == "WEB_CONCURRENCY" else {}
    _, said = await launched(COMMANDS[name], tmp_path, **concurrency)
    assert "The backend runs in one process" in said
    assert "Traceback" not in said
    assert "Application startup complete" not in said


@pytest.mark.parametrize("server", ["hypercorn", "granian"])
async def test_servers_that_lose_the_last_ack_are_refused_in_one_sentence(server: str, tmp_path: Path) -> None:
    # As such a server does it: its own program, which imports the application.
    (tmp_path / server).mkdir()
    (tmp_path / server / "__init__.py").touch()
    (tmp_path / server / "__main__.py").write_text("import main\n")
    (tmp_path / "main.py").write_text((BACKEND / "main.py").read_text())
    status, said = await launched(["-m", server], tmp_path)
    assert status != 0
    assert said.startswith(f"The backend does not run under {server}")
    assert said.count("\n") == 1
