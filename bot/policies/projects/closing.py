"""Planned issues whose work is done, where no merge of a pull request closes them."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.effects import CloseIssue
from bot.domain.models import Project, Task


def close_done(draft: Draft, project: Project, task: Task, cause: str) -> None:
    """Close the issue of a task that concerns the whole project: its work need not be a change of files.

    Not where a pull request of it is open: merging that closes the issue.
    """
    pull = project.pull(task.key)
    if pull is None or not pull.open:
        close_issue(draft, project, task.item, cause)


def close_issue(draft: Draft, project: Project, key: str, cause: str) -> None:
    """Ask for the closing of a planned issue, where there is one that was filed."""
    output = draft.genesis.get(project.id)
    issue = next((one for one in output.issues if one.key == key), None) if output else None
    if issue is not None and issue.number is not None and project.repository:
        closing = CloseIssue(project=project.id, key=key, repository=project.repository, number=issue.number)
        if all(entry.effect != closing for entry in draft.outbox):
            draft.emit(cause, closing)
