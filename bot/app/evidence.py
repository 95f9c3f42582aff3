"""What of the outbox is seen done: by what the lists show anyway, else by a look once it is overdue."""

from __future__ import annotations

import logging
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from bot.app.alert_issues import AlertIssues
from bot.app.careful import Looks
from bot.app.deliver import Delivery
from bot.app.process import App, Result
from bot.app.projections import Projections, is_pinned, look
from bot.app.sweep import CommentSweep, IssueSweep
from bot.domain.effects import (
    Cancel,
    CloseIssue,
    Dispatch,
    FileIssue,
    Labels,
    Notify,
    OpenIssue,
    OutboxEntry,
    Progress,
    React,
    ShowAlert,
    StartProcess,
    Status,
)
from bot.domain.errors import Forbidden, NotFound, Rejected
from bot.domain.events.observed import IssueFiled, IssueOpened, Observed, Posted
from bot.domain.quota import Purpose
from bot.domain.state import State
from bot.policies.outside.observing import is_overdue, pause
from bot.policies.outside.requesting import purpose_of, shed_by
from bot.render import labels

log = logging.getLogger("orchestrator")
ADDRESSED = timedelta(hours=2)
"""So long a run that knows no address outside leaves messages to others: twice the slowest monitor's pace."""
UNSEEN = timedelta(minutes=10)
"""So long a text may be written again and again without being seen, before it is looked at."""


@dataclass(slots=True)
class Evidence:
    """What a look tells of the outbox."""

    delivered: list[str] = field(default_factory=list)
    opened: list[IssueOpened] = field(default_factory=list)
    filed: list[IssueFiled] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    issues_gone: list[int] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)
    """What was looked for, is not there, and is to be delivered again now."""


def evidence(
    app: App,
    state: State,
    comments: CommentSweep,
    issues: IssueSweep,
    delivery: Delivery,
    looks: Looks,
) -> Evidence:
    """Look for each entry of the outbox; what cannot be looked for is told neither way."""
    found = Evidence()
    due = {entry.id for entry in state.outbox.entries if is_overdue(state, entry, app.now())}
    filed = looks.at("the issues of alerts", Purpose.ALERTS, partial(_filed, state, delivery, due), None)
    found.filed += filed or []
    waiting = delivery.waiting() | shed_by(state.showing.shed)
    for entry in state.outbox.entries:
        if not _is_listed(found, entry, comments, delivery):
            passed_by = purpose_of(entry.effect) in waiting or (
                filed is None and isinstance(entry.effect, FileIssue)
            )
            if not passed_by and not _is_others(app, entry):
                late = _is_late(app, state, entry)
                one = partial(_look_for, found, app, state, entry, issues, delivery, late=late)
                looks.at(entry.id, Purpose.EVIDENCE, one, None)
    found.overdue = [id_ for id_ in found.overdue if id_ in due]
    return found


def _is_others(app: App, entry: OutboxEntry) -> bool:
    """Whether it is left to the runs that know the addresses outside, for as long as there may be one."""
    return (
        isinstance(entry.effect, Notify) and app.notifier is None and app.now() - entry.asked_at < ADDRESSED
    )


def _is_listed(found: Evidence, entry: OutboxEntry, comments: CommentSweep, delivery: Delivery) -> bool:
    """Whether the list of comments shows it done (no request)."""
    projections = delivery.projections
    if isinstance(entry.effect, Progress | Status):
        shown = projections.is_shown(entry, comments.digests)
    elif shown := entry.id in comments.markers:
        posted = projections.posted(entry, comments.markers[entry.id])
        found.posted += [posted] if posted else []
    found.delivered += [entry.id] if shown else []
    return shown


def _is_late(app: App, state: State, entry: OutboxEntry) -> bool:
    """Whether it is looked for by itself. Of progress there may be much, each look at one a request."""
    grace = timedelta(seconds=state.config.delivery.grace_seconds)
    since = app.now() - entry.claimed_at
    unseen = app.now() - entry.asked_at >= UNSEEN
    match entry.effect:
        case Progress():
            return since >= pause(state.config.delivery, entry) or (unseen and entry.attempt == 1)
        case Status():
            return since >= grace or unseen
        case _:
            return since >= grace


