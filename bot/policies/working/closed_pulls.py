"""Pull requests that somebody closes without merging, and opens again."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import Project
from bot.domain.pulls import Pull
from bot.domain.vocabulary import QueueName, TaskStatus
from bot.policies.working.pull_tasks import author, failure, steps
from bot.policies.working.sending_back import send_back


def closed(draft: Draft, project: Project, pull: Pull) -> None:
    """Somebody closed it without merging: a person decides what becomes of the work."""
    task = author(project, pull.key)
    if task is not None and project.going:
        why = failure(draft, task, closed_summary(pull), pull.facts.url)
        send_back(draft, project, task, why, to_person=True)


def may_come_back(project: Project, pull: Pull) -> bool:
    """Whether it was closed without being merged, and nothing has become of its work since."""
    task = author(project, pull.key)
    if task is None or task.status is not TaskStatus.REVIEW or task.error is None:
        return False
    return pull.facts.state == "closed" and task.error.summary == closed_summary(pull)


def reopened(draft: Draft, project: Project, before: Pull, pull: Pull) -> None:
    """Somebody opened it again: its work counts as done as before, and so does a review of that head."""
    draft.note("pull-request", project=project.id, detail=f"#{pull.facts.number} was opened again")
    task = author(project, pull.key)
    if task is None or not may_come_back(project, before):
        return
    draft.queue(QueueName.REVIEW).pop(task.id, None)
    again = [task]
    if pull.approved == pull.facts.head:
        reviews = [one for one in steps(project, pull.key) if one.specialty == "review"]
        again += [one for one in reviews if one.status is TaskStatus.WAITING]
    done = {"status": TaskStatus.DONE, "finished_at": draft.now, "error": None}
    for one in again:
        draft.put_task(project.id, one.model_copy(update=done))


def closed_summary(pull: Pull) -> str:
    """Of the failure that such a task waits with."""
    return f"pull request #{pull.facts.number} was closed without being merged"
