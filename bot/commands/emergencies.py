"""Emergency procedures: alerts, triage, calling the administrators, incident reports."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from slugify import slugify

from bot.commands import resolve
from bot.commands.durations import LONGEST, Duration, typed_duration
from bot.commands.spec import Command, Flag, Invocation, Needs, Nothing, Outcome, Positional, Refused
from bot.domain.alert_rules import CALLED
from bot.domain.base import Frozen
from bot.domain.draft import Draft
from bot.domain.effects import ALERT_LABEL, FileIssue, Reply
from bot.domain.outputs import Priority
from bot.domain.records import Alert
from bot.policies.alerting import alerts as policy
from bot.policies.alerting import incidents
from bot.policies.guards import controls
from bot.render import alerts as words
from bot.render import controls as triage_words
from bot.render import incidents as incident_words
from bot.render.line import line

LONGEST_REASON = 40
USUAL = timedelta(hours=2)
"""How far a report looks back where nothing says so."""


class Level(StrEnum):
    """The levels that triage can stop at, and its end. Holding back what is below low would be nothing."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    OFF = "off"


class TriageAt(Frozen):
    """Arguments of ``/priority-triage``."""

    level: Annotated[
        Level, Positional(), Field(description="only this and above is assigned; off: everything")
    ]


class Ack(Frozen):
    """Arguments of ``/ack``."""

    alert_id: Annotated[str, Positional(), Field(description="the alert, or the beginning of its id")]


class Calling(Frozen):
    """Arguments of ``/alert-administrators``."""

    reason: Annotated[str, Positional(), Field(description="one word, for example capacity-exceeded")]
    details: Annotated[str, Positional(rest=True), Field(description="anything they should know")] = ""


class Reporting(Frozen):
    """Arguments of ``/incident-report``."""

    about: Annotated[
        str,
        Positional(),
        Field(description="how far back, for example 6h, or an alert's or a project's id; left out: 2 hours"),
    ] = ""
    details: Annotated[str, Positional(rest=True), Field(description="what happened, in your words")] = ""
    since: Annotated[
        Duration | None, Flag("DURATION"), Field(description="how far the report looks back, in any case")
    ] = None


def _ack(call: Invocation) -> Outcome:
    draft, given = call.draft, call.args.alert_id.strip().lower()
    over = next((one for one in draft.alerts if one.id == given and one.until is not None), None)
    if over is not None:
        raise Refused(words.ended_already(draft, over))
    if not any(one.until is None for one in draft.alerts):
        raise Refused(words.nothing_to_take(draft))
    alert = resolve.alert(call, given)
    if alert.taken_by == call.event.actor:
        return Outcome(ok=True, say=lambda after: words.taken_already(after, alert))
    policy.take_on(draft, alert, call.event.actor)
    return Outcome(ok=True, say=lambda after: words.taken_on(after, alert))


def _triage(call: Invocation) -> Outcome:
    draft, level = call.draft, call.args.level
    before = draft.controls.triage
    if level is Level.OFF:
        held = controls.held_projects(draft)
        if before is not None:
            controls.end_triage(draft, call.event.actor)
        return Outcome(ok=True, say=lambda after: triage_words.triage_ended(after, before, held))
    if before is not None and before.level == level.value and before.workflow is None:
        return Outcome(
            ok=True,
            say=lambda after: triage_words.triage_unchanged(after, before, controls.held_projects(after)),
        )
    triage = controls.begin_triage(draft, Priority(level.value), call.event.actor)
    return Outcome(
        ok=True,
        say=lambda after: triage_words.triage_begun(after, triage, before, controls.held_projects(after)),
    )


def _call(call: Invocation) -> Outcome:
    reason = slugify(call.args.reason, max_length=LONGEST_REASON, word_boundary=True)
    if not reason:
        raise Refused(words.no_reason(call.args.reason, call.example))
    known = policy.open_alert(call.draft, CALLED.named(reason))
    return _call_again(call, known) if known else _call_first(call, reason)


def _call_first(call: Invocation, reason: str) -> Outcome:
    draft, event, details = call.draft, call.event, call.args.details
    id_ = CALLED.named(reason)
    policy.raise_alert(
        draft, CALLED, reason, details=details, by=event.actor, caller=event.actor, reason=reason
    )
    alert = policy.open_alert(draft, id_)
    if alert is not None:
        body = words.called_body(draft, alert, reason, by=event.actor, asked_on=event.issue, details=details)
        title = words.called_title(reason)
        draft.emit(event.id, FileIssue(about=alert.about, title=title, body=body, labels=(ALERT_LABEL,)))
    return Outcome(ok=True, say=lambda after: words.called(after, id_))


