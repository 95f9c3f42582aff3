"""What follows from a worker process's beat: registered, alive, draining, gone; fenced by its session."""

from __future__ import annotations

from typing import assert_never

from bot.domain.beats import FIRST, Phase, Progress
from bot.domain.draft import Draft
from bot.domain.events.worked import WorkerBeat
from bot.domain.instances import Instance
from bot.domain.processes import slots_of
from bot.domain.vocabulary import WorkerStatus
from bot.policies.fleet.pace import beat_seconds
from bot.policies.fleet.presence import forget_starts
from bot.policies.fleet.registering import give_back, leave, register
from bot.policies.projects.stopping import given_back, process_over


def beat(draft: Draft, event: WorkerBeat) -> None:
    """Take a beat in; one of a session that is not the registered one changes nothing."""
    if event.number == FIRST and register(draft, event):
        process_over(draft, event.worker, "its process started anew")
    slots = [one for one in slots_of(draft.instances.values(), event.worker) if one.session == event.session]
    if not slots:
        return
    hear(draft, event.worker)
    for progress in event.progress:
        _get_on(draft, event.worker, progress)
    for dropped in event.dropped:
        given_back(draft, event.worker, dropped.task, dropped.lease)
        for worker in slots_of(draft.instances.values(), event.worker):
            if _holds(worker, dropped.task, dropped.lease):
                give_back(draft, worker, event.id, dropped.why or "its process cannot do it")
    match event.phase:
        case Phase.WORKING:
            pass
        case Phase.DRAINING:
            _drain(draft, event.worker)
        case Phase.GONE:
            leave(draft, event.worker, event.id)
            process_over(draft, event.worker, "its process has ended")
        case _:
            assert_never(event.phase)


def hear(draft: Draft, process: str) -> None:
    """A process was heard of: all its slots live; those that were taken for dead are back."""
    forget_starts(draft, process)
    seconds = beat_seconds(draft.config, draft.instances)
    for worker in slots_of(draft.instances.values(), process):
        heard = {"last_heartbeat": draft.now, "beat_seconds": seconds, "missed_at": None}
        if worker.status is WorkerStatus.OFFLINE:
            heard |= {"status": WorkerStatus.IDLE, "idle_since": draft.now, "offline_since": None}
            draft.note("worker", worker=worker.id, detail="heard of again: online")
        draft.instances[worker.id] = worker.model_copy(update=heard)


def _get_on(draft: Draft, process: str, progress: Progress) -> None:
    """Progress goes forward only, and never beyond the present: the clock is the process's own."""
    at = min(progress.at, draft.now)
    for worker in slots_of(draft.instances.values(), process):
        held = worker.assignment
        if held is None or not _holds(worker, progress.task, progress.lease):
            continue
        if held.progress_at is None or at > held.progress_at:
            further = held.model_copy(update={"progress_at": at})
            draft.instances[worker.id] = worker.model_copy(update={"assignment": further})


def _drain(draft: Draft, process: str) -> None:
    """Busy slots finish what they hold; the others are stopped."""
    for worker in slots_of(draft.instances.values(), process):
        status = WorkerStatus.DRAINING if worker.assignment else WorkerStatus.STOPPED
        if worker.status is not status:
            draft.note("worker", worker=worker.id, detail=f"its process takes nothing more: {status}")
        leaving = {"status": status, "idle_since": None}
        draft.instances[worker.id] = worker.model_copy(update=leaving)


def _holds(worker: Instance, task: str, lease: int) -> bool:
    held = worker.assignment
    return held is not None and (held.task, held.lease) == (task, lease)
