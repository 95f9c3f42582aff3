"""Who is told of an alert: its issue while it lasts and when it is over, and the addresses outside.

Each is told once of each alert, whatever becomes of single deliveries: what was asked for is noted with the
alert in the same commit. Effects carry no text that a later state could correct (``ShowAlert``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from bot.domain.alert_rules import CROWDED, LOST, Rule, rule_of
from bot.domain.alerting import Severity, reaches
from bot.domain.controls import Happening
from bot.domain.draft import Draft
from bot.domain.effects import AlertsSent, AlertTold, FileIssue, OutboxEntry, ShowAlert
from bot.domain.records import MOST_DONE, Alert
from bot.policies.alerting.alerts import end_alert, is_final, raise_alert, update

HOUR = timedelta(hours=1)
BEFORE = timedelta(minutes=15)
"""So long before an alert opened what was done by itself may have been done about it."""
NAMED = 20
"""Alerts without an issue that the collecting one names; it counts the others."""
UNFILED = LOST.named("alert-")
"""Alerts of what was to be told of alerts and could not be: their issues would fare the same."""
_ABOUT_WORKERS = frozenset({"worker", "failed", "moved", "review", "retried", "sent-back"})
_ABOUT_FLOWS = frozenset({"scaled", "control"})


def settle_alert_issues(draft: Draft) -> None:
    """Tell of every alert what is due now."""
    _gather(draft)
    _file(draft)
    for alert in draft.alerts:
        if alert.issue is not None and _has_own_issue(alert):
            _keep(draft, alert)
    _send(draft)


def _has_own_issue(alert: Alert) -> bool:
    """Whether its issue is this module's: not one that a command has filed."""
    rule = rule_of(alert.id)
    return rule is not None and not rule.own_issue


# what was done


def _gather(draft: Draft) -> None:
    """Note with each open alert what the fleet did about it by itself."""
    for alert in draft.alerts:
        rule = rule_of(alert.id)
        if alert.until is not None or rule is None:
            continue
        opens = alert.active_since == draft.now
        told = draft.happenings if opens else draft.new_happenings
        found = [
            one
            for one in told
            if one.at >= alert.active_since - BEFORE and one not in alert.done and _is_about(rule, alert, one)
        ]
        if found:
            update(draft, alert, done=tuple(dict.fromkeys((*alert.done, *found)))[-MOST_DONE:])


def _is_about(rule: Rule, alert: Alert, one: Happening) -> bool:
    subject = rule.subject(alert.id)
    if one.by or not subject:
        return False
    if rule.of in ("worker", "process"):
        mine = one.worker == subject or one.worker.startswith(f"{subject}-")
        return mine and one.kind in _ABOUT_WORKERS
    return (
        one.kind in _ABOUT_FLOWS
        and re.search(rf"\b{re.escape(subject)}\b", one.detail.partition(",")[0]) is not None
    )


# issues


def _file(draft: Draft) -> None:
    """Ask for the issues of what is bad enough and lasts; beyond the hour's number one collects the rest."""
    recent = tuple(at for at in draft.alerting.filed if draft.now - at < HOUR)
    limit, left = draft.config.alerts.issues_per_hour, []
    for alert in sorted(draft.alerts, key=lambda one: (-one.severity.rank, one.since, one.id)):
        rule = rule_of(alert.id)
        if rule is None or not _wants_issue(draft, rule, alert):
            continue
        if len(recent) >= limit and not rule.calls:
            left.append(alert)
        else:
            recent = (*recent, draft.now)
            _ask(draft, alert)
    if draft.now in recent and recent != draft.alerting.filed:  # that an hour has passed is no commit
        draft.alerting = draft.alerting.model_copy(update={"filed": recent})
    _collect(draft, left)


def _collect(draft: Draft, left: list[Alert]) -> None:
    if not left:
        end_alert(draft, CROWDED)
        return
    more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
    raise_alert(
        draft,
        CROWDED,
        alerts="1 alert is" if len(left) == 1 else f"{len(left)} alerts are",
        limit=draft.config.alerts.issues_per_hour,
        names=", ".join(alert.id for alert in left[:NAMED]) + more,
    )
    alert = next(one for one in draft.alerts if one.id == CROWDED.id)
    if not _was_asked(alert):
        _ask(draft, alert)


def _wants_issue(draft: Draft, rule: Rule, alert: Alert) -> bool:
    wanted = rule.calls or reaches(alert.severity, draft.config.alerts.issue_severity)
    never = rule.own_issue or alert.id.startswith(UNFILED)
    return wanted and not never and not _was_asked(alert) and _is_told(draft, rule, alert)


def _was_asked(alert: Alert) -> bool:
    """Whether its issue was asked for. One that is gone, or could not be filed, is only when it is worse."""
    worse = alert.worst_told is None or alert.severity.rank > alert.worst_told.rank
    return alert.asked_at is not None or not worse


