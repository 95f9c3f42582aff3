"""What a forecast says: values that policies work out and render words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.flow import Growth, Standstill
from bot.domain.vocabulary import Stage


class Blocked(StrEnum):
    """Why no end can be expected."""

    REVIEW = "review"
    STOPPED = "stopped"
    APPROVAL = "approval"
    HALTED = "halted"
    PAUSED = "paused"
    TRIAGE = "triage"
    BUDGET = "budget"
    DEAR = "dear"
    NOBODY = "nobody"
    FAILS = "fails"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Spread:
    """When something is expected, by many plays."""

    low: datetime
    """One play in ten ends before it."""
    median: datetime
    high: datetime
    """One play in ten ends after it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A task as it goes in one play."""

    id: str
    starts: datetime
    ends: datetime
    worker: str
    assumed: bool
    """Not planned yet: taken from how projects usually are."""


@dataclass(frozen=True, slots=True)
class ProjectForecast:
    """When one project is expected to be done, and what that hangs on."""

    project: str
    when: Spread | None
    blocked: Blocked | None = None
    culprit: str = ""
    """The task, or the workflow, that blocks it."""
    stages: tuple[tuple[Stage, datetime], ...] = ()
    """(stage, when its last task ends), in order, in a play that ends in the middle."""
    critical: tuple[Step, ...] = ()
    """The chain of tasks that decides the end there, first to last."""
    assumed: int = 0
    """How many of its tasks there are not planned yet."""
    person: float = 0.0
    """Part of the plays in which a task of it fails for good, so that a person has to look."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The whole fleet's."""

    projects: tuple[ProjectForecast, ...]
    """Soonest first; those without an end last."""
    when: Spread | None
    """When the last of those with an end is done."""
    runs: int
    """How often the open work was played forward."""
    measured: int
    """Finished attempts that the working times rest on; 0: all are the configuration's."""
    features: tuple[int, int]
    """Least and most features of the plans that projects without a plan are given."""
    plans: int
    """Planned projects that these come from; 0: the program's own guess."""
    merges: int
    """Merges that waiting for pull requests rests on; 0: it is not included."""
    people: tuple[str, ...] = ()
    """What people do that is not included: ``merge``, ``approve``."""
    scales: bool = False
    """Whether autoscaling is on, and was played along."""
    growth: tuple[Growth, ...] = ()
    """Which workflows it gives more workers to."""
    standstills: tuple[Standstill, ...] = ()
    """What lets nothing start before a while."""
