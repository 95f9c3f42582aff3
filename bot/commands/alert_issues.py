"""What people do to the issue of an alert: closing it takes on what lasts, or ends a call."""

from __future__ import annotations

from bot.commands.answers import Answer
from bot.commands.roles import may, needed
from bot.domain.alert_rules import is_call
from bot.domain.draft import Draft
from bot.domain.events.asked import IssueChanged
from bot.domain.records import Alert
from bot.policies.alerting import alert_places
from bot.policies.alerting.alerts import end_call, take_on
from bot.render import alert_issue


def settle_alert_issue(draft: Draft, event: IssueChanged) -> Answer | None:
    """Do what closing it, or opening it again, means; nothing where it is no alert's issue."""
    alert = next((one for one in draft.alerts if one.issue == event.issue), None)
    if alert is None:
        return None
    if event.action == "reopened":
        alert_places.leave_open(draft, alert)
    if event.action != "closed":
        return None
    if may(event.role, "ack", draft.config):
        return _closed(draft, event, alert)
    return _refused(draft, event, alert) if alert.until is None else None


def _closed(draft: Draft, event: IssueChanged, alert: Alert) -> Answer | None:
    if alert.until is not None:  # its end may still have to be told, and it may come back until then
        alert_places.leave_closed(draft, alert, event.actor)
        return None
    if is_call(alert.id):
        end_call(draft, alert, event.actor)
        return None
    taken = alert.model_copy(update={"taken_by": event.actor, "taken_at": draft.now})
    if alert.taken_by != event.actor:
        take_on(draft, alert, event.actor)
    alert_places.leave_closed(draft, alert, event.actor)
    return _answer(event, alert_issue.closed_by_person(draft, taken))


def _refused(draft: Draft, event: IssueChanged, alert: Alert) -> Answer | None:
    """Whoever may not take it on has it opened again, and is told why; who insists is left alone."""
    if not alert_places.refuse(draft, alert, event.actor):
        return None
    least = needed("ack", draft.config)
    return _answer(event, alert_issue.opened_again(event.actor, event.role, least, alert))


def _answer(event: IssueChanged, text: str) -> Answer:
    return Answer(event, ((event.action, lambda after: text),), ok=True)
