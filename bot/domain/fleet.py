"""What is found out about workers and done to their number, as values that replies are worded from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from bot.domain.events.looked_up import RunSeen
from bot.domain.instances import Assignment, Instance
from bot.domain.vocabulary import WorkerStatus, Workflow


class Verdict(IntEnum):
    """How a check came out; the worst is the greatest."""

    WELL = 0
    WATCH = 1
    FAILED = 2


class Check(StrEnum):
    """What a worker's health is judged by."""

    STATUS = "status"
    HEARTBEAT = "heartbeat"
    LEASE = "lease"
    RUN = "run on GitHub"
    ERRORS = "error rate"
    PACE = "pace"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The evidence about one worker, and a verdict for each check."""

    worker: Instance
    at: datetime
    verdicts: Mapping[Check, Verdict]
    heard: timedelta
    """Since its last heartbeat; where there was none, since it was created."""
    expects_heartbeat: bool
    silent_after: timedelta
    told: bool
    """Whether GitHub told of the runs at all."""
    run: RunSeen | None
    attempts: int
    """How many ended in the last 24 h."""
    failed_attempts: int
    error_target: float
    elapsed: timedelta | None
    """Since its run claimed the task; None where nothing is claimed."""
    quiet: timedelta | None
    """Since its work last got on, where it can tell that; None where it cannot, or has none."""
    expected: timedelta
    measured: int
    """Attempts that ``expected`` rests on; 0: it is the configuration's."""
    stuck_after: timedelta
    limit: timedelta
    start: str
    """The command that starts it on its machine; empty where it is a place for runs on Actions."""

    @property
    def worst(self) -> Verdict:
        """The verdict on the worker."""
        return max(self.verdicts.values())

    @property
    def failed(self) -> bool:
        """Whether it should be restarted."""
        return self.worst is Verdict.FAILED

    def of(self, verdict: Verdict) -> list[Check]:
        """The checks that came out so."""
        return [check for check, found in self.verdicts.items() if found is verdict]


@dataclass(frozen=True, slots=True)
class Restarted:
    """A worker that was started anew."""

    worker: str
    was: WorkerStatus
    held: Assignment | None
    """What was taken back from it."""
    status: WorkerStatus
    """What it is now, before anything is assigned."""
    taken_out: bool = False
    """Whether it had been taken out for failing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many workers a workflow may have at present."""

    minimum: int
    maximum: int
    emergency: int
    """What an emergency allows."""
    until: datetime | None = None
    """When the emergency ends that ``maximum`` is owed to; None: there is none."""
    peak: str = ""
    """The peak hours that ``minimum`` is owed to."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """What a change of a workflow's number of workers did. Workers that stop are not counted."""

    workflow: Workflow
    asked: int
    before: int
    after: int
    limits: Limits
    called_back: tuple[str, ...] = ()
    """Were to stop after their task, and go on."""
    started: tuple[str, ...] = ()
    """Were stopped, and take work again."""
    created: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    draining: tuple[str, ...] = ()
    """Finish their task, then stop."""
    busy: tuple[str, ...] = ()
    """Could not be stopped, because they hold a task."""

    @property
    def changed(self) -> int:
        """How many workers more or fewer take work."""
        return abs(self.after - self.before)
