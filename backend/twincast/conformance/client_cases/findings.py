"""What was found of each case, over all lives of a client. Pure."""

from collections.abc import Sequence
from typing import Final

from twincast.conformance.case import Case, Outcome


class Findings:
    """Collects evidence. One failure of a case outweighs whatever else was seen of it."""

    def __init__(self) -> None:
        self._seen: Final[set[str]] = set()
        self._failures: Final[dict[str, str]] = {}
        self._reasons: Final[dict[str, str]] = {}
        self._obstacles: Final[dict[str, str]] = {}

    def see(self, code: str) -> None:
        """The rule was kept where it could have been broken."""
        self._seen.add(code)

    def fail(self, code: str, how: str) -> None:
        """The rule was broken. The first time is told."""
        self._failures.setdefault(code, how)

    def judge(self, code: str, holds: bool, otherwise: str) -> None:
        """`see` or `fail`."""
        if holds:
            self.see(code)
        else:
            self.fail(code, otherwise)

    def does_not_apply(self, code: str, why: str) -> None:
        """The client does nothing that the rule is about."""
        self._reasons.setdefault(code, why)

    def stopped(self, codes: Sequence[str], why: str) -> None:
        """A script came to its end early: what was to be seen of these cases, was not."""
        for code in codes:
            self._obstacles.setdefault(code, why)

    def outcome(self, case: Case) -> Outcome:
        """The verdict. What was never seen, and has to be, fails: a client that shows nothing keeps no rule."""
        if case.code in self._failures:
            return Outcome(case, "fail", self._failures[case.code])
        obstacle = self._obstacles.get(case.code)
        if case.code in self._seen and obstacle is None:
            return Outcome(case, "pass")
        if case.optional is not None and (obstacle is None or case.code in self._reasons):
            return Outcome(case, "not-applicable", self._reasons.get(case.code, f"{case.optional}."))
        return Outcome(case, "fail", f"not seen: {obstacle or 'no script came to it.'}")
