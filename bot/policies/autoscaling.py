"""How many workers a workflow should have: one rule, judged in every settle and explained by ``/why``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from bot.domain.alert_rules import SLOW
from bot.domain.draft import Draft
from bot.domain.models import QueueItem
from bot.domain.sizing import Block, Demand, Planned, Sizing, Trigger, Used
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.policies import scaling
from bot.policies.alerts import open_alert
from bot.policies.estimating import Estimates
from bot.policies.holding import Holding
from bot.policies.moves import recent, window_after
from bot.policies.peaks import coming_peak
from bot.policies.utilisation import used

LAST = 1
"""Workers that the rule leaves, whatever the minimum: with none, the next task would wait for the window."""


def settle_scaling(draft: Draft) -> bool:
    """Make the moves that are due. Returns whether a worker more takes work: something may be assigned."""
    if not draft.config.scaling.enabled:
        return False
    estimates, grown = Estimates(draft), False
    for workflow in Workflow:
        found = judge(draft, workflow, estimates)
        if found.plan is None or not found.moves:
            continue
        by = abs(found.plan.target - found.size)
        if found.plan.up:
            grown |= bool(scaling.scale_up(draft, workflow, by, "", found.plan.reason).changed)
        else:
            scaling.scale_down(draft, workflow, by, "", drain=False, reason=found.plan.reason)
    return grown


def judge(draft: Draft, workflow: Workflow, estimates: Estimates) -> Sizing:
    """The rule's view of one workflow; changes nothing."""
    settings = draft.config.scaling
    size, limits = scaling.size(draft, workflow), scaling.limits(draft, workflow)
    found = demand(draft, workflow)
    use = used(draft, workflow, settings.utilisation_below * size)
    service = estimates.of(workflow)
    needed = ceil(found.ready * service.time / timedelta(minutes=settings.drain_minutes))
    sizing = Sizing(
        workflow=workflow,
        size=size,
        limits=limits,
        coming=coming_peak(draft.config, workflow, draft.now, timedelta(minutes=settings.window_minutes)),
        demand=found,
        used=use,
        service=service.time,
        measured=service.attempts,
        needed=needed,
        met=frozenset(
            (*_met(draft, workflow, size, limits.minimum, found, use), *_worse(draft, workflow, found))
        ),
        latest=draft.scaling.latest(workflow),
    )
    return _with_plan(draft, sizing)


def demand(draft: Draft, workflow: Workflow) -> Demand:
    """What waits in a workflow's queue, and what of it more workers would start.

    A task that is kept for one worker, is paused, has no budget or waits for its backoff starts for nobody
    else.
    """
    items, triage, holding = draft.items(QueueName(workflow.value)), draft.controls.triage, Holding(draft)
    waiting = [item for item in items if triage is None or not triage.holds(item.priority, workflow)]
    ready = [item for item in waiting if not item.reserved and _may_start(draft, workflow, item, holding)]
    return Demand(
        waiting=len(waiting),
        ready=len(ready),
        held=len(items) - len(waiting),
        oldest=min((item.enqueued_at for item in ready), default=None),
    )


def _may_start(draft: Draft, workflow: Workflow, item: QueueItem, holding: Holding) -> bool:
    if item.attempt == 0:  # never failed: no backoff, and nothing to look up in a long queue
        return holding.but_for_backoff(item, workflow) is None
    task = draft.projects[item.project].task(item.task)
    return task is not None and holding.of(item, task) is None


def _met(
    draft: Draft, workflow: Workflow, size: int, minimum: int, found: Demand, use: Used
) -> Iterator[Trigger]:
    """The conditions that hold, whatever keeps the rule from acting on them."""
    settings = draft.config.scaling
    if size < minimum:
        yield Trigger.MINIMUM
    able = scaling.able(draft, workflow)
    if able == 0 and found.ready:
        yield Trigger.NO_WORKER
    if found.ready > settings.queue_above:
        yield Trigger.QUEUE
    longest = settings.longest_wait
    if longest is not None and found.oldest and draft.now - found.oldest > timedelta(minutes=longest):
        yield Trigger.WAIT
    if settings.most_used is not None and size and use.mean > settings.most_used * size:
        yield Trigger.UTILISATION
    idle = use.most < settings.utilisation_below * size and found.waiting < settings.queue_below
    if idle and not (found.ready and able < size):  # what waits may wait for those that were taken out
        yield Trigger.IDLE


def _worse(draft: Draft, workflow: Workflow, found: Demand) -> Iterator[Trigger]:
    """What asks for more than a long queue does.

    Specification: "Queue Overflow Response", "Performance Degradation Response".
    """
    if found.ready > draft.config.queueing.overflow:
        yield Trigger.OVERFLOW
    alert, move = open_alert(draft, SLOW.named(workflow)), draft.scaling.latest(workflow, up=True)
    added = alert is not None and move is not None and move.at >= alert.since
    if alert is not None and alert.gone_at is None and not added:  # one more for each alert
        yield Trigger.SLOW


_UP = (
    Trigger.NO_WORKER,
    Trigger.OVERFLOW,
    Trigger.QUEUE,
    Trigger.WAIT,
    Trigger.UTILISATION,
    Trigger.SLOW,
)
"""In the order in which they give the reason."""


