"""What keeps a queued task from starting, whoever is idle: a pause, triage, a backoff."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import QueueItem, Task
from bot.domain.outlook import Hold


def held_by(draft: Draft, item: QueueItem, task: Task) -> Hold | None:
    """Why a queued task may not start now; None where it may. Stopped projects have no queued tasks."""
    if draft.controls.pause(task.workflow) is not None:
        return Hold.PAUSED
    triage = draft.controls.triage
    if triage is not None and triage.holds(item.priority):
        return Hold.TRIAGE
    if task.not_before is not None and task.not_before > draft.now:
        return Hold.BACKOFF
    return None
