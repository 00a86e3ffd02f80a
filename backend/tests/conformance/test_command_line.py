"""The command: what it prints, its exit status, and where its vectors come from."""

import json
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.conformance.small_backend import SmallBackend
from tests.conformance.small_client import SmallClient
from tests.process import BACKEND, Backend, free_port, output_of, own_environment, process_of
from twincast.conformance.case import Case, Outcome
from twincast.conformance.command_line import main
from twincast.conformance.report import COLUMNS, json_report, text_report
from twincast.conformance.vectors import load_vectors

COMMAND = ["-m", "twincast.conformance"]
CASE = Case("a-code", "a promise " * 12, "A heading", "A sentence of the page. " * 6)


async def test_a_backend_that_passes_is_status_0_and_json_says_of_each_case_what_it_was() -> None:
    async with SmallBackend().serving() as url:
        only = ["--only", "end", "--only", "token-wrong"]
        command = [*COMMAND, "backend", url, "--token", SmallBackend.token, "--json", *only]
        status, said = await output_of(command, BACKEND, own_environment())
    report = json.loads(said)
    assert (status, report["conformant"]) == (0, True)
    assert {one["code"]: one["verdict"] for one in report["cases"]} == {"token-wrong": "pass", "end": "pass"}


async def test_a_backend_that_fails_is_status_1_and_the_sentence_that_it_breaks_is_told() -> None:
    deaf = type("Deaf", (SmallBackend,), {"check_same_end": lambda *_: None})
    async with deaf().serving() as url:
        command = [*COMMAND, "backend", url, "--only", "ended-other-end"]
        status, said = await output_of(command, BACKEND, own_environment() | {"TWINCAST_TOKEN": SmallBackend.token})
    assert status == 1
    assert "FAIL  ended-other-end" in said
    assert "4410 is due, but the backend closed with 1000" in " ".join(said.split())
    assert "0 passed, 1 failed, 0 not applicable" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["backend"], "say where the backend is"),
        (["backend", "http://localhost:8000"], "begins with ws:// or wss://"),
        (["backend", "ws://127.0.0.1:1"], "no WebSocket could be opened"),
        (["backend", "ws://127.0.0.1:1", "--only", "shout"], "there is no case shout"),
        (["backend", "ws://127.0.0.1:1", "--vectors", "nowhere.json"], "nowhere.json is no vectors.json"),
        (["backend", "ws://127.0.0.1:1", "--vectors", __file__], "is no vectors.json of twincast.v1"),
        (["client", "--command", "stream.py"], "the command needs {url}"),
        (["client", "--command", "no-such-program {url}"], "no-such-program cannot be started"),
        (["client", "--only", "shout"], "there is no case shout"),
    ],
)
def test_a_run_that_cannot_begin_is_status_2_and_one_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


async def test_a_client_that_a_command_starts_is_tried_and_ended(tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    clip.write_bytes(bytes(60_000))
    example = BACKEND.parent / "examples" / "clients" / "python" / "stream.py"
    line = shlex.join([sys.executable, str(example), "{url}", str(clip), "video/webm"])
    only = ["--only", "client-close-4400", "--only", "client-watched"]
    status, said = await output_of([*COMMAND, "client", "--command", line, *only], BACKEND, own_environment())
    assert status == 0, said
    assert "2 passed, 0 failed, 0 not applicable" in said


async def test_a_client_that_is_started_by_hand_is_told_when_and_where() -> None:
    port = free_port()
    command = [*COMMAND, "client", "--port", str(port), "--only", "client-close-4403"]
    async with process_of(command, BACKEND, own_environment()) as process:
        running = Backend(process, port)
        line = await running.line("Start your client now")
        await SmallClient().run(line.split()[-1])
        assert "pass  client-close-4403" in await running.line("client-close-4403")
        await running.drain()
        assert await process.wait() == 0


@pytest.mark.parametrize("part", ["backend", "client"])
def test_lists_its_cases(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([part, "--list"]) == 0
    text = capsys.readouterr().out
    assert main([part, "--list", "--json"]) == 0
    for one in json.loads(capsys.readouterr().out):
        assert one["code"] in text
        assert one["sentence"][:20] in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= COLUMNS


def test_a_report_is_read_in_80_columns() -> None:
    outcomes = [
        Outcome(CASE, "pass"),
        Outcome(CASE, "fail", "what was wrong " * 10),
        Outcome(CASE, "not-applicable", "why"),
    ]
    text = text_report("ws://localhost:8000", outcomes)
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert "protocol/README.md, A heading:" in text
    assert text.endswith("1 passed, 1 failed, 1 not applicable\n")
    assert json.loads(json_report("x", outcomes))["conformant"] is False


async def test_the_folder_of_the_backend_alone_asks_for_the_vectors(tmp_path: Path) -> None:
    shutil.copytree(BACKEND / "twincast", tmp_path / "twincast", ignore=shutil.ignore_patterns("__pycache__"))
    command = [*COMMAND, "backend", "ws://127.0.0.1:1"]
    status, said = await output_of(command, tmp_path, own_environment())
    assert (status, "--vectors" in said) == (2, True)
    command += ["--vectors", str(BACKEND.parent / "protocol" / "vectors.json")]
    status, said = await output_of(command, tmp_path, own_environment())
    assert (status, "no WebSocket could be opened" in said) == (2, True)


def test_the_vectors_of_the_repository_are_found() -> None:
    assert load_vectors(None).subprotocol == "twincast.v1"
