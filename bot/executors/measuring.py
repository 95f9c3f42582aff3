"""Running a project's commands in a clean clone, and counting what its tests did: nothing is believed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from bot.domain.failures import FailureKind
from bot.domain.outputs import FeatureProgress, ProjectCommands
from bot.executors import reports
from bot.executors.area import Refused
from bot.executors.untrusted import one_line
from bot.executors.workspace import Ran, Workspace

TOLERANCE = 1.0
"""Points by which coverage may differ between two runs: which lines run can hang on timing and platform."""


def gate_failed(message: str) -> Refused:
    """Work that was done and did not pass."""
    return Refused(message, FailureKind.INVALID)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of the tests has shown."""

    ran: int = 0
    passed: int = 0
    coverage: float | None = None
    """Covered lines in per cent, where a report of that run says it."""

    @property
    def says(self) -> str:
        """For a line that people read."""
        covered = "" if self.coverage is None else f", coverage {self.coverage:g}%"
        return f"{self.ran} tests run, {self.passed} passed{covered}"


def run_tests(clone: Workspace, words: list[str]) -> tuple[Ran, Measured]:
    """Run a test command once and read the reports that it wrote, else what it printed."""
    before = reports.known(clone.root)
    ran = clone.attempt(words)
    fresh = reports.written(clone.root, before)
    counted = reports.tests_of(clone.root, fresh) if fresh else None
    if counted is None:
        counted = reports.Tests(ran.tests, 0 if ran.exit_code else ran.tests)
    coverage = reports.coverage_of(clone.root, fresh) if fresh else None
    return ran, Measured(counted.ran, counted.passed, coverage)


def measured(clone: Workspace, commands: ProjectCommands, *, may_fail: bool = False) -> Measured:
    """The tests by the project's own commands on a clean clone, which have to pass, and its linter too.

    Raises Refused where they do not; ``may_fail``: tests that were written first do not pass yet.
    """
    words = _words(commands.test)
    if not words:
        raise gate_failed("no command is known that runs the project's tests")
    ran, found = run_tests(clone, words)
    if ran.exit_code in (-1, 127) or (ran.exit_code and not may_fail):
        raise gate_failed(f"`{ran.command}` {ran.outcome()} on a clean clone")
    if not found.ran:
        raise gate_failed(f"`{ran.command}` does not say that it ran any test")
    if found.passed < found.ran and not may_fail:
        failed = found.ran - found.passed
        raise gate_failed(f"`{ran.command}` ends with exit code 0, but its report has {failed} failed tests")
    if lint := _words(commands.lint):
        judged = clone.attempt(lint)
        if judged.exit_code:
            raise gate_failed(f"`{judged.command}` {judged.outcome()} on a clean clone")
    return found


def counted(clone: Workspace, commands: ProjectCommands) -> Measured:
    """The tests as they are, whatever that says of the work; zeros where none can be run."""
    words = _words(commands.test)
    return run_tests(clone, words)[1] if words else Measured()


def differs(found: Measured, claimed: FeatureProgress) -> str:
    """How what an output says differs from what was measured again; empty where it holds."""
    if (found.ran, found.passed) != (claimed.tests_run, claimed.tests_passed):
        said = f"{claimed.tests_run} and {claimed.tests_passed}"
        return f"{found.ran} tests ran and {found.passed} passed, the output says {said}"
    if claimed.coverage is None:
        return ""
    if found.coverage is None:
        return f"no report of the tests says a coverage, the output says {claimed.coverage:g}%"
    if abs(found.coverage - claimed.coverage) > TOLERANCE:
        return f"the tests cover {found.coverage:g}%, the output says {claimed.coverage:g}%"
    return ""


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise gate_failed(f"`{one_line(command, 100)}` cannot be read as a command: {error}") from None
