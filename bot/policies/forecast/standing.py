"""What lets nothing of a workflow start, whoever is idle: said by forecasts and of bottlenecks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.budgets import Which, project_used_up, used_up
from bot.domain.draft import Draft
from bot.domain.flow import Held, Standstill
from bot.domain.instances import Instance
from bot.domain.models import QueueItem
from bot.domain.vocabulary import Workflow
from bot.policies.assigning.reserving import UP


def standing(draft: Draft, workflow: Workflow, items: Sequence[QueueItem]) -> Held | None:
    """Why nothing of what waits starts; a budget that frees with the next task that ends holds nothing up."""
    up = _up(draft, workflow)
    if draft.controls.pause(workflow) is not None:
        return Held.PAUSED
    if any(one.which is Which.SPEND_PER_DAY for one in used_up(draft)):
        return Held.BUDGET
    if not up:
        return Held.NOBODY
    if all(one.tripped(draft.now) for one in up):
        return Held.OUT
    return _of_all(draft, workflow, items)


def _of_all(draft: Draft, workflow: Workflow, items: Sequence[QueueItem]) -> Held | None:
    triage = draft.controls.triage
    triaged = [triage is not None and triage.holds(item.priority, workflow) for item in items]
    broke = (project_used_up(draft, draft.projects[item.project]) is not None for item in items)
    if not items or not all(one or other for one, other in zip(triaged, broke, strict=True)):
        return None
    return Held.TRIAGE if any(triaged) else Held.PROJECTS


def standstills(draft: Draft) -> Iterator[Standstill]:
    """What ends by itself, and until when it holds."""
    for one in used_up(draft):
        if one.which is Which.SPEND_PER_DAY and one.frees is not None:
            yield Standstill(Held.BUDGET, one.frees)
    for workflow in Workflow:
        back = [one.probe_at for one in _up(draft, workflow)]
        until = min((at for at in back if at is not None), default=None)
        if None not in back and until is not None and until > draft.now:
            yield Standstill(Held.OUT, until, workflow)


def _up(draft: Draft, workflow: Workflow) -> list[Instance]:
    return [one for one in draft.instances.values() if one.workflow is workflow and one.status in UP]
