"""The event that started an Actions run, settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.app.evidence import write_off_missed
from bot.app.facts import accounts, commands_us, comment_event, issue_text, only_strangers
from bot.app.issue_events import is_foreign_bot, is_meant
from bot.app.process import App, Result
from bot.app.sweep import IssueSweep, sweep_issues
from bot.app.tick import new_account, tick
from bot.decide import MOST_EVENTS
from bot.domain.events.observed import Observed
from bot.domain.quota import Purpose
from bot.domain.state import State
from bot.ports.facts import CommentFacts, IssueEventFacts, IssueFacts, IssueWoken
from bot.ports.store import Look

MOMENT = 2.0
"""Seconds that GitHub's list of issue events is given to show what the webhook has told already."""

NEARLY = timedelta(seconds=10)
"""How far an issue's last change and the event that made it may lie apart."""


def handle_comment(app: App, look: Look, comment: CommentFacts, issue: IssueFacts, observer: str) -> Result:
    """Settle a comment that was just created, then sweep if nobody has for long.

    ``issue`` is what the payload tells of its issue: no request is made for that.
    """
    event = comment_event(comment)
    own = replace(
        app,
        texts={event.id: issue_text(issue)},
        known_labels={issue.number: issue.labels},
    )
    state = own.load(look)
    if not commands_us(comment, state):
        return Result(state)
    result = own.process([event], look, leave_strangers=True)
    result = write_off_missed(own, result, observer)
    cursor, limit = result.state.ledger.cursor, result.state.config.sweep.stale_minutes
    if result.committed and cursor and app.now() - cursor > timedelta(minutes=limit):
        tick(app, observer)
    return result


def handle_issue(app: App, look: Look, woken: IssueWoken, observer: str) -> Result:
    """Settle what people did to issues, after one of them woke this run.

    What happened is read from the issue events: a payload has no stable id. 1 request for the list, 1
    for whose token this is, 1 for each role; none where the payload cannot concern the bot.
    """
    state = app.load(look)
    if not _wakes(woken, state):
        return Result(state)
    with app.meter.on(Purpose.COMMANDS):
        seen = _look_twice(app, state, woken)
        changes = app.facts.resolve_changes(seen.changes, state, seen.texts)[: MOST_EVENTS - 1]
    if only_strangers(changes, state.config):
        return Result(state)  # a tick settles strangers together
    own = replace(app, known_labels=seen.labels)
    noted = _noted(own, state, seen, observer) if len(changes) == len(seen.changes) else []
    return write_off_missed(own, own.process([*changes, *noted], look), observer)


def _wakes(woken: IssueWoken, state: State) -> bool:
    """Whether what somebody did may count, as far as is known without asking GitHub."""
    own = woken.actor in accounts(state)
    foreign = is_foreign_bot(woken.actor, state, is_bot=woken.actor_is_bot)
    return not own and not foreign and is_meant(woken.action, woken.label, woken.issue, state)


def _look_twice(app: App, state: State, woken: IssueWoken) -> IssueSweep:
    """The issue events; GitHub's list may be a moment behind the event that woke this run."""
    began = woken.at - NEARLY
    seen = sweep_issues(app, state, began)
    is_fresh = app.now() - woken.at < timedelta(seconds=state.config.sweep.lag_seconds)
    if is_fresh and not any(_is(event, woken) for event in seen.listed):
        app.clocks.wait(MOMENT)
        seen = sweep_issues(app, state, began)
    return seen


def _is(event: IssueEventFacts, woken: IssueWoken) -> bool:
    same = (event.issue, event.event, event.label, event.actor) == (
        woken.issue,
        woken.action,
        woken.label,
        woken.actor,
    )
    return same and event.created_at >= woken.at - NEARLY


def _noted(app: App, state: State, seen: IssueSweep, observer: str) -> list[Observed]:
    """What else the look has told: it rides on the commit of the changes."""
    facts = Observed(
        observer=observer,
        at=app.now(),
        issues_swept_to=seen.swept_to,
        account=new_account(app, state),
    )
    return [] if facts == Observed(observer=observer, at=facts.at) else [facts]
