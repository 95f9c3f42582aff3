"""Everything that is left to do: the tasks that are there, and those that projects usually still get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from bot.domain.draft import Draft
from bot.domain.forecast import Blocked
from bot.domain.models import Project, Task
from bot.domain.outputs import Priority
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus, Workflow
from bot.policies.planning import CONTENT

GUESS = 4
"""Features of a project, assumed until some were planned."""
CHAIN = ("tests", "feature", "review")
"""The steps of an assumed feature."""


@dataclass(slots=True)
class Node:
    """One task of the simulation."""

    id: str
    project: str
    workflow: Workflow
    specialty: str
    priority: Priority
    needs: tuple[str, ...] = ()
    ready_at: datetime | None = None
    """When it was queued, or may start at the earliest."""
    queued_at: datetime | None = None
    front: bool = False
    worker: str = ""
    """Who is at it now."""
    assumed: bool = False
    then: list[str] = field(default_factory=list)
    """What waits for it."""


def typical_features(draft: Draft) -> tuple[int, int]:
    """(features of a usual project, planned projects that this rests on)."""
    counts = [
        len({task.item for task in project.tasks if task.workflow is Workflow.DEVELOPMENT and task.item})
        for project in draft.projects.values()
        if project.stage is not Stage.GENESIS
    ]
    planned = [count for count in counts if count]
    return (round(median(planned)), len(planned)) if planned else (GUESS, 0)


def blocked(draft: Draft, project: Project) -> tuple[Blocked, str] | None:
    """Why a project cannot be done as things stand, and the task or workflow in the way."""
    if project.stop is not None:
        return (Blocked.HALTED if draft.controls.halted else Blocked.STOPPED), project.id
    if project.gate is not None:
        return Blocked.APPROVAL, project.id
    review = next((task for task in project.tasks if task.status is TaskStatus.REVIEW), None)
    return (Blocked.REVIEW, review.id) if review else None


def nodes(draft: Draft, features: int) -> Iterator[Node]:
    """The tasks of every project that is under way, and what is assumed to follow them."""
    for project in draft.projects.values():
        if project.status in (ProjectStatus.COMPLETE, ProjectStatus.FAILED) or blocked(draft, project):
            continue
        known = [_known(project, task) for task in project.tasks if not task.over]
        yield from known
        yield from _assumed(project, [node.id for node in known], features)


def _known(project: Project, task: Task) -> Node:
    over = {other.id for other in project.tasks if other.over}
    return Node(
        id=task.id,
        project=project.id,
        workflow=task.workflow,
        specialty=task.specialty,
        priority=project.priority,
        needs=tuple(id_ for id_ in task.depends_on if id_ not in over),
        ready_at=task.not_before,
        queued_at=task.queued_at,
        front=task.front,
        worker=(task.worker or "") if task.status.held else "",
    )


def _assumed(project: Project, after: list[str], features: int) -> Iterator[Node]:
    """The stages to come: after Genesis the features, after them deployment, after that content."""
    last = tuple(after)
    if project.stage is Stage.GENESIS:
        ends: list[str] = []
        for number in range(1, features + 1):
            needs = last
            for step in CHAIN:
                node = _node(project, Workflow.DEVELOPMENT, f"feature {number}: {step}", step, needs)
                yield node
                needs = (node.id,)
            ends += needs
        deployment = _node(project, Workflow.DEVELOPMENT, "deployment", "deployment", tuple(ends) or last)
        yield deployment
        last = (deployment.id,)
    elif project.stage is Stage.DEVELOPMENT:
        own = f"{project.id}.deployment"
        last = (own,) if own in after else last
    if project.stage in (Stage.GENESIS, Stage.DEVELOPMENT):
        for specialty in CONTENT:
            yield _node(project, Workflow.CONTENT, specialty, specialty, last)


def _node(project: Project, workflow: Workflow, name: str, specialty: str, needs: tuple[str, ...]) -> Node:
    return Node(
        id=f"{project.id} ({name})",
        project=project.id,
        workflow=workflow,
        specialty=specialty,
        priority=project.priority,
        needs=needs,
        assumed=True,
    )
