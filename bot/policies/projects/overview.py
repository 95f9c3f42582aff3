"""What ``/status`` works out: which queue limits the flow, when running tasks end, what lies ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.budgets import used_up
from bot.domain.draft import Draft
from bot.domain.figures import Limit, Load, Overview
from bot.domain.models import Project
from bot.domain.outlook import Hold, Prospects, Start
from bot.domain.vocabulary import QueueName, TaskStatus, Workflow
from bot.policies.alerting.hearing import hearing
from bot.policies.assigning.reserving import UP
from bot.policies.assigning.scheduling import expected_starts
from bot.policies.fleet.autoscaling import judge
from bot.policies.fleet.stuck import TWICE
from bot.policies.measuring.figures import lately
from bot.policies.working.estimating import Estimates

DAY = timedelta(days=1)
_SWITCHED = {Hold.PAUSED: Limit.PAUSED, Hold.TRIAGE: Limit.TRIAGE, Hold.BUDGET: Limit.BUDGET}
"""Holds that no worker can end by finishing its task."""


def overview(draft: Draft) -> Overview:
    """The whole system; ``draft`` must not be changed any more."""
    estimates = Estimates(draft)
    found = [(workflow, estimates.of(workflow)) for workflow in Workflow]
    ends = _ends(draft, estimates, None)
    loads = {workflow: _load(draft, workflow) for workflow in Workflow}
    return Overview(
        loads=loads,
        bottleneck=_bottleneck(loads, draft.now),
        times={workflow: (one.time, one.attempts) for workflow, one in found},
        ends=ends,
        sizings=tuple(judge(draft, workflow, estimates) for workflow in Workflow),
        slow=_slow(draft, ends),
        lately=lately(draft, DAY),
        hearing=hearing(draft),
    )


def glance(draft: Draft) -> Overview:
    """The same for who looks at the whole for a moment: without playing the queues forward."""
    estimates = Estimates(draft)
    found = [(workflow, estimates.of(workflow)) for workflow in Workflow]
    ends = _ends(draft, estimates, None)
    return Overview(
        loads={workflow: _standing(draft, workflow) for workflow in Workflow},
        bottleneck=None,
        times={workflow: (one.time, one.attempts) for workflow, one in found},
        ends=ends,
        sizings=(),
        slow=_slow(draft, ends),
        lately=lately(draft, DAY),
        hearing=hearing(draft),
    )


def _standing(draft: Draft, workflow: Workflow) -> Load:
    """What holds all of a queue, by the switches themselves; projects' own budgets are left out."""
    items = draft.items(QueueName(workflow.value))
    waiting, triage = len(items), draft.controls.triage
    up = sum(one.workflow is workflow and one.status in UP for one in draft.instances.values())
    if not waiting:
        return Load(workflow, 0, None, up=up)
    if draft.controls.pause(workflow) is not None:
        return Load(workflow, waiting, Limit.PAUSED, waiting, up)
    if next(used_up(draft), None) is not None:
        return Load(workflow, waiting, Limit.BUDGET, waiting, up)
    if triage is not None and all(triage.holds(one.priority, workflow) for one in items):
        return Load(workflow, waiting, Limit.TRIAGE, waiting, up)
    return Load(workflow, waiting, Limit.BUSY if up else Limit.NO_WORKER, waiting, up)


def slowest(draft: Draft) -> Load | None:
    """The queue that limits the flow; ``draft`` must not be changed any more."""
    return _bottleneck({workflow: _load(draft, workflow) for workflow in Workflow}, draft.now)


def prospects(draft: Draft, project: Project) -> Prospects:
    """What lies ahead of one project's tasks; ``draft`` must not be changed any more."""
    queued = {task.workflow for task in project.tasks if task.status is TaskStatus.QUEUED}
    starts: dict[str, Start] = {}
    for workflow in Workflow:
        if workflow in queued:
            starts |= expected_starts(draft, workflow)
    essential = frozenset(task.id for task in project.tasks if task.essential)
    return Prospects(starts, _ends(draft, Estimates(draft), project.id), essential)


def _ends(draft: Draft, estimates: Estimates, project_id: str | None) -> dict[str, datetime]:
    """Task that a worker has → its beginning and its usual working time; None: of every project."""
    ends = {}
    for worker in draft.instances.values():
        held = worker.assignment
        if held is None or project_id not in (None, held.project):
            continue
        task = draft.projects[held.project].task(held.task)
        takes = estimates.of(worker.workflow, task.specialty if task else "").time
        ends[held.task] = (held.claimed_at or held.assigned_at) + takes
    return ends


def _slow(draft: Draft, ends: Mapping[str, datetime]) -> int:
    """How many tasks took ``TWICE`` times what is usual, and are not done."""
    found = [worker.assignment for worker in draft.instances.values() if worker.assignment]
    begun = {held.task: held.claimed_at or held.assigned_at for held in found}
    return sum(draft.now - begun[id_] > TWICE * (end - begun[id_]) for id_, end in ends.items())


def _load(draft: Draft, workflow: Workflow) -> Load:
    waiting = draft.depth(QueueName(workflow.value))
    up = sum(one.workflow is workflow and one.status in UP for one in draft.instances.values())
    if not waiting:
        return Load(workflow, 0, None, up=up)
    starts = expected_starts(draft, workflow)
    limit, held = _limit(starts, up)
    last = max((start.at for start in starts.values() if start.at is not None), default=None)
    return Load(workflow, waiting, limit, held, up, last)


def _limit(starts: Mapping[str, Start], up: int) -> tuple[Limit, int]:
    """What holds most of a queue for good, else the workers; and how many tasks that concerns."""
    switched = {
        limit: sum(start.hold is hold for start in starts.values()) for hold, limit in _SWITCHED.items()
    }
    free = len(starts) - sum(switched.values())
    if free:
        return (Limit.BUSY if up else Limit.NO_WORKER), free
    return max(switched.items(), key=lambda pair: pair[1])


def _bottleneck(loads: Mapping[Workflow, Load], now: datetime) -> Load | None:
    """The queue that lasts longest: for ever, where nobody works it off; of two such, the longer one."""
    waiting = [load for load in loads.values() if load.limit is not None]
    return max(
        waiting,
        key=lambda load: (load.limit is not Limit.BUSY, load.last_start or now, load.waiting),
        default=None,
    )