def _call_again(call: Invocation, alert: Alert) -> Outcome:
    """The same reason while its alert is open: no second issue; new details go where the first ones are."""
    draft, event, details = call.draft, call.event, call.args.details
    if details:
        policy.add_details(draft, alert, f"{event.actor}: {details}")
        if alert.issue and alert.issue != event.issue:
            more = words.more_details(event.actor, event.issue, details)
            draft.emit(event.id, Reply(issue=alert.issue, body=more))
    kept = words.kept(alert, event.issue) if details else ""
    return Outcome(ok=True, say=lambda after: words.called_already(after, alert, kept))


def _scope(draft: Draft, args: Reporting) -> tuple[str, timedelta, str]:
    """What a report is about, how far back it looks, and the words: an id or a duration may come first."""
    word = args.about.strip("`.,:;").lower()
    words = " ".join(part for part in (args.about, args.details) if part)
    if (typed := typed_duration(word)) is not None:
        return "", args.since or typed, args.details
    if (begins := incidents.beginning(draft, word)) is not None:
        return word, args.since or min(draft.now - begins, LONGEST), args.details
    return "", args.since or USUAL, words


def _report(call: Invocation) -> Outcome:
    draft, event, args = call.draft, call.event, call.args
    about, since, details = _scope(draft, args)
    incident = incidents.report(draft, since, event.actor, details, about=about, history=event.history)
    draft.emit(
        event.id,
        FileIssue(
            about=f"incident/{incident.id}",
            title=incident_words.title(incident),
            body=incident_words.body(incident, event.issue, line(draft)),
        ),
    )
    return Outcome(ok=True, say=lambda after: incident_words.announced(incident))


COMMANDS: tuple[Command, ...] = (
    Command(
        name="alerts",
        summary="show what is wrong, who is on it, and what was",
        family="Monitoring",
        access="reading",
        model=Nothing,
        examples=(
            ("/alerts", "the open alerts, worst first, then the last that are over"),
            ("/Alerts", "the same: capitals do not matter"),
        ),
        run=lambda call: Outcome(ok=True, say=words.alerts),
    ),
    Command(
        name="ack",
        summary="take an alert on, so that others know",
        family="Monitoring",
        access="working",
        model=Ack,
        examples=(
            ("/ack queue-overflow-development", "you are on it; it stays open until its cause is gone"),
            ("/ack queue", "the same, where only one open alert begins so"),
        ),
        run=_ack,
        details="An alert that somebody has taken on already becomes yours; the reply says who had it.",
    ),
    Command(
        name="priority-triage",
        summary="assign only work of a priority and above, until the queues are short again",
        family="Emergencies",
        access="working",
        model=TriageAt,
        examples=(
            ("/priority-triage urgent", "everything that is not urgent waits"),
            ("/priority-triage off", "every priority is assigned again"),
        ),
        run=_triage,
        details=(
            "Running work goes on. Projects that have tasks held back carry the label `held:triage`. Once a "
            "queue was over `queueing.overflow` while it held, it ends by itself when all are at or under "
            "that again; else it holds until `off`. The rule begins it by itself, for one workflow, where an "
            "overflow grows on and no worker may be added."
        ),
    ),
    Command(
        name="alert-administrators",
        summary="call the configured administrators in an issue of its own",
        family="Emergencies",
        access="working",
        model=Calling,
        examples=(
            ("/alert-administrators capacity-exceeded", "files an issue that mentions them"),
            (
                "/alert-administrators disk-full The runners have no space left",
                "the same, with your words in it",
            ),
        ),
        run=_call,
        details=(
            "One issue for each reason: given again while its alert is open, only the details are added. The "
            "alert ends when its issue is closed. Who is mentioned is configured under `administrators`."
        ),
    ),
    Command(
        name="incident-report",
        summary="file a report of what happened: impact, times, factors, open actions, timeline",
        family="Emergencies",
        access="working",
        model=Reporting,
        examples=(
            ("/incident-report Development stood still after the token expired", "looks back over 2 hours"),
            (
                "/incident-report 6h",
                "looks back over 6 hours",
            ),
        ),
        run=_report,
        needs=lambda args: Needs(history=True),
        details=(
            "With an alert's or a project's id it looks back to where that began. The report is also kept as "
            "data, in `shared-state/incidents/` on the state branch."
        ),
    ),
)
