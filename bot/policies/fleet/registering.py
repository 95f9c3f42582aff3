"""Worker processes on machines of their own join the fleet, and leave it."""

from __future__ import annotations

from bot.domain.alert_rules import REFUSED
from bot.domain.draft import Draft
from bot.domain.events.worked import WorkerBeat
from bot.domain.instances import Instance
from bot.domain.pools import Worker
from bot.domain.processes import slots_of
from bot.domain.vocabulary import WorkerStatus, Workflow
from bot.policies.alerting.alerts import end_alert, raise_alert
from bot.policies.fleet.pace import beat_seconds
from bot.policies.fleet.scaling import room
from bot.policies.working.attempts import requeue_first, take_back


def slot_ids(process: str, slots: int) -> tuple[str, ...]:
    """The ids of a process's workers: its own, then ``{process}-2`` and so on."""
    return (process, *(f"{process}-{number}" for number in range(2, slots + 1)))


def register(draft: Draft, event: WorkerBeat) -> bool:
    """A process begins: its slots are idle workers now; what an earlier start of it held is taken back.

    Where one of its ids belongs to somebody else nothing changes but for the alert: the process finds
    no worker with its session. Returns whether it has joined.
    """
    if _refuse(draft, event):
        return False
    end_alert(draft, REFUSED, event.worker)
    wanted = slot_ids(event.worker, event.slots)
    for worker in slots_of(draft.instances.values(), event.worker):
        if worker.id not in wanted:
            give_back(draft, worker, event.id, "its process has fewer slots now")
            _remove(draft, draft.instances[worker.id])
    for slot in wanted:
        _join(draft, event, slot)
    seconds = beat_seconds(draft.config, draft.instances)
    for slot in wanted:
        draft.instances[slot] = draft.instances[slot].model_copy(update={"beat_seconds": seconds})
    return True


def _refuse(draft: Draft, event: WorkerBeat) -> bool:
    """Whether a process cannot join: then its alert says why."""
    for id_ in slot_ids(event.worker, event.slots):
        known = draft.instances.get(id_)
        if known is None:
            continue
        other_workflow = known.workflow is not event.workflow
        if other_workflow or (known.kind == "external" and known.process != event.worker):
            raise_alert(
                draft,
                REFUSED,
                event.worker,
                case="workflow" if other_workflow else "slot",
                process=event.worker,
                asked=event.workflow,
                slot=id_,
                workflow=known.workflow,
                holder=known.process,
            )
            return True
    return False


def _join(draft: Draft, event: WorkerBeat, slot: str) -> None:
    known = draft.instances.get(slot)
    if known is not None:
        give_back(draft, known, event.id, "its process started anew" if known.session else "taken over")
        known = draft.instances[slot]
    listed = _listed(draft, event.workflow, event.worker)
    base = known or Instance(id=slot, workflow=event.workflow, created_at=draft.now)
    draft.instances[slot] = base.model_copy(
        update={
            "kind": "external",
            "process": event.worker,
            "session": event.session,
            "specialties": event.specialties or (listed.specialties if listed else ()),
            "region": event.region or (listed.region if listed else ""),
            "status": WorkerStatus.IDLE,
            "idle_since": draft.now,
            "offline_since": None,
            "last_heartbeat": draft.now,
            "unstarted": 0,
        }
    )
    draft.note("worker", worker=slot, detail=f"joined from a machine of its own, process {event.worker}")


def give_back(draft: Draft, worker: Instance, cause: str, why: str) -> None:
    """What a worker holds goes to the front of its queue, as if it had not been begun."""
    held = worker.assignment
    if held is None or (taken := take_back(draft, worker, cause)) is None:
        return
    requeue_first(draft, *taken)
    detail = f"given back: {why}"
    draft.note("worker", worker=worker.id, project=held.project, task=held.task, detail=detail)


def leave(draft: Draft, process: str, cause: str) -> None:
    """A process has ended: what it holds is taken back, and its workers are the record of it.

    One of the roster is a place for runs on Actions again, as the roster has it.
    """
    for worker in slots_of(draft.instances.values(), process):
        give_back(draft, worker, cause, "its process has ended")
        _retire(draft, draft.instances[worker.id])
        draft.note("worker", worker=worker.id, detail=f"left, its process {process} has ended")


def _retire(draft: Draft, worker: Instance) -> None:
    if (listed := _listed(draft, worker.workflow, worker.id)) is not None:
        _revert(draft, worker, listed)
        return
    gone = {"status": WorkerStatus.STOPPED, "idle_since": None}
    draft.instances[worker.id] = worker.model_copy(update=gone)


def _remove(draft: Draft, worker: Instance) -> None:
    if (listed := _listed(draft, worker.workflow, worker.id)) is not None:
        _revert(draft, worker, listed)
    else:
        del draft.instances[worker.id]


def _revert(draft: Draft, worker: Instance, listed: Worker) -> None:
    """As the roster says; stopped where the limits leave no room for it."""
    draft.instances[worker.id] = worker.model_copy(update={"status": WorkerStatus.STOPPED})
    idle = room(draft, worker.workflow) > 0
    draft.instances[worker.id] = worker.model_copy(
        update={
            "kind": "actions",
            "process": "",
            "session": 0,
            "beat_seconds": 0,
            "specialties": listed.specialties,
            "sizes": listed.sizes,
            "region": listed.region,
            "status": WorkerStatus.IDLE if idle else WorkerStatus.STOPPED,
            "idle_since": draft.now if idle else None,
            "offline_since": None,
            "last_heartbeat": None,
        }
    )


def _listed(draft: Draft, workflow: Workflow, id_: str) -> Worker | None:
    """A worker as the roster has it."""
    return next((one for one in draft.config.pools.of(workflow).roster if one.id == id_), None)
