"""What workers say, fenced by the lease: claims, reports, publications."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.effects import GenesisDone
from bot.domain.events import WorkClaimed, WorkPublished, WorkReported
from bot.domain.models import Failure, Instance, Project, Stage, Task, TaskStatus
from bot.policies.attempts import end_attempt, release, void_dispatch
from bot.policies.lifecycle import finish_genesis


def holder(draft: Draft, task_id: str, lease: int) -> tuple[Instance, Project, Task] | None:
    """The worker that holds a lease, with its project and task; None where the lease is closed."""
    for worker in draft.instances.values():
        held = worker.assignment
        if held and held.lease == lease and held.task == task_id:
            project = draft.projects[held.project]
            task = project.task(task_id)
            return (worker, project, task) if task else None
    return None


def claim(draft: Draft, event: WorkClaimed) -> None:
    """The first run to claim a lease gets it; the same one again is fine, any other changes nothing."""
    if (found := holder(draft, event.task, event.lease)) is None:
        return
    worker, project, task = found
    held = worker.assignment
    if held is None or held.claimed_at is not None:
        return
    mine = held.model_copy(
        update={"claimed_at": draft.now, "run_id": event.run_id, "run_attempt": event.run_attempt}
    )
    draft.instances[worker.id] = worker.model_copy(update={"assignment": mine, "last_heartbeat": draft.now})
    draft.put_task(
        project.id, task.model_copy(update={"status": TaskStatus.RUNNING, "started_at": draft.now})
    )
    void_dispatch(draft, event.lease)


def report(draft: Draft, event: WorkReported) -> None:
    """Accept a report of the lease's claimant; with an old lease or from another run it changes nothing."""
    if (found := holder(draft, event.task, event.lease)) is None:
        return
    worker, project, task = found
    held = worker.assignment
    if held is None or held.run_id != event.run_id or task.status is not TaskStatus.RUNNING:
        return
    if event.ok and event.genesis is not None and project.stage is Stage.GENESIS:
        draft.instances[worker.id] = worker.model_copy(update={"last_heartbeat": draft.now})
        draft.put_task(project.id, task.model_copy(update={"status": TaskStatus.PUBLISHING}))
        draft.genesis[project.id] = event.genesis
        return
    end_attempt(draft, worker, project, task, _failure(draft, event, worker, task), cause=event.id)


def publish(draft: Draft, event: WorkPublished) -> None:
    """What was reported exists outside: the task is done."""
    if (found := holder(draft, event.task, event.lease)) is None:
        return
    worker, project, task = found
    if task.status is not TaskStatus.PUBLISHING:
        return
    release(draft, worker, task, ok=True)
    finish_genesis(draft, project, task, event.genesis)
    draft.notices.append((event.id, GenesisDone(project=project.id)))


def _failure(draft: Draft, event: WorkReported, worker: Instance, task: Task) -> Failure:
    summary = event.summary or "the worker reported success without an output"
    return Failure(
        at=draft.now,
        attempt=task.attempt,
        worker=worker.id,
        lease=event.lease,
        summary=summary,
        command=event.command,
        exit_code=event.exit_code,
        output=event.output,
        run_url=event.run_url,
    )
