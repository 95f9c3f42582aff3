"""What follows from a worker process's beat: registered, alive, draining, gone; fenced by its session."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.events import WorkerBeat
from bot.domain.instances import Instance


def slots_of(draft: Draft, process: str) -> list[Instance]:
    """The workers that are slots of a process, in the order of their ids."""
    mine = [one for one in draft.instances.values() if one.kind == "external" and one.process == process]
    return sorted(mine, key=lambda one: (len(one.id), one.id))


def beat(draft: Draft, event: WorkerBeat) -> None:
    """Take a beat in: every slot of the process was heard of now."""
    for worker in slots_of(draft, event.worker):
        if worker.session == event.session:
            draft.instances[worker.id] = worker.model_copy(update={"last_heartbeat": draft.now})
