"""What a person decides about work: try it again, or drop it."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus
from bot.policies.projects.stopping import put_back
from bot.policies.working.attempts import take_back


def retry(draft: Draft, project: Project, task: Task, by: str) -> None:
    """Take a task out of review: its attempts start anew, the workers that failed it stay last.

    A complete project is in Content again until what was dropped of it is done. What people thought of a
    completion that did not last is no figure any more: the next one is told in a comment of its own.
    """
    if project.stage is Stage.COMPLETE:
        again = {"stage": Stage.CONTENT, "completed_at": None, "delivery": None}
        draft.put(project.model_copy(update=again))
    _again(draft, project, task)
    draft.note("retried", project=project.id, task=task.id, by=by)


def _wait_for(draft: Draft, project: Project, needed: Task) -> None:
    """What could begin because ``needed`` was dropped waits for it again."""
    for task in draft.projects[project.id].tasks:
        if needed.id not in task.depends_on or not (task.status.held or task.status is TaskStatus.QUEUED):
            continue
        worker = draft.instances.get(task.worker or "")
        if task.status.held and worker is not None:
            take_back(draft, worker, f"retry-{needed.id}-{int(draft.now.timestamp())}")
        draft.queue(QueueName(task.workflow.value)).pop(task.id, None)
        known = draft.projects[project.id].task(task.id) or task
        waits = {"status": TaskStatus.WAITING, "reserved": None, "worker": None}
        draft.put_task(project.id, known.model_copy(update=waits))


def _again(draft: Draft, project: Project, task: Task) -> None:
    _wait_for(draft, project, task)
    draft.queue(QueueName.REVIEW).pop(task.id, None)
    again = task.model_copy(
        update={
            "attempt": 0,
            "finished_at": None,
            "not_before": None,
            "queued_at": draft.now,
            "discarded": False,
            "status": TaskStatus.STOPPED,
        }
    )
    draft.put_task(project.id, again)
    if draft.projects[project.id].stop is None:
        put_back(draft, project.id, again)


def revive(draft: Draft, project: Project, by: str) -> None:
    """A project that was dropped lives again, with everything that was dropped with it."""
    draft.put(project.model_copy(update={"status": ProjectStatus.QUEUED}))
    dropped = [task for task in project.tasks if task.discarded]
    for task in dropped:
        draft.put_task(project.id, task.model_copy(update={"discarded": False, "finished_at": None}))
    for task in dropped:
        _again(draft, project, draft.projects[project.id].task(task.id) or task)
    draft.note("retried", project=project.id, by=by, detail=_with(len(dropped), "dropped"))


def chain(project: Project, task: Task) -> tuple[Task, ...]:
    """A task and what only follows from it: the later steps of the same item."""
    found = [task]
    for other in project.tasks:
        same = task.item and (other.item, other.workflow) == (task.item, task.workflow)
        if same and any(one.id in other.depends_on for one in found) and other not in found:
            found.append(other)
    return tuple(one for one in found if not one.over)


def discard(draft: Draft, project: Project, tasks: tuple[Task, ...], by: str, cause: str) -> None:
    """Drop tasks: a held one is taken back, a waiting one leaves its queue, nothing waits for them."""
    _drop(draft, project, tasks, cause)
    for task in tasks:
        draft.note("discarded", project=project.id, task=task.id, by=by)


def _drop(draft: Draft, project: Project, tasks: tuple[Task, ...], cause: str) -> None:
    for task in tasks:
        worker = draft.instances.get(task.worker or "")
        if task.status.held and worker is not None:
            take_back(draft, worker, cause)
        for name in QueueName:
            draft.queue(name).pop(task.id, None)
        known = draft.projects[project.id].task(task.id) or task
        dropped = {
            "status": TaskStatus.STOPPED,
            "discarded": True,
            "worker": None,
            "front": False,
            "reserved": None,
            "not_before": None,
            "finished_at": draft.now,
        }
        draft.put_task(project.id, known.model_copy(update=dropped))


def discard_project(draft: Draft, project: Project, by: str, cause: str) -> None:
    """Drop everything that is open of a project: it has failed. One line of the journal tells of it."""
    open_tasks = tuple(task for task in project.tasks if not task.over)
    _drop(draft, project, open_tasks, cause)
    draft.note("discarded", project=project.id, by=by, detail=_with(len(open_tasks), "open"))
    over = {"status": ProjectStatus.FAILED, "stop": None, "closing": None}
    draft.put(draft.projects[project.id].model_copy(update=over))


def _with(tasks: int, kind: str) -> str:
    return f"with {tasks} {kind} task{'' if tasks == 1 else 's'}"
