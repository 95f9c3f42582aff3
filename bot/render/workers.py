"""Workers and their figures, as tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.records import RECENT_LIMIT
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.render.text import code, escape, fitted, plural, span, table

DAY = timedelta(days=1)
_HEAD = [
    "worker",
    "workflow",
    "state",
    "load",
    "last heartbeat",
    "specialties",
    "region",
    "done",
    "failed",
    "utilisation",
]


def instances(draft: Draft, workflow: Workflow | None = None) -> str:
    """The reply to ``/instances``."""
    workers = sorted(
        (worker for worker in draft.instances.values() if workflow in (None, worker.workflow)),
        key=lambda worker: (worker.workflow, worker.id),
    )
    if not workers:
        key = f"pools.{workflow}.roster" if workflow else "pools"
        kind = f"{workflow} " if workflow else ""
        return f"There are no {kind}workers. The roster is in `.github/orchestrator.yml`, key `{key}`."
    reserved = Counter(item.reserved for name in QueueName for item in draft.queue(name).values())
    use = Use(draft)
    lines = table(_HEAD, [_row(worker, draft.now, reserved, use) for worker in workers]).split("\n")
    return fitted(f"{counted(workers)}.\n\n" + "\n".join(lines[:2]), lines[2:], f"\n{use.note}")


def _row(worker: Instance, now: datetime, reserved: Counter[str], use: Use) -> list[str]:
    return [
        f"`{worker.id}`",
        worker.workflow.value,
        worker.status.value + (" (own machine)" if worker.kind == "external" else ""),
        _load(worker, now, reserved[worker.id]),
        f"{span(now - worker.last_heartbeat)} ago" if worker.last_heartbeat else "–",
        escape(", ".join(worker.specialties)) or "any",
        escape(worker.region) or "–",
        str(worker.completed),
        str(worker.failed),
        use.of(worker),
    ]


def _load(worker: Instance, now: datetime, reserved: int) -> str:
    """What it has, since when, and how much is kept for it."""
    held = worker.assignment
    parts = [f"{code(held.task)} for {span(now - held.assigned_at)}"] if held else []
    parts += [f"{plural(reserved, 'task')} reserved"] if reserved else []
    return ", ".join(parts) or "–"


class Use:
    """How much of its time each worker was busy, as far back as the record of attempts tells."""

    def __init__(self, draft: Draft) -> None:
        """Reads the completions once."""
        self._now = draft.now
        done = draft.completions
        reaches = done[0].finished_at if len(done) >= RECENT_LIMIT else draft.now - DAY
        self._since = max(draft.now - DAY, reaches)
        self._busy: dict[str, timedelta] = defaultdict(timedelta)
        for one in done:
            self._busy[one.worker] += max(timedelta(0), one.finished_at - max(one.assigned_at, self._since))

    def of(self, *workers: Instance) -> str:
        """A percentage, of several all together; workers that were only just created have none."""
        whole = sum((self._now - self._from(worker) for worker in workers), timedelta(0))
        busy = sum((self._busy[worker.id] + self._current(worker) for worker in workers), timedelta(0))
        return f"{min(1, busy / whole):.0%}" if whole else "–"

    def _from(self, worker: Instance) -> datetime:
        return max(self._since, worker.created_at or self._since)

    def _current(self, worker: Instance) -> timedelta:
        held = worker.assignment
        return self._now - max(held.assigned_at, self._from(worker)) if held else timedelta(0)

    @property
    def window(self) -> timedelta:
        """How far back it looks."""
        return self._now - self._since

    @property
    def note(self) -> str:
        """Which part of the time that is."""
        back = "24 h" if self.window == DAY else f"{span(self.window)}, as far as the record reaches,"
        return (
            f"Utilisation: the part of the last {back} in which it held a task (attempts that ended, and its "
            "present one); for a younger worker, of the time since it was created."
        )


def counted(workers: Iterable[Instance]) -> str:
    """``3 workers: 2 idle, 1 busy``."""
    states = [worker.status for worker in workers]
    parts = [f"{states.count(status)} {status}" for status in WorkerStatus if status in states]
    noun = "worker" if len(states) == 1 else "workers"
    return f"{len(states)} {noun}: {', '.join(parts)}" if states else "0 workers"


def standing(draft: Draft, project_id: str, task_id: str) -> str:
    """Where a task that was taken back is now, as the end of a sentence that begins with the task."""
    project = draft.projects.get(project_id)
    task = project.task(task_id) if project else None
    if task is None:
        return "is gone"
    if task.worker and task.status.held:
        return f"went to `{task.worker}`"
    order = [item.task for item in draft.ordered(QueueName(task.workflow.value))]
    if task_id not in order:
        return f"is {task.status}"
    place = order.index(task_id)
    ahead = "first" if not place else f"with {plural(place, 'task')} ahead of it"
    return f"waits in the {task.workflow} queue, {ahead}"