def _is_told(draft: Draft, rule: Rule, alert: Alert) -> bool:
    """Whether an alert has lasted for long enough that people are told of it."""
    if alert.until is not None or alert.gone_at is not None:
        return False
    after = timedelta(minutes=draft.config.alerts.after_minutes)
    return rule.calls or alert.severity is Severity.CRITICAL or draft.now - alert.active_since >= after


def _ask(draft: Draft, alert: Alert) -> None:
    noted = {"shown": digest(alert), "shown_at": draft.now, "worst_told": alert.severity}
    update(draft, alert, asked_at=draft.now, **noted)
    draft.notices.append((_cause(alert, "open"), AlertTold(alert=alert.id, what="open")))


def _cause(alert: Alert, what: str) -> str:
    """What the effect is named after: one for each alert and what is told of it."""
    return f"{alert.about.replace('/', '-')}-{what}"


def _keep(draft: Draft, alert: Alert) -> None:
    """Bring an alert's issue up to date, tell there when it has become worse, close it when it is over."""
    if is_final(draft, alert):
        if not alert.told_over:
            _conclude(draft, alert)
        return
    worse = alert.worst_told is not None and alert.severity.rank > alert.worst_told.rank
    if worse and alert.until is None:
        draft.notices.append((_cause(alert, alert.severity), AlertTold(alert=alert.id, what="worse")))
        # Open again whoever has closed it: what other programs do is not among the events that are settled.
        show(draft, alert, closed=False, worst_told=alert.severity, closed_by="")
        return
    patience = timedelta(minutes=draft.config.alerts.update_minutes)
    if digest(alert) != alert.shown and (alert.shown_at is None or draft.now - alert.shown_at >= patience):
        show(draft, alert)


def _conclude(draft: Draft, alert: Alert) -> None:
    """Its end is told once; an issue that a person has closed is only rewritten."""
    if not alert.closed_by:
        draft.notices.append((_cause(alert, "over"), AlertTold(alert=alert.id, what="over")))
    show(draft, alert, closed=None if alert.closed_by else True, told_over=True)


def show(draft: Draft, alert: Alert, *, closed: bool | None = None, **changes: object) -> None:
    """Have its issue rewritten, and opened or closed: one pending effect for each alert is enough."""
    for entry, before in pending(draft, alert):
        draft.void([entry.id])
        closed = before.closed if closed is None else closed
    update(draft, alert, **{"shown": "", "shown_at": draft.now, **changes})
    known = next(one for one in draft.alerts if one.id == alert.id)
    update(draft, known, shown=digest(known))
    effect = ShowAlert(alert=alert.id, issue=alert.issue, closed=closed)
    draft.emit(f"{_cause(alert, 'show')}-{int(draft.now.timestamp())}", effect)


def pending(draft: Draft, alert: Alert) -> list[tuple[OutboxEntry, ShowAlert]]:
    """What was asked for of an alert's issue and not seen done; not of the issue of an earlier alert."""
    found = [(one, one.effect) for one in draft.outbox if isinstance(one.effect, ShowAlert)]
    return [
        (entry, effect)
        for entry, effect in found
        if effect.alert == alert.id and effect.issue in (None, alert.issue)
    ]


def digest(alert: Alert) -> str:
    """Of what an alert's issue says: what differs here is worth an edit."""
    told = alert.model_dump(
        mode="json",
        include={
            "severity",
            "until",
            "cause",
            "advice",
            "commands",
            "details",
            "done",
            "taken_by",
            "closed_by",
            "told_over",
        },
    )
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def not_wanted(draft: Draft, effect: FileIssue) -> bool:
    """Whether an issue that was not seen yet need not be filed any more: its alert is over."""
    if not effect.about.startswith("alert/"):
        return False
    known = next((one for one in draft.alerts if one.about == effect.about), None)
    return known is None or (known.until is not None and _has_own_issue(known))


# outside


def _send(draft: Draft) -> None:
    """One message outside for all that has become of alerts in this commit."""
    told = list(_news(draft))
    if not told:
        return
    for alert, what in told:
        over = {"notified_over": True} if what == "over" else {"notified": alert.severity}
        update(draft, alert, **over)
    first, what = told[0]
    cause = f"{_cause(first, 'over' if what == 'over' else first.severity)}-outside"
    draft.notices.append((cause, AlertsSent(alerts=tuple((alert.id, what) for alert, what in told))))


def _news(draft: Draft) -> Iterator[tuple[Alert, Literal["open", "worse", "over"]]]:
    least = draft.config.alerts.notify_severity
    for alert in sorted(draft.alerts, key=lambda one: (-one.severity.rank, one.since, one.id)):
        rule = rule_of(alert.id)
        if rule is None or not rule.outward:
            continue
        if alert.notified is not None and not alert.notified_over and is_final(draft, alert):
            yield alert, "over"
        elif reaches(alert.severity, least) and _is_told(draft, rule, alert):
            if alert.notified is None:
                yield alert, "open"
            elif alert.severity.rank > alert.notified.rank:
                yield alert, "worse"
