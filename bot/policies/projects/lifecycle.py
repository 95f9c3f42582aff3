"""A project's way through its stages."""

from __future__ import annotations

from datetime import datetime

from bot.domain.draft import Draft
from bot.domain.effects import Completed
from bot.domain.models import Project, Task
from bot.domain.outputs import Priority
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus
from bot.policies.projects.gates import may_enter, settle_idea
from bot.policies.projects.planning import plan_content, plan_development, plan_genesis
from bot.policies.projects.stopping import ready, stop_project


def begin(draft: Draft, project: Project) -> None:
    """Take a new project in: its tasks, if it has none its Genesis task, wait for settling to queue them."""
    made = project.id in draft.genesis
    tasks = project.tasks or (() if made else plan_genesis(project, draft.now))
    draft.put(project.model_copy(update={"tasks": tasks}))
    draft.note("taken-in", project=project.id, by=project.requester)
    draft.labels_due(project.id)
    if not made:
        may_enter(draft, draft.projects[project.id], Stage.GENESIS)
    if (halt := draft.controls.halted) is not None:
        stop_project(
            draft,
            draft.projects[project.id],
            at=draft.now,
            by=halt.by,
            cause=f"halt-{project.id}",
            why="halt",
        )


def queue_task(draft: Draft, project_id: str, task: Task) -> None:
    """Put a task whose dependencies are done into its workflow's queue."""
    queued = task.model_copy(update={"queued_at": draft.now}).queued(draft.now)
    draft.put_task(project_id, queued)
    draft.enqueue(QueueName(task.workflow.value), draft.projects[project_id], queued)


def reprioritise(draft: Draft, project: Project, level: Priority, by: str, at: datetime) -> None:
    """Give a project another priority: every queue that holds it is put in order, its label follows.

    ``at`` is when the person asked for it, which may be long before it is settled.
    """
    draft.put(project.model_copy(update={"priority": level, "prioritised_at": at}))
    changed = draft.projects[project.id]
    for name in QueueName:
        queue = draft.queue(name)
        for task in project.tasks:
            if (item := queue.get(task.id)) is not None:
                draft.enqueue(name, changed, task, item.error)
    draft.note("priority", project=project.id, by=by, detail=f"{project.priority} to {level}")
    draft.labels_due(project.id)


def finish(draft: Draft, project: Project, task: Task) -> None:
    """A task is done."""
    done = task.model_copy(update={"status": TaskStatus.DONE, "finished_at": draft.now, "error": None})
    draft.put(project.with_task(done))


def advance(draft: Draft) -> None:
    """Queue what has become ready, and move each changed project on as far as its outputs carry it."""
    for id_ in [
        id_
        for id_, project in draft.projects.items()
        if project is not draft.base.projects.get(id_) or project.gate is not None
    ]:
        if draft.projects[id_].stop or draft.projects[id_].status is ProjectStatus.FAILED:
            continue
        settle_idea(draft, draft.projects[id_])
        while _next_stage(draft, draft.projects[id_]):
            pass
        for task in draft.projects[id_].tasks:
            if task.status is TaskStatus.WAITING and ready(draft.projects[id_], task):
                queue_task(draft, id_, task)


def _next_stage(draft: Draft, project: Project) -> bool:
    """Auto-dispatch (specification: "Auto-Dispatch Logic"): the next stage in the same commit."""
    match project.stage:
        case Stage.GENESIS if _scaffolded(draft, project) and may_enter(draft, project, Stage.DEVELOPMENT):
            tasks = plan_development(project, draft.genesis[project.id], draft.now)
            _enter(draft, project, Stage.DEVELOPMENT, tasks)
        case Stage.DEVELOPMENT if project.deployment_url and may_enter(draft, project, Stage.CONTENT):
            enter_content(draft, project)
        case Stage.CONTENT if all(task.over for task in project.tasks) and not unmerged(project):
            _enter(draft, project, Stage.COMPLETE, ())
            cause = f"complete-{project.id}-{int(draft.now.timestamp())}"  # it may be so a second time
            draft.notices.append((cause, Completed(project=project.id)))
        case _:
            return False
    return True


def unmerged(project: Project) -> bool:
    """Whether a pull request of it is still to be merged; one whose work was dropped is nobody's."""
    dropped = {task.key for task in project.tasks if task.discarded}
    return any(pull.open and pull.key not in dropped for pull in project.pulls)


def enter_content(draft: Draft, project: Project) -> None:
    """Content begins; development tasks that are open go on beside it."""
    _enter(draft, project, Stage.CONTENT, plan_content(project, draft.now))


def _scaffolded(draft: Draft, project: Project) -> bool:
    """Whether there is a repository to develop: of Genesis, or one that was there before."""
    return project.id in draft.genesis and all(task.over for task in project.tasks)


def _enter(draft: Draft, project: Project, stage: Stage, tasks: tuple[Task, ...]) -> None:
    completed = draft.now if stage is Stage.COMPLETE else None
    draft.put(
        project.model_copy(
            update={
                "stage": stage,
                "gate": None,
                "tasks": (*project.tasks, *tasks),
                "completed_at": completed,
            }
        )
    )
    draft.note("stage", project=project.id, detail=stage.value)


def settle_statuses(draft: Draft) -> None:
    """Derive each changed project's status from its tasks; a change makes its labels due."""
    for project in list(draft.projects.values()):
        before = draft.base.projects.get(project.id)
        if project is before:
            continue
        status = _status(project)
        if status is not project.status:
            draft.put(project.model_copy(update={"status": status}))
        if before and (before.stage, before.status, before.priority) != (
            project.stage,
            status,
            project.priority,
        ):
            draft.labels_due(project.id)


def _status(project: Project) -> ProjectStatus:
    if project.stop is not None:
        return ProjectStatus.STOPPED
    if project.status is ProjectStatus.FAILED:
        return project.status
    if project.stage is Stage.COMPLETE:
        return ProjectStatus.COMPLETE
    if any(task.status is TaskStatus.REVIEW for task in project.tasks):
        return ProjectStatus.REVIEW
    if any(task.status.held for task in project.tasks):
        return ProjectStatus.ACTIVE
    if project.gate is not None:
        return ProjectStatus.WAITING
    return ProjectStatus.QUEUED
