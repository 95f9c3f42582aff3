"""How work flows through each workflow, and what would make it flow better: values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.figures import Load
from bot.domain.vocabulary import Workflow


class Held(StrEnum):
    """Why nothing of a workflow starts at all."""

    PAUSED = "paused"
    BUDGET = "budget"
    NOBODY = "nobody"
    """No worker is up."""
    OUT = "out"
    """All that are up were taken out for failing."""
    TRIAGE = "triage"
    PROJECTS = "projects"
    """All that waits is of projects whose budgets are used up, or held by triage."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """Something that lets nothing start before a moment."""

    held: Held
    until: datetime
    workflow: Workflow | None = None
    """None: everything."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One workflow's figures over a window."""

    workflow: Workflow
    waiting: int
    up: int
    """Workers that take work."""
    utilisation: float | None
    """Part of their time in which they held a task; None without workers."""
    arrived: int
    """Tasks queued in the window."""
    finished: int
    """Attempts that ended in the window."""
    oldest: timedelta | None
    drain: timedelta | None
    """How long the queue takes with these workers at the usual working times; None: nothing starts."""
    little: timedelta | None
    """Expected wait by Little's law: waiting / finished an hour; None without data."""
    worst: tuple[str, int] | None
    """The specialty that waits most, and how many of it."""
    held: Held | None = None
    slow: tuple[str, str] | None = None
    """A worker that is much slower than its peers of late, and at what."""

    @property
    def growth(self) -> int:
        """By how many tasks more came than ended."""
        return self.arrived - self.finished


@dataclass(frozen=True, slots=True)
class Growth:
    """A workflow that autoscaling gives more workers to, in most plays."""

    workflow: Workflow
    size: int
    """Workers that take work now."""
    most: int
    """How many it has at most, in the middle of the plays."""
    since: datetime
    """When the first of them comes, in the middle of the plays in which one does."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a person could do, and what the forecast says of it."""

    command: str
    """What to type; empty where no command does it."""
    what: str
    sooner: timedelta
    """How much earlier the last project is done: the median over plays that differ by nothing else."""
    unblocks: int = 0
    """Projects that have an expected end only with it."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What limits the flow now."""

    since: datetime
    """Where the window begins."""
    flows: tuple[Flow, ...]
    limiting: Workflow | None
    changes: tuple[Change, ...]
    """The most helpful first."""
    runs: int = 0
    """How often the work was played with and without each change."""
    slowest: Load | None = None
    """The queue that lasts longest, where none limits the flow."""
    growth: tuple[Growth, ...] = ()
    """What autoscaling does by itself; the changes come on top of that."""