def _look_for(
    found: Evidence,
    app: App,
    state: State,
    entry: OutboxEntry,
    issues: IssueSweep,
    delivery: Delivery,
    *,
    late: bool,
) -> None:
    """Put one entry where it belongs, after what GitHub shows of it. Raises ForgeErrors before that."""
    if isinstance(entry.effect, Progress | Status):
        _shown(found, entry, issues, delivery, late=late)
    elif isinstance(entry.effect, OpenIssue) and (number := delivery.traces.opened(entry.effect.project)):
        found.opened.append(IssueOpened(project=entry.effect.project, issue=number))
    elif late and isinstance(entry.effect, ShowAlert):
        _alert_shown(found, entry.id, entry.effect, delivery.alert_issues)
    elif late:
        place = found.delivered if _is_seen_done(app, state, delivery, entry) else found.overdue
        place.append(entry.id)


def write_off_missed(app: App, result: Result, observer: str) -> Result:
    """Record what is gone of what a delivery has not found: nobody writes there again."""
    missed = [one for one in result.state.outbox.entries if one.id in result.missed]
    texts = [one for one in missed if isinstance(one.effect, Progress | Status)]
    alerts = AlertIssues(app.forge, result.state)
    issues = sorted({number for one in missed if (number := alerts.of(one.effect)) is not None})
    if not texts and not issues:
        return result
    projections, looks = Projections(app.forge, result.state), Looks(app.meter)
    unknown: bool | None = False
    gone = tuple(
        one.id
        for one in texts
        if looks.at(one.id, Purpose.EVIDENCE, partial(look, projections, one), unknown) is None
    )
    issues_gone = tuple(
        one
        for one in issues
        if looks.at(f"issue #{one}", Purpose.EVIDENCE, partial(alerts.is_gone, one), False)
    )
    if not gone and not issues_gone:
        return result
    seen = Observed(observer=f"{observer}-gone", at=app.now(), gone=gone, issues_gone=issues_gone)
    noted = app.process([seen])
    noted.undelivered += result.undelivered
    return noted


def newly_pinned(state: State, issues: IssueSweep) -> bool | None:
    """Whether the pinned issue is pinned, where that is not what is known."""
    status = state.showing.status
    if status is None:
        return None
    now = is_pinned(issues.listed, status.number, before=status.pinned)
    return now if now is not status.pinned else None


def _shown(
    found: Evidence, entry: OutboxEntry, issues: IssueSweep, delivery: Delivery, *, late: bool
) -> None:
    """A text that is kept up to date and that no list has shown."""
    projections = delivery.projections
    if isinstance(entry.effect, Status) and projections.place(entry) is None:
        seen = projections.filed(entry, issues.listed, late=late)
        found.filed += [seen] if seen else []
        found.overdue += [entry.id] if late and not seen else []
    elif late:
        written = look(projections, entry)
        place = found.gone if written is None else found.delivered if written else found.overdue
        place.append(entry.id)


def _alert_shown(found: Evidence, id_: str, shown: ShowAlert, issues: AlertIssues) -> None:
    """An alert's issue, by a look at it; one that is gone is told of as such."""
    try:
        said = issues.shows(shown)
    except (Forbidden, Rejected) as error:
        log.warning("%s was not looked for: %s", id_, error)
        said = False
    number = issues.number(shown)
    if said is None and number is not None:
        found.issues_gone.append(number)
    else:
        (found.delivered if said else found.overdue).append(id_)


def _filed(state: State, delivery: Delivery, due: Container[str]) -> list[IssueFiled]:
    """Evidence of the issues of alerts and incidents; without their labels they are looked for when due."""
    pending = [
        (one.id in due, one.effect) for one in state.outbox.entries if isinstance(one.effect, FileIssue)
    ]
    late = {effect.about for is_due, effect in pending if is_due}
    found = delivery.traces.filed([effect for _, effect in pending], late) if pending else {}
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
            return delivery.traces.dispatched(dispatch, entry.asked_at)
        case StartProcess() as start:
            return delivery.traces.starting(start, entry.asked_at)
        case Cancel() as cancel:
            return not delivery.traces.unfinished(cancel, entry.asked_at)
        case CloseIssue() as done:
            return delivery.traces.closed(done)
        case Labels(project=id_):
            project = state.projects[id_]
            if project.issue is None:
                return False
            return labels.difference(project, app.forge.issue(project.issue).labels) == ((), ())
        case React():
            return True  # a courtesy: nobody waits for it, and GitHub shows no evidence of it
        case _:
            return False
