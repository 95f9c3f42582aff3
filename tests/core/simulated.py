"""A simulated day: ideas come in bursts, stand-ins work them off, and somebody looks every 30 seconds.

Everything goes through ``decide``. Arrivals and working times follow from a seed; what is due at one
moment is settled together, as a run takes along what waits.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.decide import decide
from bot.domain import invariants
from bot.domain.config import Config
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.instances import Assignment
from bot.domain.models import Task
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from tests.commands.fleet import features, result
from tests.core.worlds import START, assignments, begun

TICK = timedelta(seconds=30)


@dataclass
class Simulation:
    """A fleet whose days pass quickly; ``watch`` is called with the states before and after each look."""

    seed: int
    config: Config
    state: State = field(init=False)
    now: datetime = START
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.state = begun(self.config, scaling=self.config.scaling)
        self._chance = Random(self.seed)
        self._due: list[tuple[datetime, int, Event]] = []
        self._taken: set[int] = set()
        self._number = 0

    def burst(self, at: datetime, ideas: int) -> None:
        """So many ideas within half a minute."""
        for _ in range(ideas):
            self._number += 1
            moment = at + timedelta(seconds=self._chance.randrange(30))
            self._later(
                CommentCreated(
                    comment=self._number,
                    issue=self._number,
                    actor="wendy",
                    role="write",
                    body=f"/dispatch-genesis Idea {self._number}",
                    at=moment,
                )
            )

    def look(self) -> State:
        """The next 30 seconds: what is due in them is settled. Returns the state before."""
        before = self.state
        self.now += TICK
        events: list[Event] = []
        while self._due and self._due[0][0] <= self.now:
            events.append(heapq.heappop(self._due)[2])
        self.state = decide(before, events, self.now).state
        self.counts["looks"] += 1
        self.counts["commits"] += self.state is not before
        if self.state is not before:
            invariants.check(self.state)
            self._begin()
        return before

    def _later(self, event: Event) -> None:
        self._number += 1
        heapq.heappush(self._due, (event.at, self._number, event))

    def _begin(self) -> None:
        """Stand-ins take on what was assigned: claimed soon, reported after a working time."""
        for held in assignments(self.state):
            if held.lease not in self._taken:
                self._taken.add(held.lease)
                self.counts["tasks"] += 1
                self._work(held)

    def _work(self, held: Assignment) -> None:
        task = self.state.projects[held.project].task(held.task)
        assert task is not None
        run = {"task": held.task, "lease": held.lease}
        begin = self.now + timedelta(seconds=self._chance.randrange(5, 40))
        end = begin + timedelta(seconds=self._chance.randrange(90, 900))
        self._later(WorkClaimed(**run, run_id=held.lease, run_attempt=1, at=begin))
        self._later(WorkReported(**run, run_id=held.lease, run_attempt=1, at=end, **self._outcome(task)))
        if task.workflow is Workflow.GENESIS:
            self._later(
                WorkPublished(**run, at=end + timedelta(seconds=20), genesis=features(held.project, 1))
            )

    def _outcome(self, task: Task) -> dict[str, Any]:
        if task.attempt == 1 and self._chance.random() < 0.1:
            return {"ok": False, "summary": "its test failed"}
        return {"ok": True, **result(task)}
