"""Alerts: a condition opens one and ends it, with patience at both ends, so that none flaps.

What comes back within ``alerts.quiet_minutes`` after its end is the same alert again, with its beginning
and its issue; such a one then is over only when it was gone for as long. So each alert is over at most
once in that time, whatever its condition does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.domain.alert_rules import LOST, Rule, rule_of
from bot.domain.draft import Draft
from bot.domain.effects import FileIssue
from bot.domain.records import Alert, Pending

KEPT = 50
"""Alerts that are over and still shown."""
MOST_DETAILS = 4_000
"""Characters of people's words that an alert keeps."""


def open_alert(draft: Draft, id_: str) -> Alert | None:
    """The open alert of that id, or None."""
    return next((alert for alert in draft.alerts if alert.id == id_ and alert.until is None), None)


def raise_alert(
    draft: Draft,
    rule: Rule,
    what: str = "",
    *,
    case: str = "",
    advice: str = "",
    details: str = "",
    began: datetime | None = None,
    by: str = "",
    **facts: Any,  # noqa: ANN401 - whatever the rule's words name
) -> bool:
    """A condition holds: open its alert, or reword the open one; returns whether it is a new one.

    ``case`` and ``advice`` choose among the rule's words, ``facts`` fill them in.
    """
    id_ = rule.named(what)
    draft.raised.add(id_)
    worded = {
        "severity": rule.severities.get(case, rule.severity),
        "cause": rule.causes[case].format(**facts),
        "advice": rule.advice[advice].format(**facts),
        "commands": tuple(one.format(**facts) for one in rule.commands.get(advice, ())),
        "details": details[:MOST_DETAILS],
        "gone_at": None,
        "latest": draft.now if rule.lasts is not None else None,
    }
    if (known := open_alert(draft, id_)) is not None:
        # Only the first time: what comes and goes all the time is still told after ``alerts.after_minutes``.
        back = {} if known.gone_at is None or known.returned_at else {"returned_at": draft.now}
        _replace(draft, known, **worded, **back)
        return False
    if not _has_lasted(draft, rule, id_):
        return False
    before = next((alert for alert in draft.alerts if alert.id == id_), None)
    if before is not None and _is_recent(draft, rule, before):
        _replace(draft, before, until=None, returned_at=draft.now, **worded)
        draft.note("alert", by=by, detail=f"{id_} is back: {worded['cause']}")
        return False
    others = tuple(alert for alert in draft.alerts if alert.id != id_)
    draft.alerts = (*others, Alert(id=id_, since=draft.now, began=began, **worded))  # type: ignore[arg-type]
    draft.note("alert", by=by, detail=f"{id_}: {worded['cause']}")
    return True


def quiet(draft: Draft) -> timedelta:
    """How long an alert that is over is watched before that is told."""
    return timedelta(minutes=draft.config.alerts.quiet_minutes)


def is_final(draft: Draft, alert: Alert) -> bool:
    """Whether an alert is over for good: what comes back from then on is a new one."""
    return alert.until is not None and draft.now - alert.until >= quiet(draft)


def _is_recent(draft: Draft, rule: Rule, over: Alert) -> bool:
    """Whether what comes back is the same alert: also where nobody looked when its end was to be told."""
    return (
        not rule.own_issue and not _was_told(over) and (not is_final(draft, over) or _is_known(draft, over))
    )


def _was_told(over: Alert) -> bool:
    return over.told_over or over.notified_over


def _is_known(draft: Draft, alert: Alert) -> bool:
    """Whether people know of it, or will: by its issue, also one that is just being filed, or outside."""
    filing = (one.effect for one in draft.outbox if isinstance(one.effect, FileIssue))
    known = alert.issue is not None or alert.notified is not None
    return known or any(one.about == alert.about for one in filing)


def _has_lasted(draft: Draft, rule: Rule, id_: str) -> bool:
    """Whether a condition holds for long enough to be an alert; remembers since when it does."""
    if not rule.holds:
        return True
    known = next((one for one in draft.alerting.pending if one.id == id_), None)
    if known is None:
        pending = (*draft.alerting.pending, Pending(id=id_, since=draft.now))
        draft.alerting = draft.alerting.model_copy(update={"pending": pending})
    elif draft.now - known.since >= rule.holds:
        _forget_pending(draft, id_)
        return True
    return False


