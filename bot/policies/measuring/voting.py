"""Whose delivery is still voted on, and what the votes change: nothing but the figures."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.archive import Left
from bot.domain.draft import Draft
from bot.domain.events.observed import Observed
from bot.domain.models import Project
from bot.domain.state import State

MOST = 100
"""Deliveries of one look, the newest: as many as GitHub looks up at once."""
MISSED = 3
"""Looks in a row without it, after which a comment counts as deleted: one may fail for another reason."""


def counting(state: State, now: datetime) -> tuple[Project | Left, ...]:
    """The projects whose votes are to be looked at now, the latest first; none before the pause is over.

    A deleted comment gets no more votes, and must not take the place of one that may. What it had counts.
    """
    settings, last = state.config.feedback, state.showing.counted_at
    if last is not None and now - last < timedelta(minutes=settings.look_minutes):
        return ()
    since = now - timedelta(days=settings.days)
    found: list[tuple[datetime, str, Project | Left]] = [
        (project.completed_at, project.id, project)
        for project in state.projects.values()
        if project.delivery is not None
        and project.delivery.missed < MISSED
        and project.completed_at is not None
        and project.completed_at > since
    ]
    found += [
        (left.finished_at, left.id, left)
        for left in state.archived.items
        if left.delivery is not None and left.delivery.missed < MISSED and left.finished_at > since
    ]
    found.sort(key=lambda one: one[:2], reverse=True)
    return tuple(one for _, _, one in found[:MOST])


def take_in(draft: Draft, event: Observed) -> None:
    """Keep what was seen with the projects: it is no progress of theirs, so they count as untouched."""
    for vote in event.votes:
        project = draft.projects.get(vote.project) or draft.archived.find(vote.project)
        if project is None or project.delivery is None:
            continue
        if vote.missing:
            changes: dict[str, object] = {"missed": project.delivery.missed + 1}
        else:
            changes = {"up": vote.up, "down": vote.down, "looked_at": draft.now, "missed": 0}
            if vote.node:
                changes["node"] = vote.node
        delivery = project.delivery.model_copy(update=changes)
        if isinstance(project, Left):
            draft.archived = draft.archived.with_one(project.model_copy(update={"delivery": delivery}))
        else:
            draft.projects[project.id] = project.model_copy(update={"delivery": delivery})
    if event.counted:
        draft.showing = draft.showing.model_copy(update={"counted_at": draft.now})
