"""What becomes of a task's attempts: leases closed, failures counted, backoff, review."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from bot.domain.config import Attempts
from bot.domain.draft import Draft
from bot.domain.effects import Cancel, Dispatch, ToReview
from bot.domain.failures import Cause
from bot.domain.instances import Instance, Tally
from bot.domain.models import Failure, Project, Task
from bot.domain.outputs import Size
from bot.domain.records import Completion
from bot.domain.vocabulary import QueueName, TaskStatus, WorkerStatus
from bot.policies.guards import breaker
from bot.policies.guards.budgets import never_started, without_budget


def end_attempt(
    draft: Draft,
    worker: Instance,
    project: Project,
    task: Task,
    failure: Failure,
    *,
    cause: str,
    final: bool = False,
    at_once: bool = False,
) -> None:
    """An attempt failed: close its lease and count it; tell the thread when the task goes to review.

    ``cause`` is the id of the event or of the lease that the notice follows from; ``final`` spares
    the attempts that are left where another could not end differently; ``at_once``: the next attempt
    begins as soon as somebody is idle, ahead of others of its urgency.
    """
    release(draft, worker, task, ok=False, rework=failure.rework, lost=at_once, of=failure.cause)
    if not final:
        breaker.failed(draft, worker.id, task.id, failure)
    if (dear := without_budget(draft, project, task, failure)) is not None:
        failure, final = dear, True
    if fail(draft, project, task, failure, final=final, at_once=at_once):
        draft.notices.append((cause, ToReview(project=project.id, task=task.id)))


def fail_held(
    draft: Draft,
    worker: Instance,
    summary: str,
    of: Cause,
    *,
    cause: str,
    url: str = "",
    at_once: bool = False,
) -> None:
    """The attempt that a worker holds has failed without a report; ``summary`` says what was seen.

    ``of`` is what it counts under; ``cause`` and ``at_once`` are as of ``end_attempt``.
    """
    held = worker.assignment
    project = draft.projects[held.project] if held else None
    task = project.task(held.task) if project and held else None
    if project is None or task is None:
        return
    failure = Failure(
        at=draft.now,
        attempt=task.attempt,
        worker=worker.id,
        lease=task.lease or 0,
        summary=summary,
        cause=of,
        run_url=url,
    )
    end_attempt(draft, worker, project, task, failure, cause=cause, at_once=at_once)


def void_dispatch(draft: Draft, lease: int) -> None:
    """The run of this lease has come, or is no longer wanted: dispatch it no more."""
    draft.void(
        [
            entry.id
            for entry in draft.outbox
            if isinstance(entry.effect, Dispatch) and entry.effect.lease == lease
        ]
    )


def release(
    draft: Draft,
    worker: Instance,
    task: Task,
    *,
    ok: bool,
    rework: bool = False,
    lost: bool = False,
    of: Cause | None = None,
) -> None:
    """Close a worker's lease: it is idle again, and the attempt is on the record."""
    held = worker.assignment
    if held is None:
        return
    void_dispatch(draft, held.lease)
    free(draft, worker)
    tally = {"done": 1, "failed": 0} if ok else {"done": 0, "failed": 1}
    large = Tally(done=worker.large.done + tally["done"], failed=worker.large.failed + tally["failed"])
    draft.instances[worker.id] = draft.instances[worker.id].model_copy(
        update={
            "completed": worker.completed + tally["done"],
            "failed": worker.failed + tally["failed"],
            "large": large if task.size is Size.LARGE else worker.large,
        }
    )
    if ok:
        breaker.succeeded(draft, worker.id)
    note = {"project": held.project, "task": task.id, "worker": worker.id}
    draft.note("done" if ok else "failed", **note)
    draft.record(
        Completion(
            task=task.id,
            workflow=task.workflow,
            specialty=task.specialty,
            worker=worker.id,
            queued_at=task.waiting_since or task.queued_at or held.assigned_at,
            open_since=task.open_since,
            assigned_at=held.assigned_at,
            finished_at=draft.now,
            ok=ok,
            rework=rework,
            lost=lost,
            cause=of,
            spend=held.spend,
            used=held.used,
        )
    )


