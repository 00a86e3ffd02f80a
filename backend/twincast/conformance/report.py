"""What a run says of its cases: for people, in 80 columns, and as JSON. Pure."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from twincast.conformance.case import Case, Outcome, Verdict

COLUMNS: Final = 80
_WORDS: Final[dict[Verdict, str]] = {"pass": "pass", "fail": "FAIL", "not-applicable": "n/a"}


def is_conformant(outcomes: Iterable[Outcome]) -> bool:
    """Whether no case failed."""
    return all(one.verdict != "fail" for one in outcomes)


def text_report(subject: str, outcomes: Sequence[Outcome]) -> str:
    """One line for each case; beneath those that did not pass, why, and the sentence of the specification."""
    lines = [f"{subject}: {len(outcomes)} cases of twincast.v1", ""]
    for one in outcomes:
        lines += _wrapped(f"{_WORDS[one.verdict]:<5} {one.case.code:<24} ", one.case.title)
        if one.verdict != "pass":
            lines += _wrapped(" " * 8, one.note)
        if one.verdict == "fail":
            lines += _wrapped(" " * 8, f'protocol/README.md, {one.case.heading}: "{one.case.sentence}"')
    counts = Counter(one.verdict for one in outcomes)
    passed, failed, others = counts["pass"], counts["fail"], counts["not-applicable"]
    return "\n".join([*lines, "", f"{passed} passed, {failed} failed, {others} not applicable", ""])


def json_report(subject: str, outcomes: Sequence[Outcome]) -> str:
    """The same as an object: {subject, conformant, cases: [{code, verdict, note, title, heading, sentence}]}."""
    cases = [
        {
            "code": one.case.code,
            "verdict": one.verdict,
            "note": one.note,
            "title": one.case.title,
            "heading": one.case.heading,
            "sentence": one.case.sentence,
        }
        for one in outcomes
    ]
    report = {"subject": subject, "conformant": is_conformant(outcomes), "cases": cases}
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def text_list(subject: str, cases: Iterable[Case]) -> str:
    """Every case with its sentence."""
    lines = [subject, ""]
    for case in cases:
        lines += _wrapped(f"{case.code:<24} ", case.title)
        lines += _wrapped(" " * 8, f'{case.heading}: "{case.sentence}"')
        if case.optional is not None:
            lines += _wrapped(" " * 8, f"does not apply where {case.optional}")
    return "\n".join([*lines, ""])


def json_list(cases: Iterable[Case]) -> str:
    """Every case as an object."""
    listed = [
        {
            "code": case.code,
            "title": case.title,
            "heading": case.heading,
            "sentence": case.sentence,
            "optional": case.optional,
        }
        for case in cases
    ]
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


def _wrapped(start: str, text: str) -> list[str]:
    indent = start if start.isspace() else " " * len(start)
    return textwrap.wrap(text, COLUMNS, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False) or [
        start.rstrip()
    ]
