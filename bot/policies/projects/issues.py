"""What people do to a project's issue besides commenting: closing and reopening it."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.effects import Closed
from bot.domain.events.asked import IssueChanged
from bot.domain.models import Project
from bot.domain.stops import Closing
from bot.policies.projects.stopping import stop_project


def close_later(draft: Draft, project: Project, event: IssueChanged) -> None:
    """The project stops after a while, unless somebody reopens its issue or says otherwise."""
    due = draft.now + timedelta(minutes=draft.config.issues.close_minutes)
    closing = Closing(at=event.at, by=event.actor, cause=event.id, due=due)
    draft.put(project.model_copy(update={"closing": closing}))


def stop_closed(draft: Draft) -> None:
    """Stop each project whose question in the thread was not answered in time."""
    for project in list(draft.projects.values()):
        closing = project.closing
        if closing is None or closing.due > draft.now:
            continue
        stop_project(draft, project, at=closing.at, by=closing.by, cause=closing.cause, why="closed")
        draft.notices.append((f"closed-{closing.cause}", Closed(project=project.id)))
