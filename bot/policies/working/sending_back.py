"""Work that was done and did not pass: back to the task that made it, with the reason as its context."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.effects import ToReview
from bot.domain.models import Failure, Project, Task
from bot.domain.vocabulary import QueueName, Stage, TaskStatus
from bot.policies.working.attempts import is_last, take_back


def worked_on(task: Task) -> bool:
    """Whether somebody has the task, or will have it without anything further."""
    return task.status.held or task.status in (TaskStatus.QUEUED, TaskStatus.REVIEW, TaskStatus.STOPPED)


def send_back(
    draft: Draft, project: Project, task: Task, failure: Failure, *, to_person: bool = False
) -> None:
    """A finished task's work was refused: it waits again, or for a person when its attempts are used up.

    What follows from it waits for it again. A project that is complete, or where the task is not done,
    is left alone. ``to_person``: no attempt could end differently.
    """
    if task.status is not TaskStatus.DONE or project.stage is Stage.COMPLETE:
        return
    final = to_person or is_last(draft.config.attempts, task.attempt)
    hold_followers(draft, project, task)
    changed = task.model_copy(
        update={
            "status": TaskStatus.REVIEW if final else TaskStatus.QUEUED,
            "error": failure,
            "worker": None,
            "queued_at": draft.now,
            "waiting_since": draft.now,
            "open_since": draft.now,
            "not_before": None,
            "front": not final,
            "finished_at": draft.now if final else None,
        }
    )
    draft.put_task(project.id, changed)
    draft.reworked(task)
    draft.note("sent-back", project=project.id, task=task.id, detail=failure.summary)
    queue = QueueName.REVIEW if final else QueueName(task.workflow.value)
    draft.enqueue(queue, draft.projects[project.id], changed, failure if final else None)
    if final:
        cause = f"sent-back-{task.id}-{int(draft.now.timestamp())}"
        draft.notices.append((cause, ToReview(project=project.id, task=task.id)))


def hold_followers(draft: Draft, project: Project, task: Task, *, done_too: bool = True) -> None:
    """What comes after a task waits for it again, with its attempts counted anew.

    One that somebody is at is taken back: it would be about what is changed now. ``done_too``: also what
    is done already.
    """
    for other in project.tasks:
        if task.id not in other.depends_on or other.discarded:
            continue
        if other.status is TaskStatus.DONE and not done_too:
            continue
        worker = draft.instances.get(other.worker or "")
        if other.status.held and worker is not None:
            take_back(draft, worker, f"sent-back-{task.id}-{int(draft.now.timestamp())}")
            other = draft.projects[project.id].task(other.id) or other
        draft.queue(QueueName(other.workflow.value)).pop(other.id, None)
        waits = {
            "status": TaskStatus.WAITING,
            "attempt": 0,
            "session": None,
            "finished_at": None,
            "front": False,
            "reserved": None,
            "not_before": None,
            "worker": None,
        }
        if other.status in (TaskStatus.DONE, TaskStatus.QUEUED, TaskStatus.WAITING):
            draft.put_task(project.id, other.model_copy(update=waits))
