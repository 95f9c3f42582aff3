"""Assigning: every queued task that may start goes to an idle worker, in queue order, by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.effects import Dispatch
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Choice, Project, QueueItem, Reservation, Task
from bot.domain.vocabulary import QueueName, TaskStatus, WorkerStatus, Workflow
from bot.policies.assigning.bench import Bench
from bot.policies.assigning.candidates import Distances, candidate, fit, wanted
from bot.policies.assigning.holding import Holding
from bot.policies.assigning.matching import give_kept, give_others
from bot.policies.assigning.reserving import loads, still_kept
from bot.policies.guards.budgets import allowance, started
from bot.policies.guards.slowness import slow_workers


def assign(draft: Draft) -> None:
    """Give work to whoever is idle: first what is kept for a worker, then the queue from its head.

    No worker stays idle while a task of its workflow may start: rather it gets one outside its
    specialty. Only tasks that are kept for somebody else wait on. A worker on a machine of its own that
    did not come for its last assignment gets what the others leave.
    """
    for workflow in Workflow:
        reserved = still_kept(draft, workflow)
        if draft.controls.pause(workflow) is not None or not draft.items(QueueName(workflow.value)):
            continue
        idle = [
            worker
            for worker in draft.instances.values()
            if worker.workflow is workflow
            and worker.status is WorkerStatus.IDLE
            and not worker.tripped(draft.now)
        ]
        late = [worker for worker in idle if worker.kind == "external" and worker.unstarted]
        for workers in ([worker for worker in idle if worker not in late], late):
            if workers:
                _Round(draft, workflow).run(workers, reserved)


class _Round:
    """One workflow's assignments of one settling; written to the draft together."""

    def __init__(self, draft: Draft, workflow: Workflow) -> None:
        self._draft = draft
        self._name = QueueName(workflow.value)
        self._workflow = workflow
        self._limit = timedelta(minutes=draft.config.pools.of(workflow).time_limit_minutes)
        self._distances = Distances(draft.config.regions)
        self._changed: dict[str, dict[str, Task]] = {}
        self._lease = draft.ledger.next_lease
        self._holding = Holding(draft)
        self._left = allowance(draft)

    def run(self, idle: list[Instance], reserved: list[QueueItem]) -> None:
        """Assign as long as somebody is idle and a task may start."""
        draft = self._draft
        free = {worker.id: worker for worker in idle}
        mine = self._startable(item for item in reserved if item.reserved in free)
        left = give_kept(mine, lambda one: self._own(free, *one), self._left)
        slow = slow_workers(draft, self._workflow)
        bench = Bench(free.values(), self._distances, loads(draft, self._workflow, reserved), slow)
        others = self._startable(item for item in draft.ordered(self._name) if not item.reserved)
        give_others(others, bench, lambda one: self._best(bench, *one), left)
        for project_id, tasks in self._changed.items():
            draft.put_tasks(project_id, tasks)
        started(draft, self._lease - draft.ledger.next_lease)
        draft.ledger = draft.ledger.model_copy(update={"next_lease": self._lease})

    def _startable(self, items: Iterable[QueueItem]) -> Iterator[tuple[Project, Task]]:
        for item in items:
            project = self._draft.projects[item.project]
            task = project.task(item.task)
            if task is not None and self._holding.of(item, task) is None:
                yield project, task

    def _own(self, free: dict[str, Instance], project: Project, task: Task) -> bool:
        """Give a task to the worker that it is kept for, if that is still free."""
        kept = task.reserved
        if kept is None or (worker := free.pop(kept.worker, None)) is None:
            return False
        self._give(project, task, worker, self._kept(worker, project, task, kept))
        return True

    def _best(self, bench: Bench, project: Project, task: Task) -> None:
        worker, choice = bench.take(wanted(project, task), task.failed_on)
        self._give(project, task, worker, choice)

    def _kept(self, worker: Instance, project: Project, task: Task, by: Reservation) -> Choice:
        """A person's choice stands where the rules would choose."""
        why = f"{by.by} rebalanced the work, and {by.why}" if by.why else f"{by.by} asked for it"
        how = fit(worker, wanted(project, task), self._distances)  # slow or not: it was asked for
        only = candidate(worker, how, 0.0, failed=worker.id in task.failed_on)
        return Choice(rule=why, considered=1, candidates=(only,))

    def _give(self, project: Project, task: Task, worker: Instance, choice: Choice) -> None:
        """Open a lease: worker and task name each other, and the worker's run is asked for."""
        draft, lease = self._draft, self._lease
        self._lease += 1
        del draft.queue(self._name)[task.id]
        held = Assignment(
            task=task.id,
            project=project.id,
            lease=lease,
            assigned_at=draft.now,
            expires_at=draft.now + self._limit,
        )
        draft.instances[worker.id] = worker.model_copy(
            update={"status": WorkerStatus.BUSY, "assignment": held, "idle_since": None}
        )
        self._changed.setdefault(project.id, {})[task.id] = _given(draft, task, worker, lease, choice)
        if task.reserved is not None:  # what the rules do is told by the task itself
            facts = {"project": project.id, "task": task.id, "worker": worker.id}
            draft.note("assigned", **facts, by=task.reserved.by, detail=choice.rule)
        if worker.kind == "actions":  # a process of its own finds the assignment in the state
            run = Dispatch(
                worker=worker.id,
                task=task.id,
                project=project.id,
                lease=lease,
                workflow=draft.config.worker_workflow,
                runs_on=draft.config.pools.of(self._workflow).runner(worker.id, worker.specialties),
            )
            draft.emit(f"lease-{lease}", run)


def _given(draft: Draft, task: Task, worker: Instance, lease: int, choice: Choice) -> Task:
    return task.model_copy(
        update={
            "status": TaskStatus.ASSIGNED,
            "attempt": task.attempt + 1,
            "lease": lease,
            "worker": worker.id,
            "assigned_at": draft.now,
            "started_at": None,
            "not_before": None,
            "front": False,
            "reserved": None,
            "choice": choice,
        }
    )
