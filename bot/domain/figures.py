"""How well it goes, and what is in its way: worked out by policies, worded by ``render``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.hours import FlowHour, Hour
from bot.domain.quota import Purpose
from bot.domain.sizing import Sizing
from bot.domain.usage import Used
from bot.domain.vocabulary import Workflow


class Metric(StrEnum):
    """The specification's success metrics."""

    END_TO_END = "end-to-end"
    GENESIS = "genesis"
    DEVELOPMENT = "development"
    CONTENT = "content"
    ERRORS = "errors"
    REWORK = "rework"
    SATISFACTION = "satisfaction"
    UPTIME = "uptime"

    @property
    def less_is_better(self) -> bool:
        """Whether the target is an upper bound."""
        return self in (Metric.END_TO_END, Metric.ERRORS, Metric.REWORK)


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of one window."""

    count: int
    """How many projects, tasks or attempts it rests on."""
    value: float | None
    """Hours, a number an hour, or a part of 1; None: too few to say."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A success metric: what is wanted, and what is."""

    metric: Metric
    target: float
    now: Measured
    before: Measured | None
    """In the window before; None where the record does not reach back through all of it."""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None: nobody knows."""
        if self.now.value is None:
            return None
        if self.metric.less_is_better:
            return self.now.value < self.target
        return self.now.value >= self.target


@dataclass(frozen=True, slots=True)
class Record:
    """How far back the recorded attempts reach."""

    begins: datetime
    """Every attempt that ended later is on the record."""
    full: bool
    """Whether older attempts may have been dropped from it; else it begins with the state."""


@dataclass(frozen=True, slots=True)
class Hourly:
    """What happened in whole hours, the last of which may not be over."""

    since: datetime
    """The beginning of the first of them."""
    whole: bool
    """Whether they cover the window that was asked for; else the record begins later."""
    hours: tuple[Hour, ...]
    """Each of them, those without a commit as well."""
    flows: Mapping[Workflow, FlowHour]
    """All of them together."""
    causes: Mapping[str, int]
    """Failed attempts by what they failed of."""
    dollars: float
    commands: int
    commits: int
    projects: int
    """Completed ones."""
    requests: int | None
    """At least so many; None: nobody told."""
    purposes: Mapping[Purpose, int]
    """Requests of which the runs told, by what they were for."""

    @property
    def attempts(self) -> int:
        """Attempts that ended."""
        return sum(flow.done + flow.failed for flow in self.flows.values())


@dataclass(frozen=True, slots=True)
class Metrics:
    """The success metrics over a window that ends now."""

    window: timedelta
    record: Record
    hourly: Hourly
    by_hours: bool
    """Whether parts and rates are counted by the hour, because the recorded attempts do not reach so far."""
    attempts: int
    """Those that ended in the window."""
    figures: tuple[Figure, ...]
    spend: float = 0.0
    """US dollars that these attempts have cost."""
    used: Used | None = None
    """What else they have used; None: nobody told."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What has ended within a while."""

    since: datetime
    """Later than asked for where the record does not reach so far."""
    projects: int
    """Those that are complete."""
    attempts: int
    done: int
    errors: int
    rework: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether commands are answered."""

    commands: int
    """Those of the last 24 hours that get an answer."""
    unanswered: int
    """Of these and of older ones, those to which no answer was seen."""
    oldest: timedelta | None
    """How long the longest of these waits."""


class Limit(StrEnum):
    """Why a queue's tasks wait."""

    NO_WORKER = "no-worker"
    PAUSED = "paused"
    TRIAGE = "triage"
    BUDGET = "budget"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Load:
    """How one workflow's queue stands against its workers."""

    workflow: Workflow
    waiting: int
    limit: Limit | None
    """None where nothing waits."""
    held: int = 0
    """Tasks that the limit concerns: all that wait for a worker, or those that a switch holds back."""
    up: int = 0
    """Workers that take further work."""
    last_start: datetime | None = None
    """When the last of the tasks that may start is expected to."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What ``/status`` says beyond what stands in the state."""

    loads: Mapping[Workflow, Load]
    bottleneck: Load | None
    times: Mapping[Workflow, tuple[timedelta, int]]
    """How long a task takes, and how many attempts that rests on; 0: it is the configuration's."""
    ends: Mapping[str, datetime]
    """Task that a worker has → when it should be done."""
    sizings: tuple[Sizing, ...]
    """What autoscaling makes of each workflow."""
    slow: int
    """Tasks that a worker has had for more than twice the usual time."""
    lately: Lately
    hearing: Hearing
