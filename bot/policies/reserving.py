"""Tasks that are kept for one worker, and how much work each worker has ahead of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Project, QueueItem, Reservation, Task
from bot.domain.vocabulary import QueueName, TaskStatus, WorkerStatus, Workflow
from bot.policies.estimating import Estimates

UP = frozenset({WorkerStatus.IDLE, WorkerStatus.BUSY, WorkerStatus.PROVISIONING})
"""A worker in one of these states takes further work, now or later."""


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
    """The same, once nothing is kept any longer for workers that are gone or take no further work."""
    live: list[QueueItem] = []
    for item in kept(draft, workflow):
        worker = draft.instances.get(item.reserved)
        if worker is not None and worker.status in UP and worker.workflow is workflow:
            live.append(item)
        else:
            _drop(draft, item, worker.status.value if worker else "gone")
    return live


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
