"""What each open task waits for: its dependencies, its queue, its expected start."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.outlook import Outlook, Start
from bot.domain.vocabulary import QueueName, TaskStatus, Workflow
from bot.policies.assigning.scheduling import expected_starts

AHEAD = 3
"""Tasks right before one that its outlook names."""


def unmet(project: Project, task: Task) -> tuple[Task, ...]:
    """The tasks that have to be over before this one, and are not."""
    needed = (project.task(id_) for id_ in task.depends_on)
    return tuple(one for one in needed if one is not None and not one.over)


class Outlooks:
    """Outlooks of one draft's tasks; each queue is played forward once."""

    def __init__(self, draft: Draft) -> None:
        """``draft`` must not be changed any more."""
        self._draft = draft
        self._starts: dict[Workflow, dict[str, Start]] = {}
        self._order: dict[Workflow, list[str]] = {}
        self._places: dict[str, int] = {}

    def _play(self, workflow: Workflow) -> None:
        if workflow not in self._starts:
            self._starts[workflow] = expected_starts(self._draft, workflow)
            order = [item.task for item in self._draft.ordered(QueueName(workflow.value))]
            self._order[workflow] = order
            self._places |= {task: place for place, task in enumerate(order, 1)}

    def of(self, project: Project, task: Task) -> Outlook:
        """What this task waits for."""
        if task.status is not TaskStatus.QUEUED:
            return Outlook(needs=unmet(project, task))
        self._play(task.workflow)
        place = self._places.get(task.id, 0)
        return Outlook(
            start=self._starts[task.workflow].get(task.id),
            place=place,
            ahead=tuple(self._order[task.workflow][max(0, place - 1 - AHEAD) : max(0, place - 1)]),
        )