def _forget_pending(draft: Draft, id_: str) -> None:
    left = tuple(one for one in draft.alerting.pending if one.id != id_)
    if left != draft.alerting.pending:
        draft.alerting = draft.alerting.model_copy(update={"pending": left})


def _replace(draft: Draft, alert: Alert, **changes: Any) -> Alert:  # noqa: ANN401 - fields of an alert
    changed = alert.model_copy(update=changes)
    if changed != alert:
        draft.alerts = tuple(changed if one is alert else one for one in draft.alerts)
    return changed


def update(draft: Draft, alert: Alert, **changes: Any) -> None:  # noqa: ANN401 - fields of an alert
    """Note something with an alert."""
    known = next(one for one in draft.alerts if one.id == alert.id)
    _replace(draft, known, **changes)


def take_on(draft: Draft, alert: Alert, by: str) -> None:
    """Somebody is on it now; the alert stays open until its cause is gone."""
    _replace(draft, alert, taken_by=by, taken_at=draft.now)
    draft.note("alert", by=by, detail=f"{alert.id}: taken on")


def add_details(draft: Draft, alert: Alert, words: str) -> None:
    """Keep more of people's words with an alert: the latest, as far as there is room."""
    _replace(draft, alert, details=f"{alert.details}\n{words}".strip()[-MOST_DETAILS:])


def end_call(draft: Draft, alert: Alert, by: str) -> None:
    """The issue that calls administrators is closed, or gone: nothing else ends such an alert."""
    _end(draft, alert, draft.now, by)


def end_alert(draft: Draft, rule: Rule, what: str = "") -> bool:
    """A condition is gone: end its alert, at once or when it stays so; returns whether it is over now."""
    id_ = rule.named(what)
    draft.raised.discard(id_)
    _forget_pending(draft, id_)
    known = open_alert(draft, id_)
    return known is not None and _let_go(draft, rule, known, known.gone_at or draft.now)


def end_others(draft: Draft, rule: Rule, lasting: set[str]) -> None:
    """The same for every open alert of a rule but those about what is given."""
    for alert in draft.alerts:
        if alert.until is None and rule.covers(alert.id) and rule.subject(alert.id) not in lasting:
            end_alert(draft, rule, rule.subject(alert.id))


def _let_go(draft: Draft, rule: Rule, alert: Alert, gone_at: datetime) -> bool:
    patience = max(rule.gone, quiet(draft)) if alert.returned_at is not None else rule.gone
    if draft.now - gone_at < patience:
        _replace(draft, alert, gone_at=gone_at)
        return False
    _end(draft, alert, gone_at, "")
    return True


def _end(draft: Draft, alert: Alert, gone_at: datetime, by: str) -> None:
    changed = alert.model_copy(update={"until": draft.now, "gone_at": gone_at})
    draft.alerts = (*(one for one in draft.alerts if one is not alert), changed)
    draft.note("alert-over", by=by, detail=alert.id)


def settle_news(draft: Draft) -> None:
    """End the alerts of events that are long past, and of what has stayed away for long enough though nobody
    judges it again; drop conditions that did not last.
    """
    for alert in draft.alerts:
        rule = rule_of(alert.id)
        if alert.until is None and rule is not None and rule.lasts is not None:
            over = (alert.latest or alert.active_since) + rule.lasts
            if draft.now >= over:
                _let_go(draft, rule, alert, over)
        elif alert.until is None and rule is not None and alert.gone_at is not None:
            _let_go(draft, rule, alert, alert.gone_at)
    for one in draft.alerting.pending:
        if one.id not in draft.raised:
            _forget_pending(draft, one.id)


def forget_old(draft: Draft) -> None:
    """Keep every open alert, those whose end is still to be told, and the latest of the others."""
    over = [alert for alert in draft.alerts if alert.until is not None]
    kept = {alert.id for alert in over[-KEPT:]}
    draft.alerts = tuple(
        alert for alert in draft.alerts if alert.until is None or alert.id in kept or _is_to_be_told(alert)
    )


def _is_to_be_told(over: Alert) -> bool:
    """Whether an issue is still to be told; not one that a command has filed, whose closing is the end."""
    rule = rule_of(over.id)
    return over.issue is not None and not over.told_over and rule is not None and not rule.own_issue


def lost_replies(draft: Draft) -> list[Alert]:
    """The open alerts of replies to commands that were given up."""
    beginning = LOST.named("comment-")
    return [one for one in draft.alerts if one.until is None and one.id.startswith(beginning)]
