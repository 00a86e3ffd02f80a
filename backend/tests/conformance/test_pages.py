"""What the pages say of the conformance run is so: each sentence that a case tries, and the table of cases."""

import json
import re
from pathlib import Path

import pytest

from tests.process import BACKEND
from twincast.conformance.backend_cases import BACKEND_CASES
from twincast.conformance.backend_messages import parse_backend_message
from twincast.conformance.case import Case
from twincast.conformance.client_cases.catalogue import CHUNK_REFUSED, CLIENT_CASES, FINAL, RETRIED
from twincast.wire.close_codes import ProtocolError

PROTOCOL = BACKEND.parent / "protocol"
VECTORS = json.loads((PROTOCOL / "vectors.json").read_text())
CASES = {"For a backend": [one.case for one in BACKEND_CASES], "For a client": list(CLIENT_CASES)}
ALL = [case for cases in CASES.values() for case in cases]


def words(text: str) -> str:
    return " ".join(text.split())


def sections(page: Path) -> dict[str, str]:
    """What stands directly beneath each heading, by the heading without its fields."""
    parts = re.split(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {name.partition(" {")[0]: words(text) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("case", ALL, ids=lambda case: str(case.code))
def test_a_case_tries_what_the_specification_says(case: Case) -> None:
    assert words(case.sentence) in sections(PROTOCOL / "README.md")[case.heading]


def test_each_code_is_one_case() -> None:
    codes = [case.code for case in ALL]
    assert len(set(codes)) == len(codes)


def test_the_scripts_meet_every_close_code_of_the_vectors() -> None:
    by_reaction = {"retry": RETRIED, "give-up": FINAL, "drop-chunk": CHUNK_REFUSED, "stay-closed": (1000,)}
    for reaction, codes in by_reaction.items():
        assert sorted(codes) == sorted(one["code"] for one in VECTORS["closeCodes"] if one["client"] == reaction)


@pytest.mark.parametrize("part", CASES)
def test_the_page_lists_every_case(part: str) -> None:
    rows = [f"| `{one.code}` | {one.title} | {one.optional or ''} |".replace("|  |", "| |") for one in CASES[part]]
    table = (PROTOCOL / "conformance.md").read_text().partition(f"## {part}")[2].partition("\n## ")[0]
    listed = [line for line in table.splitlines() if re.match(r"\| `(?!--)", line)]
    assert listed == rows, "\n".join(rows)


@pytest.mark.parametrize("vector", VECTORS["backendMessages"], ids=lambda vector: str(vector["name"]))
def test_reads_what_a_backend_may_say(vector: dict[str, str]) -> None:
    parse_backend_message(vector["text"])


@pytest.mark.parametrize("vector", VECTORS["badBackendMessages"], ids=lambda vector: str(vector["name"]))
def test_refuses_what_a_backend_may_not_say(vector: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        parse_backend_message(vector["text"])
