"""A project's way through its stages."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import (
    Project,
    ProjectStatus,
    QueueName,
    Stage,
    Task,
    TaskStatus,
    Workflow,
)
from bot.domain.outputs import GenesisOutput


def begin(draft: Draft, project: Project) -> None:
    """Take a new project in: its Genesis task is queued."""
    task = Task(
        id=f"{project.id}.genesis",
        workflow=Workflow.GENESIS,
        specialty=project.size.value,
        size=project.size,
        created_at=draft.now,
    )
    draft.put(project.model_copy(update={"tasks": (task,)}))
    queue_task(draft, project.id, task)
    draft.labels_due(project.id)


def queue_task(draft: Draft, project_id: str, task: Task) -> None:
    """Put a task whose dependencies are done into its workflow's queue."""
    queued = task.model_copy(update={"status": TaskStatus.QUEUED, "queued_at": draft.now})
    draft.put_task(project_id, queued)
    draft.enqueue(QueueName(task.workflow.value), draft.projects[project_id], queued)


def finish_genesis(draft: Draft, project: Project, task: Task, output: GenesisOutput) -> None:
    """Genesis is complete: keep what it hands on and move the project to the next stage."""
    done = task.model_copy(update={"status": TaskStatus.DONE, "finished_at": draft.now, "error": None})
    draft.genesis[project.id] = output
    draft.put(
        project.with_task(done).model_copy(
            update={
                "stage": Stage.DEVELOPMENT,
                "repository": output.repository,
                "repository_url": output.repository_url,
            }
        )
    )


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
    if project.status in (ProjectStatus.STOPPED, ProjectStatus.FAILED):
        return project.status
    if project.stage is Stage.COMPLETE:
        return ProjectStatus.COMPLETE
    if any(task.status is TaskStatus.REVIEW for task in project.tasks):
        return ProjectStatus.REVIEW
    if any(task.status.held for task in project.tasks):
        return ProjectStatus.ACTIVE
    return ProjectStatus.QUEUED
