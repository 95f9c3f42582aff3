"""What keeps a queued task from starting, whoever is idle: a pause, triage, a budget, a backoff."""

from __future__ import annotations

from bot.domain.budgets import project_used_up, used_up
from bot.domain.controls import Controls, Triage
from bot.domain.draft import Draft
from bot.domain.models import QueueItem, Task
from bot.domain.outlook import Hold
from bot.domain.outputs import Priority
from bot.domain.vocabulary import Workflow


class Holding:
    """What holds tasks of one draft; what is the same for all of them is looked at once."""

    def __init__(self, draft: Draft, *, triage: bool = True) -> None:
        """``draft`` must not start or end work meanwhile; ``triage`` False: as if there were none."""
        self._draft = draft
        self._triage = draft.controls.triage if triage else None
        self._no_budget = next(used_up(draft), None) is not None

    def of(self, item: QueueItem, task: Task) -> Hold | None:
        """Why a queued task may not start now; None where it may. Stopped projects have no queued tasks."""
        if (hold := self.but_for_backoff(item, task.workflow)) is not None:
            return hold
        late = task.not_before is not None and task.not_before > self._draft.now
        return Hold.BACKOFF if late else None

    def but_for_backoff(self, item: QueueItem, workflow: Workflow) -> Hold | None:
        """The same without its backoff, which needs no look at the task: one that never failed has none."""
        draft = self._draft
        if (switch := switched_off(draft.controls, self._triage, workflow, item.priority)) is not None:
            return switch
        if self._no_budget or project_used_up(draft, draft.projects[item.project]) is not None:
            return Hold.BUDGET
        return None


def switched_off(
    controls: Controls, triage: Triage | None, workflow: Workflow, priority: Priority
) -> Hold | None:
    """The switch that keeps a workflow's work of a priority from starting; ``triage``: what counts."""
    if controls.pause(workflow) is not None:
        return Hold.PAUSED
    return Hold.TRIAGE if triage is not None and triage.holds(priority, workflow) else None


def held_by(draft: Draft, item: QueueItem, task: Task) -> Hold | None:
    """The same for one task."""
    return Holding(draft).of(item, task)
