"""Workers started anew: what they held goes back to the front of its queue, as if it had not been begun."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.fleet import Restarted
from bot.domain.instances import Instance
from bot.domain.vocabulary import WorkerStatus
from bot.policies.fleet.presence import is_silent, start_process
from bot.policies.fleet.scaling import room
from bot.policies.guards.breaker import CLOSED
from bot.policies.working.attempts import requeue_first, take_back


def restart(draft: Draft, worker: Instance, cause: str, by: str) -> Restarted:
    """End what a worker does and start it anew; ``cause`` is the id of the event that asked for it.

    Its run is cancelled, its lease is void, the attempt does not count, and whoever is best gets the
    task when everything is settled. A process on a machine of its own goes on where it lives; else only
    the configured workflow can start it. That it failed before is forgotten.
    """
    status = _anew(draft, worker)
    if (taken := take_back(draft, worker, cause)) is not None:
        requeue_first(draft, *taken)
    offline = (worker.offline_since or draft.now) if status is WorkerStatus.OFFLINE else None
    fresh = {
        "status": status,
        "idle_since": draft.now if status is WorkerStatus.IDLE else None,
        "offline_since": offline,
        **CLOSED,
    }
    draft.instances[worker.id] = draft.instances[worker.id].model_copy(update=fresh)
    if worker.kind == "external" and _away(draft, worker):
        start_process(draft, worker.process, cause)
    held = worker.assignment
    draft.note(
        "worker",
        worker=worker.id,
        by=by,
        project=held.project if held else "",
        task=held.task if held else "",
        detail=f"{'to be started there' if offline else 'restarted'}, was {worker.status}, is {status}",
    )
    return Restarted(worker.id, worker.status, held, status, taken_out=worker.probe_at is not None)


def _anew(draft: Draft, worker: Instance) -> WorkerStatus:
    """Idle; stopped where it leaves or there is no room for it; offline where it is silent elsewhere."""
    leaving = worker.status in (WorkerStatus.STOPPED, WorkerStatus.DRAINING)
    if worker.kind == "external" and leaving:
        return WorkerStatus.STOPPED
    if leaving and not room(draft, worker.workflow):
        return WorkerStatus.STOPPED
    if worker.kind == "external" and _away(draft, worker):
        return WorkerStatus.OFFLINE
    return WorkerStatus.IDLE


def _away(draft: Draft, worker: Instance) -> bool:
    """Whether a process on a machine of its own has to be started there."""
    gone = worker.status in (WorkerStatus.STOPPED, WorkerStatus.OFFLINE)
    return gone or is_silent(draft, worker)