def free(draft: Draft, worker: Instance) -> None:
    """A worker has nothing to do any more: it is idle, or stopped where it was only finishing its task."""
    held = worker.assignment
    busy = max(0, int((draft.now - held.assigned_at).total_seconds())) if held else 0
    last = worker.status is WorkerStatus.DRAINING
    draft.instances[worker.id] = worker.model_copy(
        update={
            "status": WorkerStatus.STOPPED if last else WorkerStatus.IDLE,
            "assignment": None,
            "idle_since": None if last else draft.now,
            "busy_seconds": worker.busy_seconds + busy,
        }
    )


def take_back(draft: Draft, worker: Instance, cause: str) -> tuple[Project, Task] | None:
    """Void a worker's lease without counting the attempt: its run is cancelled, its task belongs to nobody.

    A process on a machine of its own has no run: it stops once it sees that it lost the lease.

    Returns the project and the task, whose status is ``waiting`` now: the caller says what becomes of
    it. None where the worker holds nothing. ``cause`` is the id of the event that asked for it.
    """
    held = worker.assignment
    if held is None:
        return None
    void_dispatch(draft, held.lease)
    never_started(draft, held)
    free(draft, worker)
    project = draft.projects[held.project]
    task = project.task(held.task)
    if task is None:
        return None
    cancel_run(draft, worker, cause)
    taken = task.model_copy(
        update={
            "status": TaskStatus.WAITING,
            "worker": None,
            "attempt": task.attempt - 1,
            "assigned_at": None,
            "started_at": None,
        }
    )
    draft.put_task(project.id, taken)
    return draft.projects[project.id], taken


def cancel_run(draft: Draft, worker: Instance, cause: str) -> None:
    """Ask for the end of the run that a worker's assignment has; a worker elsewhere has none."""
    held = worker.assignment
    if held is None or worker.kind == "external":
        return
    draft.emit(
        cause,
        Cancel(
            task=held.task,
            lease=held.lease,
            project=held.project,
            workflow=draft.config.worker_workflow,
            run_id=held.run_id,
        ),
    )


def requeue_first(draft: Draft, project: Project, task: Task) -> None:
    """Put a task that was taken back into its queue, ahead of others of its urgency."""
    again = task.model_copy(
        update={
            "status": TaskStatus.QUEUED,
            "front": True,
            "queued_at": task.queued_at or draft.now,
            "waiting_since": draft.now,
            "not_before": None,
        }
    )
    draft.put_task(project.id, again)
    draft.enqueue(QueueName(task.workflow.value), project, again)


def fail(
    draft: Draft,
    project: Project,
    task: Task,
    failure: Failure,
    *,
    final: bool = False,
    at_once: bool = False,
) -> bool:
    """Count a failed attempt: back into the queue, after a backoff unless ``at_once``, or into review.

    Returns whether the task went to review (pipeline: "any failed task → review queue").
    """
    final = final or is_last(draft.config.attempts, task.attempt)
    changed = task.model_copy(
        update={
            "status": TaskStatus.REVIEW if final else TaskStatus.QUEUED,
            "worker": None,
            "error": failure,
            "failed_on": tuple(dict.fromkeys((*task.failed_on, failure.worker))),
            "queued_at": draft.now,
            "waiting_since": draft.now,
            "open_since": draft.now,
            "not_before": None
            if final or at_once
            else draft.now + backoff(draft.config.attempts, task.id, task.attempt),
            "front": at_once and not final,
            "finished_at": draft.now if final else None,
        }
    )
    draft.put_task(project.id, changed)
    if final:
        draft.enqueue(QueueName.REVIEW, project, changed, failure)
        draft.note("review", project=project.id, task=task.id, worker=failure.worker, detail=failure.summary)
    else:
        draft.enqueue(QueueName(task.workflow.value), project, changed)
    return final


def is_last(settings: Attempts, attempt: int) -> bool:
    """Whether no attempt follows this one, if it fails."""
    return attempt >= settings.limit


def backoff(settings: Attempts, task_id: str, attempt: int) -> timedelta:
    """Doubles with each attempt; the jitter of up to a quarter comes from the task's id."""
    base = settings.backoff_seconds * 2 ** (attempt - 1)
    digest = sha256(f"{task_id}#{attempt}".encode()).digest()
    return timedelta(seconds=round(base * (1 + digest[0] / 255 / 4)))
