"""Of what attempts fail: the kinds of an agent's run, and the causes that the figures count by."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """Why an agent's run did not count, as far as a program can act on it."""

    TURNS = "turns"
    """It used up the turns that it was given."""
    BUDGET = "budget"
    """It used up the money that it was given."""
    RATE_LIMIT = "rate-limit"
    """Its provider wants fewer requests, or has no capacity."""
    ACCESS = "access"
    """Its key is missing or refused."""
    TIME = "time"
    OUTPUT = "output"
    """It printed more than it may."""
    DISK = "disk"
    """Its workspace grew over its limit."""
    GARBAGE = "garbage"
    """It ended as if all were well and answered nothing that can be read."""
    ERROR = "error"
    """It said itself that it failed, or ended with another exit code than 0."""
    INVALID = "invalid"
    """It did its work, and what it left does not validate or did not pass."""
    OUTSIDE = "outside"
    """It changed what is none of its business."""
    MISSING = "missing"
    """Its program is not installed."""
    SETUP = "setup"
    """The work could not begin: the configuration, the repository or the prompt is not usable."""


class Cause(StrEnum):
    """Of what an attempt failed; the words are kept in the figures and exported, so they stay as they are."""

    TESTS = "tests"
    """A command of the project failed: its tests, its build."""
    GATE = "gate"
    """The work was done, and a quality check refused it."""
    OUTPUT = "output"
    """What was handed on is missing or does not validate."""
    AGENT = "agent"
    """The agent failed, gave up, or used up its turns."""
    PROVIDER = "provider"
    """The agent's provider turned it away: its rate limit, its key."""
    BUDGET = "budget"
    """The attempt used up the money that it was given."""
    TIME = "time-out"
    """It took longer than it may."""
    STUCK = "no-progress"
    """It showed no progress, and was stopped for that."""
    LOST = "worker-lost"
    """Its worker fell silent."""
    ENDED = "run-ended"
    """Its run ended without a report."""
    LIMIT = "resources"
    """It printed more, or filled more of the disk, than it may."""
    SETUP = "set-up"
    """The work could not begin."""
    PUBLICATION = "publication"
    """What it made could not be published."""
    OTHER = "other"
    """Nobody said."""


_CAUSES = {
    FailureKind.TURNS: Cause.AGENT,
    FailureKind.BUDGET: Cause.BUDGET,
    FailureKind.RATE_LIMIT: Cause.PROVIDER,
    FailureKind.ACCESS: Cause.PROVIDER,
    FailureKind.TIME: Cause.TIME,
    FailureKind.OUTPUT: Cause.LIMIT,
    FailureKind.DISK: Cause.LIMIT,
    FailureKind.GARBAGE: Cause.AGENT,
    FailureKind.ERROR: Cause.AGENT,
    FailureKind.OUTSIDE: Cause.GATE,
    FailureKind.MISSING: Cause.SETUP,
    FailureKind.SETUP: Cause.SETUP,
}
"""``INVALID`` is not among them: what was refused says more."""


def cause_of(kind: FailureKind | None, *, exit_code: int | None, rework: bool) -> Cause:
    """The cause of a failure that was reported: what the executor says it is, else what is seen of it."""
    if kind is not None and kind in _CAUSES:
        return _CAUSES[kind]
    if exit_code:
        return Cause.TESTS
    if rework:
        return Cause.GATE
    return Cause.OUTPUT if kind is FailureKind.INVALID else Cause.OTHER
