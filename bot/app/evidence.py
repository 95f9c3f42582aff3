"""What of the outbox is seen done: by what the lists show anyway, else by a look once it is overdue."""

from __future__ import annotations

import logging
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import timedelta

from bot.app.deliver import Delivery
from bot.app.process import App
from bot.app.projections import is_pinned, look
from bot.app.sweep import CommentSweep, IssueSweep
from bot.domain.effects import (
    Cancel,
    CloseIssue,
    Dispatch,
    FileIssue,
    Labels,
    OpenIssue,
    OutboxEntry,
    Progress,
    React,
    ShowAlert,
    StartProcess,
    Status,
)
from bot.domain.errors import Forbidden, NotFound, Rejected
from bot.domain.events import IssueFiled, IssueOpened, Posted
from bot.domain.state import State
from bot.policies.observing import is_overdue, pause
from bot.render import labels

log = logging.getLogger("orchestrator")
UNSEEN = timedelta(minutes=10)
"""So long the pinned issue may be written again and again before it is looked at."""


@dataclass(slots=True)
class Evidence:
    """What a look tells of the outbox."""

    delivered: list[str] = field(default_factory=list)
    opened: list[IssueOpened] = field(default_factory=list)
    filed: list[IssueFiled] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)
    """What was looked for, is not there, and is to be delivered again now."""


def evidence(
    app: App, state: State, comments: CommentSweep, issues: IssueSweep, delivery: Delivery
) -> Evidence:
    """Look for each entry of the outbox."""
    found = Evidence()
    grace = timedelta(seconds=state.config.delivery.grace_seconds)
    for entry in state.outbox.entries:
        late = app.now() - entry.claimed_at >= grace
        if isinstance(entry.effect, Progress):  # of which there may be many, each look at one a request
            due = app.now() - entry.claimed_at >= pause(state.config.delivery, entry)
            _shown(found, entry, comments, issues, delivery, late=due)
        elif isinstance(entry.effect, Status):
            unseen = app.now() - entry.asked_at >= UNSEEN
            _shown(found, entry, comments, issues, delivery, late=late or unseen)
        elif entry.id in comments.markers:
            found.delivered.append(entry.id)
            posted = delivery.projections.posted(entry, comments.markers[entry.id])
            found.posted += [posted] if posted else []
        elif isinstance(entry.effect, OpenIssue) and (number := delivery.opened(entry.effect.project)):
            found.opened.append(IssueOpened(project=entry.effect.project, issue=number))
        elif late and _is_seen_done(app, state, delivery, entry):
            found.delivered.append(entry.id)
        elif late:
            found.overdue.append(entry.id)
    overdue = {entry.id for entry in state.outbox.entries if is_overdue(state, entry, app.now())}
    found.overdue = [id_ for id_ in found.overdue if id_ in overdue]
    found.filed += _filed(state, delivery, overdue)
    return found


def newly_pinned(state: State, issues: IssueSweep) -> bool | None:
    """Whether the pinned issue is pinned, where that is not what is known."""
    status = state.showing.status
    if status is None:
        return None
    now = is_pinned(issues.listed, status.number, before=status.pinned)
    return now if now is not status.pinned else None


def _shown(
    found: Evidence,
    entry: OutboxEntry,
    comments: CommentSweep,
    issues: IssueSweep,
    delivery: Delivery,
    *,
    late: bool,
) -> None:
    """A text that is kept up to date: the list of comments shows most of them, a look the others."""
    projections = delivery.projections
    if isinstance(entry.effect, Status) and projections.place(entry) is None:
        seen = projections.filed(entry, issues.listed, late=late)
        found.filed += [seen] if seen else []
        found.overdue += [entry.id] if late and not seen else []
    elif projections.is_shown(entry, comments.digests):
        found.delivered.append(entry.id)
    elif late:
        written = look(projections, entry)
        place = found.gone if written is None else found.delivered if written else found.overdue
        place.append(entry.id)


def _filed(state: State, delivery: Delivery, due: Container[str]) -> list[IssueFiled]:
    """Evidence of the issues of alerts and incidents; without their labels they are looked for when due."""
    pending = [
        (one.id in due, one.effect) for one in state.outbox.entries if isinstance(one.effect, FileIssue)
    ]
    late = {effect.about for is_due, effect in pending if is_due}
    found = delivery.filed([effect for _, effect in pending], late) if pending else {}
    return [IssueFiled(about=about, issue=issue) for about, issue in sorted(found.items())]


def _is_seen_done(app: App, state: State, delivery: Delivery, entry: OutboxEntry) -> bool:
    """The same where GitHub may turn the look away: one entry keeps nothing else waiting."""
    try:
        return _seen_done(app, state, delivery, entry)
    except NotFound as error:
        log.warning("%s was looked for in vain: %s", entry.id, error)
        return isinstance(entry.effect, Labels)  # somebody deleted the issue: nothing is left to be labelled
    except (Forbidden, Rejected) as error:
        log.warning("%s was not looked for: %s", entry.id, error)
        return False


def _seen_done(app: App, state: State, delivery: Delivery, entry: OutboxEntry) -> bool:
    """Look at GitHub for the evidence of one overdue entry."""
    match entry.effect:
        case Dispatch() as dispatch:
            return delivery.dispatched(dispatch, entry.asked_at)
        case StartProcess() as start:
            return delivery.starting(start, entry.asked_at)
        case Cancel() as cancel:
            return not delivery.unfinished(cancel, entry.asked_at)
        case CloseIssue() as done:
            return delivery.closed(done)
        case ShowAlert() as shown:
            return delivery.shows(shown)
        case Labels(project=id_):
            project = state.projects[id_]
            if project.issue is None:
                return False
            return labels.difference(project, app.forge.issue(project.issue).labels) == ((), ())
        case React():
            return True  # a courtesy: nobody waits for it, and GitHub shows no evidence of it
        case _:
            return False
