"""A fleet that is driven through ``decide`` by given service times, and the same times as a play's luck.

Both ask one ``Script``: how long the n-th attempt at a task takes and how it ends. Everything else is what
``decide`` makes of it on the one side, and what a play makes of it on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.decide import decide
from bot.domain import invariants
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.instances import Assignment
from bot.domain.models import Task
from bot.domain.outputs import FeatureProgress, GenesisOutput
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.forecast.pieces import Outcome, Piece
from bot.policies.forecast.world import Idea
from tests.commands.fleet import result
from tests.core.worlds import START, assignments, begun

Times = Callable[[str, str, int], tuple[int, Outcome]]
"""(task, worker, which of all attempts at it, from 1) → seconds, and how it ends."""


LOOK = timedelta(minutes=5)
"""From one look of the monitor to the next."""
PATIENCE = timedelta(hours=3)
"""How long looks alone go on."""


@dataclass
class Driven:
    """A day: people's comments come when they come, and work takes what the script says."""

    config: Config
    times: Times
    plan: Callable[[str], GenesisOutput]
    """Project → what Genesis makes of it."""
    state: State = field(init=False)
    now: datetime = START
    tries: Counter[str] = field(default_factory=Counter)
    looks: datetime | None = None
    """Since when somebody looks every ``LOOK``, for what is due by time alone; None: nobody does."""
    busy_at: datetime = START
    """When something happened last but for looks."""
    log: list[tuple[str, str, datetime, datetime]] = field(default_factory=list)
    """Every attempt that has ended: task, worker, from when to when."""
    comments: int = 0

    def __post_init__(self) -> None:
        self.state = begun(self.config, scaling=self.config.scaling)
        self._taken: dict[int, tuple[datetime, Outcome]] = {}

    def say(self, body: str, issue: int, *, role: str = "admin") -> None:
        self.comments += 1
        event = CommentCreated(
            comment=self.comments, issue=issue, actor="ada", role=role, body=body, at=self.now
        )
        self.settle(event)

    def settle(self, *events: Event) -> None:
        self.state = decide(self.state, events, self.now).state
        invariants.check(self.state)
        fresh = [held for held in assignments(self.state) if held.lease not in self._taken]
        for held in fresh:
            self.tries[held.task] += 1
            worker = self.worker(held)
            seconds, outcome = self.times(held.task, worker, self.tries[held.task])
            self._taken[held.lease] = (self.now + timedelta(seconds=seconds), outcome)
        if fresh:
            claims = [
                WorkClaimed(task=one.task, lease=one.lease, run_id=one.lease, run_attempt=1, at=self.now)
                for one in fresh
            ]
            self.settle(*claims)
            if made := [one for held in fresh for one in self._made(held)]:
                self.settle(*made)

    def _made(self, held: Assignment) -> list[Event]:
        """Genesis reports early and takes the rest of its time to publish: what frees it is one event."""
        if held.task.rpartition(".")[2] != "genesis" or self._taken[held.lease][1] is not Outcome.DONE:
            return []
        run: dict[str, Any] = {"task": held.task, "lease": held.lease, "at": self.now}
        output = self.plan(held.project)
        return [WorkReported(**run, run_id=held.lease, run_attempt=1, ok=True, genesis=output)]

    def worker(self, held: Assignment) -> str:
        return next(one.id for one in self.state.instances.values() if one.assignment == held)

    def next(self) -> datetime | None:
        """When something happens by itself."""
        held = assignments(self.state)
        moments = [min(self._taken[one.lease][0], one.expires_at) for one in held]
        moments += [
            task.not_before
            for project in self.state.projects.values()
            for task in project.tasks
            if task.status is TaskStatus.QUEUED and task.not_before is not None
        ]
        moments += [one.probe_at for one in self.state.instances.values() if one.probe_at is not None]
        if self.config.budgets.tasks_per_hour is not None:
            moments += [one.counts_until for one in self.state.usage.starts]
        coming = min((at for at in moments if at > self.now), default=None)
        if self.looks is None or (coming is None and self.now - self.busy_at >= PATIENCE):
            return coming
        look = self.looks + ((self.now - self.looks) // LOOK + 1) * LOOK
        return look if coming is None else min(coming, look)

    def step(self) -> bool:
        """On to the next moment at which something happens; whether there was one."""
        at = self.next()
        if at is None:
            return False
        self.now = at
        events: list[Event] = []
        for held in assignments(self.state):
            end, outcome = self._taken[held.lease]
            if min(end, held.expires_at) == at:
                self.log.append((held.task, self.worker(held), held.assigned_at, at))
            if end == at:
                events += self._reports(held, outcome)
        self.busy_at = at if events or self.looks is None else self.busy_at
        self.settle(*events)
        return True

    def run(self, until: datetime | None = None) -> None:
        """Until nothing happens any more, or to a moment."""
        while (at := self.next()) is not None and (until is None or at <= until):
            self.step()
        self.now = self.now if until is None else max(self.now, until)

    def _reports(self, held: Assignment, outcome: Outcome) -> list[Event]:
        task = self.state.projects[held.project].task(held.task)
        assert task is not None
        run: dict[str, Any] = {"task": held.task, "lease": held.lease, "at": self.now}
        if outcome is Outcome.FAILED:
            return [WorkReported(**run, run_id=held.lease, run_attempt=1, ok=False, summary="it broke")]
        made = {**result(task), **self._verdict(task, outcome)}
        if task.workflow is not Workflow.GENESIS:
            return [WorkReported(**run, run_id=held.lease, run_attempt=1, ok=True, **made)]
        return [WorkPublished(**run, genesis=self.plan(held.project))]

    def _verdict(self, task: Task, outcome: Outcome) -> dict[str, Any]:
        if task.specialty != "review":
            return {}
        verdict = "changes" if outcome is Outcome.CHANGES else "approved"
        return {"feature": FeatureProgress(key=task.item, tests_run=1, tests_passed=1, verdict=verdict)}

    def draft(self) -> Draft:
        return Draft(self.state, self.now)


class Given:
    """The script as the luck of a play that begins in the midst of a day."""

    def __init__(self, day: Driven) -> None:
        self._times, self._tries = day.times, Counter(day.tries)

    def attempt(self, piece: Piece, worker: str) -> tuple[int, Outcome, float]:
        self._tries[piece.job.id] += 1
        return (*self._times(piece.job.id, worker, self._tries[piece.job.id]), 0.0)

    def rest(self, piece: Piece, worker: str, began: int, now: int) -> tuple[int, Outcome, float]:
        return (*self._times(piece.job.id, worker, self._tries[piece.job.id]), 0.0)

    def plan(self, idea: Idea) -> int:
        return 0

    def merge(self, key: int) -> int:
        return 0
