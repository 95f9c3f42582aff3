"""Workers and their figures, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.domain.draft import Draft
from bot.domain.models import Instance, WorkerStatus
from bot.render.text import code, span, table


def instances(draft: Draft) -> str:
    """The reply to ``/instances``."""
    workers = sorted(draft.instances.values(), key=lambda worker: (worker.workflow, worker.id))
    if not workers:
        return "There are no workers. The roster is in `.github/orchestrator.yml`, key `pools`."
    rows = [_row(worker, draft.now) for worker in workers]
    head = ["worker", "workflow", "state", "current task", "specialties", "region", "done", "failed", "busy"]
    return f"{counted(workers)}.\n\n{table(head, rows)}"


def _row(worker: Instance, now: datetime) -> list[str]:
    held = worker.assignment
    since = f"{code(held.task)} for {span(now - held.assigned_at)}" if held else "–"
    specialties = ", ".join(worker.specialties) or "any"
    return [
        f"`{worker.id}`",
        worker.workflow.value,
        worker.status.value,
        since,
        specialties,
        worker.region or "–",
        str(worker.completed),
        str(worker.failed),
        _busy(worker),
    ]


def _busy(worker: Instance) -> str:
    minutes, seconds = divmod(worker.busy_seconds, 60)
    return f"{minutes} min" if minutes else f"{seconds} s"


def counted(workers: Iterable[Instance]) -> str:
    """``3 workers: 2 idle, 1 busy``."""
    states = [worker.status for worker in workers]
    parts = [f"{states.count(status)} {status}" for status in WorkerStatus if status in states]
    noun = "worker" if len(states) == 1 else "workers"
    return f"{len(states)} {noun}: {', '.join(parts)}" if states else "0 workers"
