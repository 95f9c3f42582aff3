"""Looking for a better placing of tasks that have not begun, without touching the draft.

A task goes to a worker that the rules put ahead of its present one, or two tasks change places so that
one gains and neither loses. Every step improves something, so it ends, and in one way only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Candidate, Project, Task
from bot.domain.outlook import Move
from bot.domain.vocabulary import WorkerStatus, Workflow
from bot.policies.assigning.candidates import Distances, Wanted, candidate, decisive, fit, fitness, order
from bot.policies.assigning.reserving import left, takes_work, whole_minutes
from bot.policies.guards.slowness import slow_workers
from bot.policies.working.estimating import Estimates

ROUNDS = 20
"""How often everything is looked at again after something moved; far more than any fleet needs."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A task that can be moved, and the worker that it stands with."""

    project: Project
    task: Task
    want: Wanted
    """What it asks of a worker."""
    worker: str
    begun: bool
    """Whether its run was asked for; else it is only kept for the worker."""
    startable: bool
    """Whether it would start at once with an idle worker."""


class Placing:
    """Where a workflow's movable tasks stand, tried out."""

    def __init__(self, draft: Draft, workflow: Workflow, standing: list[Standing]) -> None:
        """``standing``: the tasks in the order in which they are looked at, each with a worker that is up."""
        self._draft = draft
        self._estimates = Estimates(draft)
        self._distances = Distances(draft.config.regions)
        self._slow = slow_workers(draft, workflow)
        self._tasks = {one.task.id: one for one in standing}
        self._at = {id_: one.worker for id_, one in self._tasks.items()}
        self._why: dict[str, str] = {}
        self._fits: dict[tuple[Wanted, str, bool], tuple[Any, ...]] = {}
        self._up = {
            one.id: one
            for one in sorted(draft.instances.values(), key=lambda one: one.id)
            if one.workflow is workflow and takes_work(draft, one)
        }
        self._with: dict[str, set[str]] = {id_: set() for id_ in self._up}
        for id_, worker in self._at.items():
            self._with[worker].add(id_)
        self._running = {
            id_: whole_minutes(left(draft, self._estimates, worker))
            for id_, worker in self._up.items()
            if worker.assignment and worker.assignment.task not in self._tasks
        }

    def moves(self) -> list[Move]:
        """Move and swap until nothing improves; what stands elsewhere then than in the beginning."""
        for _ in range(ROUNDS):
            if not any([*[self._moved(one) for one in self._tasks.values()], self._swapped()]):
                break
        return [
            Move(id_, one.project.id, one.worker, self._at[id_], self._why[id_], one.begun)
            for id_, one in self._tasks.items()
            if self._at[id_] != one.worker
        ]

    def _moved(self, one: Standing) -> bool:
        """Put a task with the best worker that could take it, where that is better than its own."""
        here = self._at[one.task.id]
        starting = [id_ for id_ in self._up if id_ != here and self._open(id_)] if one.startable else []
        waits = not one.begun and not self._starts(one)
        options = starting or ([id_ for id_ in self._up if id_ != here] if waits else [])
        if not options:
            return False
        best = min((self._judged(one, self._up[id_]) for id_ in options), key=order)
        own = self._judged(one, self._up[here])
        if starting and waits:
            self._put(one, best.worker, f"it is idle, and {here} is not")
            return True
        if fitness(best) < fitness(own):
            self._put(one, best.worker, decisive(best, own, one.want))
            return True
        return False

    def _put(self, one: Standing, worker: str, why: str) -> None:
        id_ = one.task.id
        self._with[self._at[id_]].discard(id_)
        self._with[worker].add(id_)
        self._at[id_], self._why[id_] = worker, why

    def _open(self, worker: str) -> bool:
        """Whether a worker could start something at once: nothing runs there, or would start there."""
        return (
            worker not in self._running
            and self._up[worker].status is not WorkerStatus.PROVISIONING
            and not any(self._tasks[id_].startable for id_ in self._with[worker])
        )

    def _starts(self, one: Standing) -> bool:
        """Whether a task that is only kept for its worker would start there at once."""
        id_, here = one.task.id, self._at[one.task.id]
        self._with[here].discard(id_)
        starts = one.startable and self._open(here)
        self._with[here].add(id_)
        return starts

    def _swapped(self) -> bool:
        """Let tasks whose runs have not come change places, where one gains and the other does not lose."""
        changed = False
        for one, other in combinations([one for one in self._tasks.values() if one.begun], 2):
            here, there = self._at[one.task.id], self._at[other.task.id]
            now = self._suits(one, here), self._suits(other, there)
            then = self._suits(one, there), self._suits(other, here)
            if then[0] <= now[0] and then[1] <= now[1] and then != now:
                self._put(one, there, self._swap_reason(one, here, there, other))
                self._put(other, here, self._swap_reason(other, there, here, one))
                changed = True
        return changed

    def _swap_reason(self, one: Standing, source: str, target: str, partner: Standing) -> str:
        if self._suits(one, target) == self._suits(one, source):
            return f"it makes room for {partner.task.id}"
        best, own = (self._judged(one, self._up[id_], alone=True) for id_ in (target, source))
        return decisive(best, own, one.want)

    def _suits(self, one: Standing, worker: str) -> tuple[Any, ...]:
        """How well a worker suits a task, whatever else it has to do: in a swap both keep that."""
        key = (one.want, worker, worker in one.task.failed_on)
        if key not in self._fits:
            self._fits[key] = fitness(self._judged(one, self._up[worker], alone=True))
        return self._fits[key]

    def _judged(self, one: Standing, worker: Instance, *, alone: bool = False) -> Candidate:
        load = 0.0 if alone else self._load(one, worker.id)
        slow = worker.id in self._slow.get(one.want.specialty, ())
        how = fit(worker, one.want, self._distances, slow=slow)
        return candidate(worker, how, load, failed=worker.id in one.task.failed_on)

    def _load(self, one: Standing, worker: str) -> float:
        """Minutes of everything that stands with a worker besides this task."""
        others = [self._tasks[id_].task for id_ in sorted(self._with[worker]) if id_ != one.task.id]
        times = [self._estimates.of(task.workflow, task.specialty).time for task in others]
        return self._running.get(worker, 0.0) + sum(map(whole_minutes, times))
