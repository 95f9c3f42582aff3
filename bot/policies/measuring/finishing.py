"""What is finished, and when: once for each completion that lasted, whoever counts it.

A project that is opened again, and work that is sent back, is not finished any more; done again, it counts
then, and only then. So what counts is what the state says now, never what has happened on the way: a review
that asked for changes finished nothing, a feature that was approved twice is one, and one that a person has
merged counts without a review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.models import Project, Task
from bot.domain.outputs import ContentOutput
from bot.domain.vocabulary import TaskStatus, Workflow

APPROVED = "review"
"""The specialty whose end means that a feature is finished: every plan ends a feature with it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What was finished at one moment."""

    at: datetime
    workflow: Workflow | None
    """None: a project as a whole."""
    count: int
    """Of what the workflow's target counts: projects scaffolded, features, pieces of content."""


def finished(project: Project, content: Mapping[str, ContentOutput]) -> Iterator[Finished]:
    """Everything of a project that is finished as things stand; ``content``: what Content has handed on."""
    if project.completed_at is not None:
        yield Finished(project.completed_at, None, 1)
    for task in project.tasks:
        done = task.status is TaskStatus.DONE
        if done and task.finished_at is not None and (count := _units(task, content.get(project.id))):
            yield Finished(task.finished_at, task.workflow, count)


def _units(task: Task, content: ContentOutput | None) -> int:
    """How much a task adds to what its workflow's target counts."""
    match task.workflow:
        case Workflow.GENESIS:
            return 1
        case Workflow.DEVELOPMENT:
            return int(task.specialty == APPROVED)
        case Workflow.CONTENT:
            return sum(piece.specialty == task.specialty for piece in content.pieces) if content else 0
