"""Workers on machines of their own, in words: what helps one, and what a restart does to it."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.fleet import Check, Diagnosis, Restarted, Verdict
from bot.domain.instances import Assignment, Instance
from bot.domain.processes import start_command
from bot.domain.vocabulary import WorkerStatus
from bot.render.text import code
from bot.render.workers import standing


def away(found: Diagnosis) -> bool:
    """Whether a worker's process has to be started on its machine."""
    gone = found.worker.status in (WorkerStatus.OFFLINE, WorkerStatus.STOPPED)
    return bool(found.start) and (gone or found.verdicts[Check.HEARTBEAT] is Verdict.FAILED)


def can_start(draft: Draft, done: Restarted) -> bool:
    """Whether a restart could do anything about a worker from here."""
    return done.status is not WorkerStatus.OFFLINE or bool(draft.config.external.restart_workflow)


def advice(found: Diagnosis) -> str:
    """What would help, at the end of ``/health``."""
    worker = found.worker
    if worker.status in (WorkerStatus.OFFLINE, WorkerStatus.STOPPED):
        return f"It is started on its machine: `{found.start}`."
    if away(found):
        return f"Look at its machine; its process is started there: `{found.start}`."
    if found.failed:
        return (
            f"`/restart {worker.id}` takes its task back, which goes to the front of the queue; the attempt "
            "does not count, and the worker goes on."
        )
    if worker.status is WorkerStatus.DRAINING:
        return "Nothing needs to be done; it leaves after its task."
    return f"Nothing needs to be done; `/instances {worker.workflow}` shows it beside the others."


def cannot_start(worker: Instance, start: str) -> str:
    """``/restart`` of one that only its own machine can start; ``start`` is the command."""
    return (
        f"Not run: `{worker.id}` is {worker.status} and works on a machine of its own; it is started there: "
        f"`{start}`. The key `external.restart_workflow` in `.github/orchestrator.yml` may name a workflow "
        "that does it from here."
    )


def anew(draft: Draft, done: Restarted) -> str:
    """``/restart`` of one that does not go on by itself."""
    name = f"`{done.worker}`"
    if done.was is WorkerStatus.DRAINING:
        return f"{name} was draining, and is stopped now: its process takes nothing more."
    state = "is stopped" if done.status is WorkerStatus.STOPPED else "is silent"
    head = f"{name} works on a machine of its own and {state}"
    if workflow := draft.config.external.restart_workflow:
        return f"{head}: `{workflow}` is dispatched to start its process."
    process = draft.worker(done.worker).process
    return f"{head}; it is started there: `{start_command(draft.instances.values(), process)}`."


def taken(draft: Draft, held: Assignment) -> str:
    """What becomes of the task that a restart took back."""
    return (
        f"Lease {held.lease} is void: its process stops that work when it sees so, and what it still reports "
        f"changes nothing. Its task {code(held.task)} {standing(draft, held.project, held.task)}; the "
        "attempt does not count."
    )
