"""Tasks that are kept for one worker, and how much work each worker has ahead of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Project, QueueItem, Reservation, Task
from bot.domain.vocabulary import QueueName, TaskStatus, WorkerStatus, Workflow
from bot.policies.guards.slowness import Slow, slow_workers
from bot.policies.working.estimating import Estimates

UP = frozenset({WorkerStatus.IDLE, WorkerStatus.BUSY, WorkerStatus.PROVISIONING})
"""A worker in one of these states takes further work, now or later."""


def takes_work(draft: Draft, worker: Instance) -> bool:
    """Whether a worker takes further work: it is up, and was not taken out for failing."""
    return worker.status in UP and not worker.tripped(draft.now)


def reserve(draft: Draft, project: Project, task: Task, reservation: Reservation | None) -> None:
    """Keep a task for a worker, or for nobody any more; one that waits is so once it is queued."""
    kept = task.model_copy(update={"reserved": reservation})
    draft.put_task(project.id, kept)
    if task.status is TaskStatus.QUEUED:
        draft.enqueue(QueueName(task.workflow.value), draft.projects[project.id], kept)


def kept(draft: Draft, workflow: Workflow) -> list[QueueItem]:
    """The queued tasks of a workflow that are kept for a worker, in queue order."""
    name = QueueName(workflow.value)
    found = [item for item in draft.items(name) if item.reserved]
    return [item for item in draft.ordered(name) if item.reserved] if found else []


def still_kept(draft: Draft, workflow: Workflow) -> list[QueueItem]:
    """The same, once nothing is kept any longer for workers that are gone or take no further work.

    What a rebalancing kept for a worker that has become slow is nobody's again; a person's wish stands.
    """
    live: list[QueueItem] = []
    found = kept(draft, workflow)
    slow = slow_workers(draft, workflow) if found else {}
    for item in found:
        if state := _lost(draft, workflow, item, slow):
            _drop(draft, item, state)
        else:
            live.append(item)
    return live


def _lost(draft: Draft, workflow: Workflow, item: QueueItem, slow: Slow) -> str:
    """Why a task is kept for its worker no longer; empty where it is."""
    worker = draft.instances.get(item.reserved)
    if worker is None:
        return "gone"
    if worker.status not in UP or worker.workflow is not workflow:
        return worker.status.value
    if worker.tripped(draft.now):
        return "taken out for failing"
    task = draft.projects[item.project].task(item.task)
    by_rule = task is not None and task.reserved is not None and task.reserved.why
    return "slow of late" if by_rule and worker.id in slow.get(item.specialty, ()) else ""


def _drop(draft: Draft, item: QueueItem, state: str) -> None:
    project = draft.projects[item.project]
    if (task := project.task(item.task)) is not None:
        reserve(draft, project, task, None)
        note = f"no longer kept for {item.reserved}, which is {state}"
        draft.note("moved", project=project.id, task=task.id, worker=item.reserved, detail=note)


def loads(draft: Draft, workflow: Workflow, items: Iterable[QueueItem]) -> dict[str, float]:
    """Worker → expected minutes of these tasks, which are kept for it."""
    minutes: dict[str, float] = defaultdict(float)
    estimates: Estimates | None = None
    for item in items:
        estimates = estimates or Estimates(draft)
        minutes[item.reserved] += whole_minutes(estimates.of(workflow, item.specialty).time)
    return minutes


def left(draft: Draft, estimates: Estimates, worker: Instance) -> timedelta:
    """How long a worker is still expected to be busy with what it runs; nothing where it should be done."""
    held = worker.assignment
    if held is None:
        return timedelta()
    task = draft.projects[held.project].task(held.task)
    time = estimates.of(worker.workflow, task.specialty if task else "").time
    return max(timedelta(), (held.claimed_at or held.assigned_at) + time - draft.now)


def whole_minutes(time: timedelta) -> float:
    """A duration in minutes; seconds would make differences that mean nothing."""
    return float(round(time.total_seconds() / 60))
