"""Workers started anew: what they held goes back to the front of its queue, as if it had not been begun."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.fleet import Restarted
from bot.domain.instances import Instance
from bot.domain.vocabulary import WorkerStatus
from bot.policies.attempts import requeue_first, take_back
from bot.policies.breaker import CLOSED
from bot.policies.diagnosing import heard, silent_after
from bot.policies.scaling import room


def restart(draft: Draft, worker: Instance, cause: str, by: str) -> Restarted:
    """End what a worker does and start it anew; ``cause`` is the id of the event that asked for it.

    Its run is cancelled, its lease is void, the attempt does not count, and whoever is best gets the
    task when everything is settled. That it failed before is forgotten.
    """
    status = _anew(draft, worker)
    if (taken := take_back(draft, worker, cause)) is not None:
        requeue_first(draft, *taken)
    fresh = {"status": status, "idle_since": draft.now if status is WorkerStatus.IDLE else None, **CLOSED}
    draft.instances[worker.id] = draft.instances[worker.id].model_copy(update=fresh)
    held = worker.assignment
    draft.note(
        "worker",
        worker=worker.id,
        by=by,
        project=held.project if held else "",
        task=held.task if held else "",
        detail=f"restarted, was {worker.status}, is {status}",
    )
    return Restarted(worker.id, worker.status, held, status, taken_out=worker.probe_at is not None)


def _anew(draft: Draft, worker: Instance) -> WorkerStatus:
    """Idle; stopped where the limits leave no room for it; offline where nobody can start it from here."""
    leaving = worker.status in (WorkerStatus.STOPPED, WorkerStatus.DRAINING)
    if leaving and not room(draft, worker.workflow):
        return WorkerStatus.STOPPED
    if worker.kind == "external" and heard(draft, worker) > silent_after(draft):
        return WorkerStatus.OFFLINE
    return WorkerStatus.IDLE
