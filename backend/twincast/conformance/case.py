"""What a case is, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

Verdict = Literal["pass", "fail", "not-applicable"]

Check = TypeVar("Check")


@dataclass(frozen=True, slots=True)
class Case:
    """One rule of protocol/README.md that is tried.

    `code` is stable. `title` is the promise in plain words. `sentence` stands word for word beneath `heading` there.
    `optional`: when the case does not apply; None where it always does.
    """

    code: str
    title: str
    heading: str
    sentence: str
    optional: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case. `note`: what was wrong, why it does not apply, or what was seen."""

    case: Case
    verdict: Verdict
    note: str = ""


class BrokenRuleError(Exception):
    """The one under test broke the rule. The text says how."""


class NotApplicableError(Exception):
    """The rule is about something that the one under test does not do. The text says what."""


class CannotRunError(Exception):
    """The run itself cannot begin. The text says what to do."""


@dataclass(frozen=True, slots=True)
class CheckedCase(Generic[Check]):
    """A case and how it is tried."""

    case: Case
    check: Check


class CaseList(Generic[Check]):
    """The cases of one subject, in the order in which they were added."""

    def __init__(self) -> None:
        self.all: Final[list[CheckedCase[Check]]] = []

    def add(
        self, code: str, title: str, heading: str, sentence: str, optional: str | None = None
    ) -> Callable[[Check], Check]:
        """Makes a case of the function beneath, which raises `BrokenRuleError` or `NotApplicableError`."""

        def added(check: Check) -> Check:
            self.all.append(CheckedCase(Case(code, title, heading, sentence, optional), check))
            return check

        return added


def require(holds: bool, otherwise: str) -> None:
    """Raises `BrokenRuleError` with the sentence where the rule does not hold."""
    if not holds:
        raise BrokenRuleError(otherwise)
