"""What becomes of an alert's issue by other hands: closed, opened again, deleted, moved away, filed too late.

An alert that lasts is not lost with its issue, and the bot fights nobody about one: whoever insists has the
last word, until the alert becomes worse.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.alert_rules import is_call
from bot.domain.draft import Draft
from bot.domain.effects import FileIssue, Reply, ShowAlert
from bot.domain.records import Alert
from bot.policies.alerting.alert_issues import pending, show
from bot.policies.alerting.alerts import end_call, update

MOST_REFUSED = 3
"""People for whom the issue of one alert is opened again, once each."""


def refuse(draft: Draft, alert: Alert, closer: str) -> bool:
    """Somebody has closed it who may not take the alert on; whether it is opened again because of that."""
    if closer in alert.refused or len(alert.refused) >= MOST_REFUSED:
        leave_closed(draft, alert, closer)
        return False
    show(draft, alert, closed=False, refused=(*alert.refused, closer))
    return True


def leave_closed(draft: Draft, alert: Alert, closer: str) -> None:
    """It stays closed while the alert lasts, unless that becomes worse."""
    _leave(draft, alert)
    update(draft, alert, closed_by=closer)


def leave_open(draft: Draft, alert: Alert) -> None:
    """Somebody has opened it again: while the alert lasts it counts as never closed, afterwards it stays."""
    _leave(draft, alert)
    if not alert.told_over:
        update(draft, alert, closed_by="")


def _leave(draft: Draft, alert: Alert) -> None:
    """Nothing that is still to be delivered closes or opens it."""
    for entry, effect in pending(draft, alert):
        if effect.closed is not None:
            left = effect.model_copy(update={"closed": None})
            draft.claim(entry.model_copy(update={"effect": left}))


def filed(draft: Draft, about: str, issue: int) -> None:
    """An alert's issue was seen. One whose alert is forgotten, because it came so late, is closed."""
    alert = next((one for one in draft.alerts if one.about == about), None)
    if alert is not None:
        update(draft, alert, issue=issue)
    else:
        draft.emit(f"late-alert-{issue}", ShowAlert(alert="", issue=issue, closed=True))


def gone(draft: Draft, issues: Iterable[int]) -> None:
    """Somebody has deleted them, or moved them to another repository: nothing is to be told there any more.

    What calls administrators is over with its issue. Any other alert gets a new one when it becomes worse.
    """
    for issue in issues:
        for entry in draft.outbox:
            if isinstance(entry.effect, Reply | ShowAlert) and entry.effect.issue == issue:
                draft.void([entry.id])
        for alert in draft.alerts:
            if alert.issue == issue:
                _lose(draft, alert)


def _lose(draft: Draft, alert: Alert) -> None:
    for entry, _ in pending(draft, alert):
        draft.void([entry.id])
    update(draft, alert, issue=None, asked_at=None, closed_by="", told_over=alert.until is not None)
    draft.note("alert", detail=f"{alert.id}: its issue #{alert.issue} is gone")
    if is_call(alert.id) and alert.until is None:
        end_call(draft, next(one for one in draft.alerts if one.id == alert.id), "")


def given_up(draft: Draft, filed: FileIssue) -> None:
    """Its issue could not be filed: it is tried again when the alert becomes worse."""
    alert = next((one for one in draft.alerts if one.about == filed.about), None)
    if alert is not None and alert.until is None and not is_call(alert.id):
        update(draft, alert, asked_at=None)
