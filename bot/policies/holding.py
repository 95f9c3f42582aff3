"""Why a queued task must not be assigned now, whoever is idle."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import QueueItem, Task


def held_by(draft: Draft, item: QueueItem, task: Task) -> str | None:
    """What holds a queued task back: ``pause`` or ``triage``; None: nothing does."""
    if draft.controls.pause(task.workflow) is not None:
        return "pause"
    triage = draft.controls.triage
    return "triage" if triage is not None and triage.holds(item.priority) else None
