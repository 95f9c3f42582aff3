"""How many workers there are: more of them, fewer of them, and more than usual for a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.base import stamp
from bot.domain.config import Config
from bot.domain.controls import Emergency
from bot.domain.draft import Draft
from bot.domain.fleet import Limits, Scaled
from bot.domain.instances import Instance
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.policies.fleet import staffing
from bot.policies.fleet.moves import remember
from bot.policies.fleet.peaks import peak_at

EMERGENCY = timedelta(hours=2)
"""How long an emergency holds where nobody says otherwise."""


def limits(draft: Draft, workflow: Workflow) -> Limits:
    """The limits in force: an emergency raises the upper one, peak hours raise the lower one."""
    return limits_at(draft.config, workflow, draft.controls.emergency_of(workflow), draft.now)


def limits_at(config: Config, workflow: Workflow, emergency: Emergency | None, at: datetime) -> Limits:
    """The same at any moment; ``emergency``: the workflow's, over or not."""
    pool = config.pools.of(workflow)
    until = emergency.until if emergency is not None and emergency.until > at else None
    most = pool.maximum if until is None else pool.ceiling
    peak = peak_at(config, workflow, at)
    if peak is None or min(peak.minimum, most) <= pool.minimum:
        return Limits(pool.minimum, most, pool.ceiling, until)
    return Limits(min(peak.minimum, most), most, pool.ceiling, until, peak.name)


def size(draft: Draft, workflow: Workflow) -> int:
    """How many workers take work: those that stop or are offline are not counted."""
    return sum(
        one.status not in staffing.AWAY for one in draft.instances.values() if one.workflow is workflow
    )


def able(draft: Draft, workflow: Workflow) -> int:
    """How many of them were not taken out for failing."""
    return sum(not worker.tripped(draft.now) for worker in _serving(draft, workflow))


def room(draft: Draft, workflow: Workflow) -> int:
    """How many workers more the limits in force allow."""
    return max(0, limits(draft, workflow).maximum - size(draft, workflow))


def scale_up(draft: Draft, workflow: Workflow, more: int, by: str, reason: str = "") -> Scaled:
    """Up to ``more`` workers, within the limits: those that were about to stop first, then stopped
    ones, then new ones. Processes on machines of their own are started there alone.
    """
    done = Scaled(workflow, more, size(draft, workflow), 0, limits(draft, workflow))
    wanted = min(more, room(draft, workflow))
    found = staffing.starting(_members(draft, workflow), wanted, lambda one: one.tripped(draft.now))
    for worker in found.called_back:
        draft.instances[worker.id] = worker.model_copy(update={"status": WorkerStatus.BUSY})
    for worker in found.started:
        start(draft, worker)
    created = [_create(draft, workflow) for _ in range(found.created)]
    called_back, started = _ids(found.called_back), _ids(found.started)
    done = replace(done, called_back=called_back, started=started, created=_ids(created))
    return _noted(draft, done, by, reason)


def scale_down(
    draft: Draft, workflow: Workflow, fewer: int, by: str, *, drain: bool, reason: str = ""
) -> Scaled:
    """Up to ``fewer`` workers less, not below the minimum: idle ones stop, least useful first.

    ``drain``: when they are not enough, busy ones finish their task and stop then. A rule, which is nobody
    in ``by``, leaves workers on machines of their own alone: it could not start them again.
    """
    before = size(draft, workflow)
    done = Scaled(workflow, fewer, before, 0, limits(draft, workflow))
    wanted = min(fewer, max(0, before - done.limits.minimum))
    useful = _usefulness(draft, workflow)
    serving = _serving(draft, workflow) if by else staffing.here(_serving(draft, workflow))
    leaving = sorted(serving, key=lambda worker: (worker.assignment is not None, useful(worker)))
    free = [worker for worker in leaving if worker.assignment is None]
    chosen = leaving[:wanted] if drain else free[:wanted]
    stays = [worker for worker in leaving[len(chosen) :] if worker.assignment is not None]
    return _noted(draft, replace(_take_away(draft, done, chosen), busy=_ids(stays)), by, reason)


def extend_emergency(draft: Draft, emergency: Emergency) -> Emergency | None:
    """Let a workflow go up to its emergency limit; returns the emergency that held already, if one did.

    One that holds goes on until the later of the two ends.
    """
    known = draft.controls.emergency_of(emergency.workflow)
    held = known if known is not None and known.until > draft.now else None
    if held is not None:
        later = max(held.until, emergency.until)
        emergency = emergency.model_copy(update={"since": held.since, "until": later})
    others = [one for one in draft.controls.emergency if one.workflow is not emergency.workflow]
    kept = tuple(sorted([*others, emergency], key=lambda one: one.workflow))
    draft.controls = draft.controls.model_copy(update={"emergency": kept})
    draft.note(
        "control",
        by=emergency.by,
        detail=f"emergency: {emergency.workflow} up to its emergency limit until {stamp(emergency.until)}",
    )
    return held


