"""Which tasks a pull request is the work of, and how what stands in its way is put down with them."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.failures import Cause
from bot.domain.models import Failure, Project, Task
from bot.domain.vocabulary import Workflow


def steps(project: Project, key: str) -> tuple[Task, ...]:
    """The tasks of one item."""
    return tuple(task for task in project.tasks if task.key == key and task.workflow is not Workflow.GENESIS)


def author(project: Project, key: str) -> Task | None:
    """The task that its files come from, and that mends them: the feature's, else the only one."""
    found = [task for task in steps(project, key) if task.specialty not in ("tests", "review")]
    return found[0] if found else None


def failure(draft: Draft, task: Task, summary: str, url: str, output: str = "") -> Failure:
    """That its finished work did not pass, for the task that made it."""
    return Failure(
        at=draft.now,
        attempt=max(task.attempt, 1),
        worker=task.worker or "nobody",
        lease=task.lease or 0,
        summary=summary,
        rework=True,
        cause=Cause.GATE,
        output=output[-4_000:],
        run_url=url,
    )
