"""A project is asked for: by a command, by a line of a list, by a label."""

from __future__ import annotations

from bot.commands.naming import project_id
from bot.domain.draft import Draft
from bot.domain.effects import OpenIssue
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.looked_up import IssueText
from bot.domain.labels import PRIORITY
from bot.domain.models import Project
from bot.domain.outputs import Priority, Size
from bot.policies.projects.lifecycle import begin

Asked = CommentCreated | IssueChanged
"""The event by which somebody asks for a project."""


def take_in(
    draft: Draft,
    asked: Asked,
    title: str,
    idea: str,
    *,
    written: IssueText | None = None,
    size: Size = Size.STANDARD,
    stack: str = "",
    region: str = "",
    priority: Priority | None = None,
) -> Project:
    """Make the project; the first one of an issue has it for its own, a further one gets another.

    ``written`` is the issue whose text is the idea, where it is one's: its author need not be who asks.
    """
    project = new_project(draft, asked, title, idea)
    project = project.model_copy(
        update={
            "size": size,
            "stack": stack,
            "region": region,
            "priority": priority or project.priority,
            **_author(asked, written),
        }
    )
    enter(draft, project, asked.id)
    return draft.projects[project.id]


def _author(asked: Asked, written: IssueText | None) -> dict[str, str]:
    """Whose words the idea is: a stranger's issue stays a stranger's, whoever dispatches on it."""
    if written is None or not written.author or written.author == asked.actor:
        return {}
    return {"idea_author": written.author, "idea_role": written.author_role or "none"}


def new_project(draft: Draft, asked: Asked, title: str, idea: str) -> Project:
    """A project with its id, not yet part of the draft; its own issue's label may say its priority."""
    shown = draft.showing.status
    occupied = any(project.issue == asked.issue for project in draft.projects.values())
    occupied = occupied or draft.archived.of_issue(asked.issue) is not None
    occupied = occupied or (shown is not None and shown.number == asked.issue)
    return Project(
        id=_unused(draft, title, asked.issue),
        title=title,
        idea=idea,
        issue=None if occupied else asked.issue,
        asked_on=asked.issue,
        requester=asked.actor,
        requester_role=asked.role,
        idea_author=asked.actor,
        idea_role=asked.role,
        priority=Priority.NORMAL if occupied else _labelled(asked),
        created_at=draft.now,
        updated_at=draft.now,
    )


def _unused(draft: Draft, title: str, issue: int) -> str:
    """An id that no project has or ever had.

    Of projects that the archive holds unlisted only the highest issue is known. On issues up to that one
    ids are numbered beyond all projects that ever were, which no id's number can have reached.
    """
    archived = draft.archived
    taken = {*draft.projects, *(one.id for one in archived.items)}
    first = len(draft.projects) + archived.count + 1 if issue <= archived.unlisted_to else 1
    return project_id(title, issue, taken, first)


def _labelled(asked: Asked) -> Priority:
    """The priority that somebody has labelled the issue with before it was a project's: the highest."""
    labels = asked.priorities if isinstance(asked, CommentCreated) else ()
    if isinstance(asked, IssueChanged) and asked.issue_text is not None:
        labels = asked.issue_text.priorities
    return next((level for level in Priority if f"{PRIORITY}{level}" in labels), Priority.NORMAL)


def enter(draft: Draft, project: Project, cause: str) -> None:
    """Take a project in, and have its own issue filed where it has none."""
    draft.made.setdefault(cause, []).append(project.id)
    begin(draft, project)
    if project.issue is None:
        draft.emit(cause, OpenIssue(project=project.id))
