"""The kind of case that is tried on a backend."""

from collections.abc import Awaitable, Callable

from twincast.conformance.case import CaseList, CheckedCase
from twincast.conformance.line import Backend

BackendCheck = Callable[[Backend], Awaitable[str | None]]
"""Returns what was seen, where that is worth a word. Raises `BrokenRuleError` or `NotApplicableError`."""

BackendCase = CheckedCase[BackendCheck]
BackendCases = CaseList[BackendCheck]
