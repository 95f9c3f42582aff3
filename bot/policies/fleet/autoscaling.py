"""How many workers a workflow should have: one rule, judged in every settle and explained by ``/why``.

The rule itself is ``sizing``'s; here are a draft's figures for it, its moves, and its reasons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.alert_rules import SLOW
from bot.domain.draft import Draft
from bot.domain.models import QueueItem
from bot.domain.sizing import Block, Demand, InPeak, Planned, Sizing, Trigger, Used
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.policies.alerting.alerts import open_alert
from bot.policies.assigning.holding import Holding
from bot.policies.fleet import scaling, sizing
from bot.policies.fleet.moves import recent, window_after
from bot.policies.fleet.peaks import coming_peak
from bot.policies.fleet.utilisation import used
from bot.policies.working.estimating import Estimates


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
    figures = _figures(draft, workflow, estimates)
    service = estimates.of(workflow)
    found = Sizing(
        workflow=workflow,
        size=figures.size,
        limits=scaling.limits(draft, workflow),
        coming=_coming(draft, workflow),
        demand=figures.demand,
        used=figures.used,
        service=service.time,
        measured=service.attempts,
        needed=figures.needed,
        met=frozenset(_met(draft, figures)),
        latest=draft.scaling.latest(workflow),
    )
    if not draft.config.scaling.enabled:
        return replace(found, blocks=(Block.OFF,))
    step = sizing.step(draft.config, figures)
    return _planned(draft, found, step) if step else replace(found, due=_idle_from(draft, found))


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the rule looks at, from a draft."""

    size: int
    able: int
    demand: Demand
    used: Used
    waited: float
    minimum: int
    maximum: int
    needed: int
    slow: bool
    went_up: bool
    went_down: bool
    halted: bool
    paused: bool
    in_emergency: bool
    coming: int
    leaver: bool

    @property
    def ready(self) -> int:
        return self.demand.ready

    @property
    def waiting(self) -> int:
        return self.demand.waiting

    @property
    def mean(self) -> float:
        return self.used.mean

    @property
    def most(self) -> int:
        return self.used.most


def _figures(draft: Draft, workflow: Workflow, estimates: Estimates) -> _Figures:
    settings = draft.config.scaling
    size, limits, found = (
        scaling.size(draft, workflow),
        scaling.limits(draft, workflow),
        demand(draft, workflow),
    )
    coming = _coming(draft, workflow)
    return _Figures(
        size=size,
        able=scaling.able(draft, workflow),
        demand=found,
        used=used(draft, workflow, settings.utilisation_below * size),
        waited=(draft.now - (found.oldest or draft.now)).total_seconds(),
        minimum=limits.minimum,
        maximum=limits.maximum,
        needed=sizing.needed(settings, found.ready, estimates.of(workflow).time),
        slow=has_slowed(draft, workflow),
        went_up=recent(draft, workflow, up=True) is not None,
        went_down=recent(draft, workflow, up=False) is not None,
        halted=draft.controls.halted is not None,
        paused=draft.controls.pause(workflow) is not None,
        in_emergency=limits.until is not None,
        coming=coming.minimum if coming is not None else 0,
        leaver=_leaver(draft, workflow),
    )


def _coming(draft: Draft, workflow: Workflow) -> InPeak | None:
    return coming_peak(draft.config, workflow, draft.now, draft.config.scaling.window)


def _leaver(draft: Draft, workflow: Workflow) -> bool:
    """Whether a place for runs on Actions is idle."""
    return any(
        one.workflow is workflow
        and one.kind == "actions"
        and one.assignment is None
        and one.status is not WorkerStatus.STOPPED
        for one in draft.instances.values()
    )


def has_slowed(draft: Draft, workflow: Workflow) -> bool:
    """Whether a workflow has become slow, and has no worker more since: one more for each alert.

    Specification: "Performance Degradation Response".
    """
    alert, move = open_alert(draft, SLOW.named(workflow)), draft.scaling.latest(workflow, up=True)
    added = alert is not None and move is not None and move.at >= alert.since
    return alert is not None and alert.gone_at is None and not added


def _met(draft: Draft, found: _Figures) -> Iterator[Trigger]:
    """The conditions that hold, whatever keeps the rule from acting on them."""
    if found.size < found.minimum:
        yield Trigger.MINIMUM
    yield from sizing.triggers(draft.config, found)
    if sizing.is_idle(draft.config.scaling, found):
        yield Trigger.IDLE


def _planned(draft: Draft, found: Sizing, step: sizing.Step) -> Sizing:
    up = step.trigger is not Trigger.IDLE
    plan = Planned(step.trigger, up, step.target, _because(draft, found, step.trigger))
    moves = (recent(draft, found.workflow, up=one) for one in (True, False))
    window = max((window_after(draft, one) for one in moves if one is not None), default=None)
    due = window if step.blocks == (Block.WINDOW,) else None
    return replace(found, plan=plan, blocks=step.blocks, due=due)


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
        case Trigger.MINIMUM:
            limits = found.limits
            peak = f"peak hours ({limits.peak}) ask for at least"
            return f"{peak} {limits.minimum}" if limits.peak else f"the minimum is {limits.minimum}"
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