def end_emergencies(draft: Draft) -> None:
    """Take the surplus of emergencies that are over away again: what is not of the roster goes first."""
    over = [one for one in draft.controls.emergency if one.until <= draft.now]
    if not over:
        return
    kept = tuple(one for one in draft.controls.emergency if one.until > draft.now)
    draft.controls = draft.controls.model_copy(update={"emergency": kept})
    for emergency in over:
        workflow = emergency.workflow
        draft.note("control", detail=f"emergency: that of {workflow} is over")
        before, bounds = size(draft, workflow), limits(draft, workflow)
        here, pool = staffing.here(_serving(draft, workflow)), draft.config.pools.of(workflow)
        surplus = staffing.surplus(pool, here, before, bounds.maximum)
        leaving = staffing.after_emergency(pool, here, _usefulness(draft, workflow))
        done = _take_away(draft, Scaled(workflow, surplus, before, 0, bounds), leaving[:surplus])
        _noted(draft, done, "", "its emergency is over")


def start(draft: Draft, worker: Instance) -> None:
    """A worker that held nothing takes work from now on."""
    begun = {"status": WorkerStatus.IDLE, "idle_since": draft.now}
    draft.instances[worker.id] = worker.model_copy(update=begun)


def _take_away(draft: Draft, done: Scaled, workers: Iterable[Instance]) -> Scaled:
    leaving = list(workers)
    idle = [worker for worker in leaving if worker.assignment is None]
    for worker in leaving:
        status = WorkerStatus.STOPPED if worker in idle else WorkerStatus.DRAINING
        left = {"status": status, "idle_since": None, "offline_since": None}
        draft.instances[worker.id] = worker.model_copy(update=left)
    busy = [worker for worker in leaving if worker not in idle]
    return replace(done, stopped=_ids(idle), draining=_ids(busy))


def _noted(draft: Draft, done: Scaled, by: str, reason: str) -> Scaled:
    done = replace(done, after=size(draft, done.workflow))
    parts = [
        ("called back", done.called_back),
        ("started", done.started),
        ("new", done.created),
        ("stopped", done.stopped),
        ("draining", done.draining),
    ]
    moves = "; ".join(f"{what} {', '.join(ids)}" for what, ids in parts if ids)
    if moves:
        why = f", because {reason}" if reason else ""
        move = f"{done.workflow} from {done.before} to {done.after}{why}"
        draft.note("scaled", by=by, detail=f"{move}: {moves}")
        remember(draft, done, by, reason)
    return done


def _members(draft: Draft, workflow: Workflow) -> list[Instance]:
    """A workflow's workers: those of the roster in its order, then the others by id."""
    mine = (worker for worker in draft.instances.values() if worker.workflow is workflow)
    return staffing.in_order(draft.config.pools.of(workflow), mine)


def _serving(draft: Draft, workflow: Workflow) -> list[Instance]:
    return staffing.serving(_members(draft, workflow))


def _usefulness(draft: Draft, workflow: Workflow) -> Callable[[Instance], staffing.Use]:
    """A key that sorts the least useful first."""
    return staffing.usefulness(
        draft.config.pools.of(workflow),
        _members(draft, workflow),
        ((item.specialty, item.reserved) for item in draft.queue(QueueName(workflow.value)).values()),
        lambda one: one.tripped(draft.now),
    )


def _create(draft: Draft, workflow: Workflow) -> Instance:
    """A worker beyond the roster: the next number, the specialty that the backlog lacks most."""
    queued = Counter(item.specialty for item in draft.items(QueueName(workflow.value)))
    model = staffing.lacking(draft.config.pools.of(workflow), queued, _serving(draft, workflow))
    worker = Instance(
        id=staffing.next_id(draft.config, workflow, draft.instances),
        workflow=workflow,
        specialties=model.specialties,
        sizes=model.sizes,
        region=model.region,
        idle_since=draft.now,
        created_at=draft.now,
    )
    draft.instances[worker.id] = worker
    return worker


def _ids(workers: Iterable[Instance]) -> tuple[str, ...]:
    return tuple(worker.id for worker in workers)
