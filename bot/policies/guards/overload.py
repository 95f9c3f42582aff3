"""What is done about a queue that overflows: triage; and the figures that people are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.domain.config import Queueing
from bot.domain.controls import Overflow
from bot.domain.draft import Draft
from bot.domain.order import RANK
from bot.domain.outputs import Priority
from bot.domain.vocabulary import QueueName, TaskStatus, Workflow
from bot.policies.assigning.holding import Holding
from bot.policies.assigning.reserving import takes_work
from bot.policies.fleet.scaling import limits, room
from bot.policies.guards.controls import begin_triage
from bot.policies.working.estimating import Estimates

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
    depth, left = draft.depth(QueueName(overflow.workflow.value)), room(draft, overflow.workflow)
    return grows(draft.config.queueing, overflow, depth, draft.now, left)


def grows(settings: Queueing, overflow: Overflow, depth: int, at: datetime, left: int) -> bool:
    """The same for a queue of so many at a moment; ``left``: workers that may be added."""
    grace = timedelta(minutes=settings.growth_minutes)
    return depth > overflow.depth and not left and at - overflow.since >= grace


def worth_keeping(draft: Draft, workflow: Workflow) -> Priority | None:
    """The highest level that may start there, where something lower would be held back; else None."""
    holding, levels = Holding(draft), set[Priority]()
    for item in draft.items(QueueName(workflow.value)):
        task = draft.projects[item.project].task(item.task)
        if item.priority not in levels and task is not None and holding.of(item, task) is None:
            levels.add(item.priority)
    return kept_level(levels)


def kept_level(levels: Collection[Priority]) -> Priority | None:
    """The highest of the levels that may start, where triage at that would hold something back; else None."""
    return min(levels, key=lambda level: RANK[level]) if len(levels) > 1 else None


def remember(draft: Draft, workflow: Workflow, overflow: Overflow | None) -> None:
    """Put a workflow's overflow in the place of what is known of it; None: it is over."""
    others = [one for one in draft.controls.overflows if one.workflow is not workflow]
    kept = sorted([*others, *([overflow] if overflow else [])], key=lambda one: one.workflow)
    draft.controls = draft.controls.model_copy(update={"overflows": tuple(kept)})


def figures(draft: Draft, workflow: Workflow) -> str:
    """How bad an overflow is: what administrators are told of it, one fact a line."""
    name, growth = QueueName(workflow.value), _growth(draft, workflow)
    up = [one for one in draft.instances.values() if one.workflow is workflow and takes_work(draft, one)]
    left = limits(draft, workflow).maximum - len(up)
    more = f"{left} more may be added" if left > 0 else "the limit in force, so that none is added by itself"
    facts = (
        f"Depth: {draft.depth(name)}",
        f"Growth: {abs(growth)} {'more' if growth >= 0 else 'fewer'} than an hour before",
        f"Workers: {len(up)} of {limits(draft, workflow).maximum}, {more}",
        f"Time to drain: {_drain(draft, workflow, len(up))}",
    )
    return "\n".join(facts)


def _drain(draft: Draft, workflow: Workflow, workers: int) -> str:
    if not workers:
        return "never: no worker takes work"
    times = Estimates(draft)
    waiting = Counter(item.specialty for item in draft.items(QueueName(workflow.value)))
    backlog = sum((count * times.of(workflow, one).time for one, count in waiting.items()), timedelta())
    minutes = round(backlog / workers / timedelta(minutes=1))
    return f"about {minutes} min with these workers, if nothing comes in"


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
