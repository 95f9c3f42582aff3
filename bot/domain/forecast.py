"""What a forecast says: values that policies work out and render words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    NOBODY = "nobody"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Step:
    """A task as it is expected to go."""

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
    end: datetime | None
    blocked: Blocked | None = None
    culprit: str = ""
    """The task, or the workflow, that blocks it."""
    stages: tuple[tuple[Stage, datetime], ...] = ()
    """(stage, when its last task is expected to end), in order."""
    critical: tuple[Step, ...] = ()
    """The chain of tasks that decides the end, first to last."""
    assumed: int = 0
    """How many of its tasks are not planned yet."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The whole fleet's."""

    projects: tuple[ProjectForecast, ...]
    """Soonest first; those without an end last."""
    end: datetime | None
    """When the last of those with an end is done."""
    steps: tuple[Step, ...]
    measured: int
    """Finished attempts that the working times rest on; 0: all are the configuration's."""
    typical: int
    """Features that a project without a plan is assumed to have."""
    typical_from: int
    """Planned projects that this number rests on; 0: the program's own guess."""
