"""Who gets which task: specialty first, then the longest idle, then the id. Pure and explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop

from bot.domain.draft import Draft
from bot.domain.effects import Dispatch
from bot.domain.models import (
    Assignment,
    Choice,
    Instance,
    QueueName,
    Task,
    TaskStatus,
    WorkerStatus,
    Workflow,
)
from bot.policies.holding import held_by

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Idle:
    """The idle workers of one workflow, ready to be taken in a total order.

    Each worker stands in a heap for every specialty that it has, and in one for all; a worker taken
    from one is skipped in the others. So a choice costs the logarithm of the pool, not its size.
    """

    def __init__(self, workers: Iterable[Instance]) -> None:
        """``workers`` that are up and have no assignment."""
        self._free = {worker.id: worker for worker in workers}
        self._all = [(worker.idle_since or _BEGINNING, worker.id) for worker in self._free.values()]
        self._special: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for worker in self._free.values():
            for specialty in worker.specialties:
                self._special[specialty].append((worker.idle_since or _BEGINNING, worker.id))
        for heap in (self._all, *self._special.values()):
            heapify(heap)

    def __bool__(self) -> bool:
        """Whether anybody is left."""
        return bool(self._free)

    def take(self, specialty: str, avoid: tuple[str, ...] = ()) -> tuple[Instance, str] | None:
        """The best worker for a task, and why; one that failed it before comes last."""
        chosen = (
            self._first(self._special.get(specialty, []), avoid, f"specialty {specialty}")
            or self._first(self._all, avoid, "no idle worker has this specialty")
            or self._first(self._all, (), "it failed this task before, but nobody else is idle")
        )
        if chosen:
            del self._free[chosen[0].id]
        return chosen

    def _first(
        self, heap: list[tuple[datetime, str]], avoid: tuple[str, ...], why: str
    ) -> tuple[Instance, str] | None:
        while heap and heap[0][1] not in self._free:
            heappop(heap)
        if heap and heap[0][1] not in avoid:
            return self._free[heap[0][1]], f"{why}; longest idle"
        rest = sorted(key for key in heap if key[1] in self._free and key[1] not in avoid) if avoid else []
        return (self._free[rest[0][1]], f"{why}; longest idle") if rest else None


def assign(draft: Draft) -> None:
    """Give every queued task that may start to an idle worker of its workflow, in queue order."""
    for workflow in Workflow:
        idle = Idle(
            worker
            for worker in draft.instances.values()
            if worker.workflow is workflow and worker.status is WorkerStatus.IDLE
        )
        if idle:
            _assign_queue(draft, workflow, idle)


def _assign_queue(draft: Draft, workflow: Workflow, idle: Idle) -> None:
    name, lease = QueueName(workflow.value), draft.ledger.next_lease
    limit = timedelta(minutes=draft.config.pools.of(workflow).time_limit_minutes)
    for item in draft.ordered(name):
        if not idle:
            break
        task = draft.projects[item.project].task(item.task)
        if task is None or (task.not_before and task.not_before > draft.now):
            continue
        if held_by(draft, item, task):
            continue
        if (chosen := idle.take(task.specialty, task.failed_on)) is not None:
            del draft.queue(name)[task.id]
            _give(draft, item.project, task, chosen, lease, limit)
            lease += 1
    draft.ledger = draft.ledger.model_copy(update={"next_lease": lease})


def _give(
    draft: Draft, project: str, task: Task, chosen: tuple[Instance, str], lease: int, limit: timedelta
) -> None:
    """Open the lease: worker and task name each other, and the worker's run is asked for."""
    worker, reason = chosen
    expires = draft.now + limit
    held = Assignment(task=task.id, project=project, lease=lease, assigned_at=draft.now, expires_at=expires)
    draft.instances[worker.id] = worker.model_copy(
        update={"status": WorkerStatus.BUSY, "assignment": held, "idle_since": None}
    )
    given = {
        "status": TaskStatus.ASSIGNED,
        "attempt": task.attempt + 1,
        "lease": lease,
        "worker": worker.id,
        "assigned_at": draft.now,
        "started_at": None,
        "not_before": None,
        "front": False,
        "reserved": None,
        "choice": Choice(rule=reason, considered=1, candidates=()),
    }
    draft.put_task(project, task.model_copy(update=given))
    draft.emit(
        f"lease-{lease}",
        Dispatch(
            worker=worker.id,
            task=task.id,
            project=project,
            lease=lease,
            workflow=draft.config.worker_workflow,
        ),
    )
