"""How many workers there are: more of them, fewer of them, and more than usual for a while."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count

from bot.domain.base import stamp
from bot.domain.controls import Emergency
from bot.domain.draft import Draft
from bot.domain.fleet import Limits, Scaled
from bot.domain.instances import Instance
from bot.domain.pools import Worker
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.policies.moves import remember
from bot.policies.peaks import peak_at

LONGEST_ID = 40
_NUMBERED = re.compile(r"(.*?)(\d+)")
_AWAY = (WorkerStatus.STOPPED, WorkerStatus.DRAINING, WorkerStatus.OFFLINE)
"""Who takes no work, so that somebody else has to: they leave, or nobody hears of them."""


def limits(draft: Draft, workflow: Workflow) -> Limits:
    """The limits in force: an emergency raises the upper one, peak hours raise the lower one."""
    pool = draft.config.pools.of(workflow)
    emergency = draft.controls.emergency_of(workflow)
    until = emergency.until if emergency is not None and emergency.until > draft.now else None
    most = pool.maximum if until is None else pool.ceiling
    peak = peak_at(draft.config, workflow, draft.now)
    if peak is None or min(peak.minimum, most) <= pool.minimum:
        return Limits(pool.minimum, most, pool.ceiling, until)
    return Limits(min(peak.minimum, most), most, pool.ceiling, until, peak.name)


def size(draft: Draft, workflow: Workflow) -> int:
    """How many workers take work: those that stop or are offline are not counted."""
    return sum(worker.status not in _AWAY for worker in _members(draft, workflow))


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
    called_back = _here(_of(draft, workflow, WorkerStatus.DRAINING))[:wanted]
    for worker in called_back:
        draft.instances[worker.id] = worker.model_copy(update={"status": WorkerStatus.BUSY})
    stopped = [one for one in _here(_of(draft, workflow, WorkerStatus.STOPPED)) if not one.tripped(draft.now)]
    started = stopped[: wanted - len(called_back)]
    for worker in started:
        start(draft, worker)
    created = [_create(draft, workflow) for _ in range(wanted - len(called_back) - len(started))]
    done = replace(done, called_back=_ids(called_back), started=_ids(started), created=_ids(created))
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
    serving = _serving(draft, workflow) if by else _here(_serving(draft, workflow))
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
        here = _here(_serving(draft, workflow))
        beyond = sum(
            not _listed(draft, worker) for worker in here
        )  # the roster's own stay, as far as they may
        surplus = min(max(0, before - bounds.maximum), max(beyond, len(here) - bounds.maximum))
        useful = _usefulness(draft, workflow)
        leaving = sorted(
            here,
            key=lambda worker: (_listed(draft, worker), worker.assignment is not None, useful(worker)),
        )
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
    order = {worker.id: place for place, worker in enumerate(draft.config.pools.of(workflow).roster)}
    mine = [worker for worker in draft.instances.values() if worker.workflow is workflow]
    return sorted(mine, key=lambda worker: (order.get(worker.id, len(order)), worker.id))


def _serving(draft: Draft, workflow: Workflow) -> list[Instance]:
    return [worker for worker in _members(draft, workflow) if worker.status not in _AWAY]


def _here(workers: Iterable[Instance]) -> list[Instance]:
    """Those that can be started from here: places for runs on Actions."""
    return [worker for worker in workers if worker.kind == "actions"]


def _of(draft: Draft, workflow: Workflow, status: WorkerStatus) -> list[Instance]:
    return [worker for worker in _members(draft, workflow) if worker.status is status]


def _listed(draft: Draft, worker: Instance) -> bool:
    """Whether the roster names a worker."""
    return any(worker.id == one.id for one in draft.config.pools.of(worker.workflow).roster)


def _usefulness(draft: Draft, workflow: Workflow) -> Callable[[Instance], tuple[bool, bool, int, int]]:
    """A key that sorts the least useful first: taken out for failing, beyond the roster, whose
    specialties the backlog wants least, last of the roster.
    """
    queue = draft.queue(QueueName(workflow.value)).values()
    wanted = Counter(item.specialty for item in queue)
    kept = Counter(item.reserved for item in queue if item.reserved)
    places = {worker.id: place for place, worker in enumerate(_members(draft, workflow))}

    def key(worker: Instance) -> tuple[bool, bool, int, int]:
        demand = kept[worker.id] + sum(wanted[specialty] for specialty in worker.specialties)
        return not worker.tripped(draft.now), _listed(draft, worker), demand, -places[worker.id]

    return key


def _create(draft: Draft, workflow: Workflow) -> Instance:
    """A worker beyond the roster: the next number, the specialty that the backlog lacks most."""
    model = _lacking(draft, workflow)
    worker = Instance(
        id=_next_id(draft, workflow),
        workflow=workflow,
        specialties=model.specialties,
        sizes=model.sizes,
        region=model.region,
        idle_since=draft.now,
        created_at=draft.now,
    )
    draft.instances[worker.id] = worker
    return worker


def _lacking(draft: Draft, workflow: Workflow) -> Worker:
    """The roster's worker of the specialty with most queued tasks for each worker that takes work.

    Specialties that only the backlog names come after the roster's. Where they are equal, the specialty
    that fewest have, then that order.
    """
    models: dict[str, Worker] = {}
    for worker in draft.config.pools.of(workflow).roster:
        for specialty in worker.specialties:
            models.setdefault(specialty, worker.model_copy(update={"specialties": (specialty,)}))
    if not models:
        return Worker(id="any")
    queued = Counter(item.specialty for item in draft.items(QueueName(workflow.value)))
    for specialty in sorted(filter(None, queued)):
        models.setdefault(specialty, Worker(id="any", specialties=(specialty,)))
    have = Counter(one for worker in _serving(draft, workflow) for one in worker.specialties)
    return models[min(models, key=lambda one: (-queued[one] / (1 + have[one]), have[one]))]


def _next_id(draft: Draft, workflow: Workflow) -> str:
    """The number after the last, written as the roster writes its own: ``genesis-04``."""
    roster = draft.config.pools.of(workflow).roster
    numbered = next((found for worker in roster if (found := _NUMBERED.fullmatch(worker.id))), None)
    prefix, width = (numbered[1], len(numbered[2])) if numbered else (f"{workflow}-", 2)
    taken = {
        *draft.instances,
        *(worker.id for one in Workflow for worker in draft.config.pools.of(one).roster),
    }
    numbers = [
        int(id_.removeprefix(prefix)) for id_ in taken if re.fullmatch(re.escape(prefix) + r"\d+", id_)
    ]
    digits = (str(number).zfill(width) for number in count(max(numbers, default=0) + 1))
    return next(id_ for one in digits if (id_ := prefix[: LONGEST_ID - len(one)] + one) not in taken)


def _ids(workers: Iterable[Instance]) -> tuple[str, ...]:
    return tuple(worker.id for worker in workers)