def _with_plan(draft: Draft, found: Sizing) -> Sizing:
    """What follows: the minimum before everything, then more workers, then fewer."""
    if not draft.config.scaling.enabled:
        return replace(found, blocks=(Block.OFF,))
    trigger = next((one for one in _UP if one in found.met), None)
    more = _up(draft, found, trigger) if trigger is not None else None
    if Trigger.MINIMUM in found.met and not _reaches(more, found.limits.minimum):
        reason = f"the minimum is {found.limits.minimum}"
        if found.limits.peak:
            reason = f"peak hours ({found.limits.peak}) ask for at least {found.limits.minimum}"
        return replace(found, plan=Planned(Trigger.MINIMUM, True, found.limits.minimum, reason))
    return more if more is not None else _fewer(draft, found)


def _reaches(more: Sizing | None, minimum: int) -> bool:
    """Whether a plan for more workers fills the minimum up, too."""
    return more is not None and not more.blocks and more.plan is not None and more.plan.target >= minimum


def _fewer(draft: Draft, found: Sizing) -> Sizing:
    if Trigger.IDLE in found.met:
        return _down(draft, found)
    return replace(found, due=_idle_from(draft, found))


def _up(draft: Draft, found: Sizing, trigger: Trigger) -> Sizing:
    """As many as the backlog needs, at least one more; that one more only once in a window.

    An overflow takes all that the limits allow.
    """
    before = recent(draft, found.workflow, up=True)
    least = found.limits.maximum if trigger is Trigger.OVERFLOW else found.size + (before is None)
    target = min(max(least, found.needed), found.limits.maximum)
    plan = Planned(trigger, True, max(target, found.size), _because(draft, found, trigger))
    down = recent(draft, found.workflow, up=False)
    blocks = [
        (Block.HALTED, draft.controls.halted is not None),
        (Block.PAUSED, draft.controls.pause(found.workflow) is not None),
        (Block.MAXIMUM, found.size >= found.limits.maximum),
        (Block.WINDOW, target > found.size and down is not None),
        (Block.WINDOW, target <= found.size < found.limits.maximum),
    ]
    due = max((window_after(draft, one) for one in (down, before) if one is not None), default=None)
    return _blocked(found, plan, blocks, due)


def _down(draft: Draft, found: Sizing) -> Sizing:
    """One worker less, where nothing speaks against it."""
    plan = Planned(Trigger.IDLE, False, found.size - 1, _because(draft, found, Trigger.IDLE))
    moves = [recent(draft, found.workflow, up=up) for up in (True, False)]
    recently = [window_after(draft, one) for one in moves if one is not None]
    free = [
        one
        for one in draft.instances.values()
        if one.workflow is found.workflow and one.kind == "actions" and one.assignment is None
    ]
    blocks = [
        (Block.MINIMUM, found.size <= found.limits.minimum),
        (Block.LAST, scaling.able(draft, found.workflow) <= LAST),
        (Block.EMERGENCY, found.limits.until is not None),
        (Block.PEAK, found.coming is not None and found.coming.minimum >= found.size),
        (Block.NOBODY, all(one.status is WorkerStatus.STOPPED for one in free)),
        (Block.WINDOW, bool(recently)),
    ]
    return _blocked(found, plan, blocks, max(recently, default=None))


def _blocked(
    found: Sizing, plan: Planned, blocks: list[tuple[Block, bool]], window: datetime | None
) -> Sizing:
    holding = tuple(block for block, holds in blocks if holds)
    due = window if holding == (Block.WINDOW,) else None
    return replace(found, plan=plan, blocks=holding, due=due)


def _idle_from(draft: Draft, found: Sizing) -> datetime | None:
    """When the workers will have been idle for the whole window, if nothing comes."""
    settings, use = draft.config.scaling, found.used
    busy = use.now >= settings.utilisation_below * found.size
    if busy or use.above_until is None or found.demand.waiting >= settings.queue_below:
        return None
    return use.above_until + timedelta(minutes=settings.window_minutes)


def _because(draft: Draft, found: Sizing, trigger: Trigger) -> str:
    """The reason of a move, as a clause: figure and mark."""
    settings, ready, size = draft.config.scaling, found.demand.ready, found.size
    wait, verb = ("1 task", "waits") if ready == 1 else (f"{ready} tasks", "wait")
    window = f"{settings.window_minutes:g} min"
    match trigger:
        case Trigger.NO_WORKER:
            return f"{wait} {verb} and no worker takes work"
        case Trigger.QUEUE:
            return f"{wait} {verb}, more than {settings.queue_above}"
        case Trigger.OVERFLOW:
            return f"{wait} {verb}, more than {draft.config.queueing.overflow}"
        case Trigger.SLOW:
            return f"{found.workflow} has become slow"
        case Trigger.WAIT:
            waited = (draft.now - (found.demand.oldest or draft.now)) // timedelta(minutes=1)
            return f"the oldest task has waited for {waited} min, allowed are {settings.longest_wait:g}"
        case Trigger.UTILISATION:
            part = f"{found.used.mean / size:.0%} of {window}"
            return f"its workers were busy for {part}, more than {settings.most_used:.0%}"
        case _:
            part = f"at most {found.used.most} of {size}"
            return f"{part} were busy in {window}, less than {settings.utilisation_below:.0%}"
