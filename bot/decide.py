"""The one place where the state changes: events in, the next state and its effects out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from bot.commands.answers import Answer
from bot.commands.issues import settle_issue
from bot.commands.settle import settle_comment
from bot.commands.showing import settle_shown
from bot.domain.base import to_utc_second
from bot.domain.draft import Draft
from bot.domain.effects import (
    ALERT_LABEL,
    AlertsSent,
    AlertTold,
    Completed,
    FileIssue,
    Notice,
    Notify,
    OutboxEntry,
    Reply,
)
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.batch import Event, Initialised, Restored
from bot.domain.events.observed import Notified, Observed
from bot.domain.events.worked import WorkClaimed, WorkerBeat, WorkPublished, WorkReported
from bot.domain.quota import Purpose
from bot.domain.state import State
from bot.policies.alerting import hearing, own_health
from bot.policies.alerting.alert_issues import settle_alert_issues
from bot.policies.alerting.alerts import settle_news
from bot.policies.assigning.routing import assign
from bot.policies.fleet import beating, presence, watching
from bot.policies.fleet.autoscaling import settle_scaling
from bot.policies.fleet.liveness import expire_leases, start_again, tell_of_starts
from bot.policies.fleet.scaling import end_emergencies
from bot.policies.fleet.stuck import settle_stuck
from bot.policies.forecast.predicting import settle_predictions
from bot.policies.guards import controls
from bot.policies.guards.breaker import settle_breakers
from bot.policies.guards.budgets import settle_budgets
from bot.policies.guards.degradation import settle_degradation
from bot.policies.guards.failing import pause_failing, settle_failing
from bot.policies.guards.overflow import settle_overflow
from bot.policies.guards.overload import triage_by_rule
from bot.policies.measuring import accounting
from bot.policies.outside import observing
from bot.policies.outside.ledger import is_settled, remember, sweep_leases
from bot.policies.projects import archiving, issues, lifecycle, stopping
from bot.policies.working import work
from bot.policies.working.pulls import settle_pulls
from bot.policies.working.sessions import forget_sessions
from bot.render import alert_issue
from bot.render.notices import notice

MOST_EVENTS = 100
"""Events of one commit."""
MOST_BYTES = 512_000
"""Characters of one commit's events, as JSON."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a batch."""

    state: State
    """``State`` to be saved; the very object that came in where nothing changed."""
    effects: tuple[OutboxEntry, ...]
    """To be delivered by the run that saves it, after it has saved it."""
    settled: tuple[Event, ...]
    """The events of the batch that this commit settles."""


def order(event: Event) -> tuple[bool, datetime, int, str]:
    """A batch's total order: GitHub's time, then the id, of which the longer one has the higher number.

    A look comes last: a run that it saw ended may have left its report in the same batch.
    """
    return isinstance(event, Observed), event.at, len(event.id), event.id


def take(events: Iterable[Event]) -> list[Event]:
    """The part of what waits that fits into one commit, in order; never nothing of something."""
    chosen: list[Event] = []
    size = 0
    for event in sorted(events, key=order):
        size += len(event.model_dump_json())
        if chosen and (len(chosen) == MOST_EVENTS or size > MOST_BYTES):
            break
        chosen.append(event)
    return chosen


def decide(
    state: State,
    events: Sequence[Event],
    now: datetime,
    races: int = 0,
    requests: Mapping[Purpose, int] | None = None,
) -> Decision:
    """Settle ``events`` in their order, then everything that follows or is due at ``now``.

    ``now`` never goes backwards: it is not earlier than the parent commit's. It counts in whole seconds,
    as the commit records it, so that a replay decides the same. ``races`` is how often the run that settles
    this has lost the race for the branch before, ``requests`` what it has requested since it told last.
    """
    draft = _begun(state, now)
    draft.requests = requests or {}
    return _decided(draft, events, races)


def _begun(state: State, now: datetime) -> Draft:
    now = to_utc_second(now)
    return Draft(state, max(now, state.events.now) if state.events else now)


def _decided(draft: Draft, events: Sequence[Event], races: int) -> Decision:
    fresh: list[Event] = []
    answers: list[Answer] = []
    for event in sorted(events, key=order):
        if is_settled(draft.ledger, event):
            continue
        fresh.append(event)
        remember(draft, event)
        if (answer := _step(draft, event)) is not None:
            answers.append(answer)
            if isinstance(event, CommentCreated):
                hearing.hear(draft)
    if fresh:
        own_health.note_races(draft, races)
    if answers:  # they may be about what would leave
        draft.archive = ""
    settle(draft)
    for answer in answers:
        answer.emit(draft)
    for cause, told in draft.notices:
        draft.emit(cause, _worded(draft, told))
    settle_shown(draft)
    if not fresh and not draft.differs():
        return Decision(draft.base, (), ())
    watching.mark(draft)
    accounting.account(draft)
    return Decision(draft.freeze(fresh, races if fresh else 0), draft.deliver, tuple(fresh))


