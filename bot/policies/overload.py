"""What is done about a queue that overflows: more workers, triage, and the administrators told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.domain.controls import Overflow
from bot.domain.draft import Draft
from bot.domain.effects import Overloaded
from bot.domain.order import RANK
from bot.domain.outputs import Priority
from bot.domain.records import Alert
from bot.domain.vocabulary import QueueName, TaskStatus, Workflow
from bot.policies.controls import begin_triage
from bot.policies.estimating import Estimates
from bot.policies.holding import Holding
from bot.policies.reserving import takes_work
from bot.policies.scaling import limits, room

HOUR = timedelta(hours=1)


def triage_by_rule(draft: Draft) -> None:
    """Begin triage for one workflow whose overflow has grown on although no worker can be added.

    Once for each overflow, however it ends; what people have switched on stays as it is.
    """
    if draft.controls.triage is not None:
        return
    for overflow in draft.controls.overflows:
        if overflow.triaged or not still_grows(draft, overflow):
            continue
        if (level := worth_keeping(draft, overflow.workflow)) is not None:
            begin_triage(draft, level, "", overflow.workflow)
            remember(draft, overflow.workflow, overflow.model_copy(update={"triaged": True}))
            return


def still_grows(draft: Draft, overflow: Overflow) -> bool:
    """Whether an overflow is longer after a while than when it began, with no worker to add."""
    grace = timedelta(minutes=draft.config.queueing.growth_minutes)
    return (
        draft.now - overflow.since >= grace
        and draft.depth(QueueName(overflow.workflow.value)) > overflow.depth
        and not room(draft, overflow.workflow)
    )


def worth_keeping(draft: Draft, workflow: Workflow) -> Priority | None:
    """The highest level that may start there, where something lower would be held back; else None."""
    holding, levels = Holding(draft), set()
    for item in draft.items(QueueName(workflow.value)):
        task = draft.projects[item.project].task(item.task)
        if item.priority not in levels and task is not None and holding.of(item, task) is None:
            levels.add(item.priority)
    return min(levels, key=lambda level: RANK[level]) if len(levels) > 1 else None


def remember(draft: Draft, workflow: Workflow, overflow: Overflow | None) -> None:
    """Put a workflow's overflow in the place of what is known of it; None: it is over."""
    others = [one for one in draft.controls.overflows if one.workflow is not workflow]
    kept = sorted([*others, *([overflow] if overflow else [])], key=lambda one: one.workflow)
    draft.controls = draft.controls.model_copy(update={"overflows": tuple(kept)})


def tell(draft: Draft, workflow: Workflow, alert: Alert) -> None:
    """Have the administrators told, with the figures that show how bad it is."""
    name = QueueName(workflow.value)
    up = [one for one in draft.instances.values() if one.workflow is workflow and takes_work(draft, one)]
    times = Estimates(draft)
    waiting = Counter(item.specialty for item in draft.items(name))
    backlog = sum((count * times.of(workflow, one).time for one, count in waiting.items()), timedelta())
    told = Overloaded(
        alert=alert.id,
        workflow=workflow,
        depth=draft.depth(name),
        growth=_growth(draft, workflow),
        workers=len(up),
        limit=limits(draft, workflow).maximum,
        drain_minutes=round(backlog / len(up) / timedelta(minutes=1)) if up else None,
    )
    draft.notices.append((f"overflow-{workflow}-{int(alert.since.timestamp())}", told))


def _growth(draft: Draft, workflow: Workflow) -> int:
    """How much longer the queue is than an hour ago: what came, less what left it."""
    since = draft.now - HOUR
    came = left = 0
    for project in draft.projects.values():
        for task in project.tasks if project.updated_at > since else ():
            if task.workflow is not workflow or task.queued_at is None:
                continue
            waits, new = task.status is TaskStatus.QUEUED, task.queued_at > since
            gone = task.assigned_at is not None and task.assigned_at > since
            came += waits and new
            left += gone and not waits and not new
    return came - left