def is_due(state: State, look: Observed, now: datetime) -> bool:
    """Whether a look that has found nothing changes anything but the record of looks: by time alone.

    What would take time (forecasts that are put down) is worked out by who decides, not for this.
    """
    draft = _begun(state, now)
    draft.only_asked = True
    decided = _decided(draft, [look], 0).state
    names = [name for name in State.__slots__ if name not in ("events", "watch", "hours")]
    return any(getattr(decided, name) != getattr(state, name) for name in names)


def _worded(draft: Draft, told: Notice | AlertTold | AlertsSent) -> Reply | FileIssue | Notify:
    """What the bot tells by itself: in a project's thread, in an alert's issue, or outside."""
    match told:
        case AlertTold():
            return _alert(draft, told)
        case AlertsSent():
            return alert_issue.message(draft, told)
        case _:
            becomes: Literal["delivery"] | None = "delivery" if isinstance(told, Completed) else None
            return Reply(issue=None, project=told.project, body=notice(draft, told), becomes=becomes)


def _alert(draft: Draft, told: AlertTold) -> Reply | FileIssue:
    alert = next(one for one in draft.alerts if one.id == told.alert)
    if told.what == "open":
        title, body = alert_issue.title(alert), alert_issue.body(draft, alert)
        return FileIssue(about=alert.about, title=title, body=body, labels=(ALERT_LABEL,))
    comment = alert_issue.worse(draft, alert) if told.what == "worse" else alert_issue.over(draft, alert)
    return Reply(issue=alert.issue, body=comment)


def _step(draft: Draft, event: Event) -> Answer | None:
    """What an event means by itself."""
    match event:
        case CommentCreated():
            return settle_comment(draft, event)
        case IssueChanged():
            return settle_issue(draft, event)
        case WorkClaimed():
            work.claim(draft, event)
        case WorkReported():
            work.report(draft, event)
        case WorkPublished():
            work.publish(draft, event)
        case WorkerBeat():
            beating.beat(draft, event)
        case Observed():
            draft.looked = True
            observing.observe(draft, event)
            hearing.take_backlog(draft, event)
        case Notified():
            observing.notified(draft, event)
        case Initialised():
            observing.initialise(draft, event)
        case Restored():
            archiving.restore(draft, event)
        case _:
            assert_never(event)
    return None


def settle(draft: Draft) -> None:
    """Everything that follows without a new event; twice is the same as once.

    What nobody has claimed first, because it is nobody's failure; leases that are over and workers that
    fell silent, because they free workers and queue tasks; processes that left long ago, whose places are
    free for runs again; emergencies that are over; projects whose
    closed issue nobody reopened; pull requests, which send work back; stages, which queue more; what fails
    or has become slow; then assigning. Triage, scaling, overflows, labels and alerts judge what is left
    waiting after that. What is finished for long enough leaves last, when nothing speaks of it any more.
    """
    start_again(draft)
    expire_leases(draft)
    presence.lose_silent(draft)
    presence.forget(draft)
    settle_stuck(draft)
    stopping.end_by_time(draft)
    end_emergencies(draft)
    issues.stop_closed(draft)
    settle_pulls(draft)
    lifecycle.advance(draft)
    pause_failing(draft)
    settle_degradation(draft)
    assign(draft)
    if controls.settle_triage(draft):
        assign(draft)  # what triage had held back
    if settle_scaling(draft):
        assign(draft)  # to the workers that there are now
        if controls.settle_triage(draft):
            assign(draft)
    triage_by_rule(draft)
    lifecycle.settle_statuses(draft)
    settle_predictions(draft)
    forget_sessions(draft)
    controls.settle_held_labels(draft)
    settle_overflow(draft)
    settle_failing(draft)
    settle_breakers(draft)
    settle_budgets(draft)
    tell_of_starts(draft)
    presence.tell_silent(draft)
    presence.tell_of_many(draft)
    own_health.settle_own_health(draft)
    settle_news(draft)
    settle_alert_issues(draft)
    archiving.settle_archive(draft)
    sweep_leases(draft)
