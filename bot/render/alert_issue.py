"""The issue of an alert, what is told in it, and the message outside.

An issue's text holds no span of time up to now: it changes only with what it says.
"""

from __future__ import annotations

from bot.domain.alert_rules import is_call, rule_of
from bot.domain.alerting import Severity
from bot.domain.draft import Draft
from bot.domain.effects import AlertsSent, Notify
from bot.domain.records import Alert
from bot.render.alerts import SIGNS, mentions
from bot.render.journal import happened
from bot.render.text import block, clock, code, escape, one_line, span

MOST_SENT = 20
"""Alerts that one message outside tells; it counts the others."""


def title(alert: Alert) -> str:
    """The issue's title; no text of a person in it mentions anybody."""
    return f"Alert: {one_line(alert.cause, 120)}".replace("@", "@\u200b")


def body(draft: Draft, alert: Alert) -> str:
    """Its text as long as it lasts, and after."""
    names = mentions(draft)
    parts = [
        f"<!-- shown {alert.shown} -->",
        f"{names}: **{escape(alert.cause, 500)}**" if names else f"**{escape(alert.cause, 500)}**",
        "\n".join(f"- {fact}" for fact in _facts(draft, alert)),
        _done(alert),
        f"### What to do\n\n{escape(alert.advice, 1_000)}" + _commands(alert),
        f"### Details\n\n{block(alert.details)}" if alert.details else "",
        _foot(draft, alert),
    ]
    return "\n\n".join(part for part in parts if part)


def _facts(draft: Draft, alert: Alert) -> list[str]:
    earlier = alert.began is not None and alert.began < alert.since
    began = f", its cause since {clock(alert.began)}" if alert.began and earlier else ""
    back = f"; it came back at {clock(alert.returned_at)}" if alert.returned_at else ""
    until = f"over since {clock(alert.until)}" if alert.until else "open"
    taken = f"{code(alert.taken_by)}, since {clock(alert.taken_at)}" if alert.taken_at else "nobody yet"
    return [
        f"Severity: {SIGNS[alert.severity]}",
        f"Since: {clock(alert.since)}{began}{back}",
        f"State: {until}",
        f"On it: {taken}",
        f"Alert: {code(alert.id)}",
    ]


def _done(alert: Alert) -> str:
    lines = [f"- {happened(one)}" for one in alert.done]
    return "\n".join(["### What was done by itself", "", *(lines or ["Nothing: a person has to see to it."])])


def _commands(alert: Alert) -> str:
    """Each in a block of its own, which GitHub copies with one click."""
    typed = [*alert.commands, *([f"/ack {alert.id}"] if alert.until is None and not alert.taken_by else [])]
    return "".join(f"\n\n{block(one, 300)}" for one in typed)


def _foot(draft: Draft, alert: Alert) -> str:
    rule = rule_of(alert.id)
    ends = f"It is over when {escape(rule.ends, 300)}. " if rule and not rule.lasts else ""
    closes = f"This issue is closed by itself {draft.config.alerts.quiet_minutes:g} minutes after that."
    if alert.closed_by:
        closes = f"{code(alert.closed_by)} has closed this issue: it stays closed unless it becomes worse."
    return f"<sub>{ends}{closes} Closing it takes the alert on, like `/ack`; it does not end it.</sub>"


def worse(draft: Draft, alert: Alert) -> str:
    """A comment: the alert has become worse."""
    names = mentions(draft)
    called = f"{names}: " if names else ""
    return f"{called}this is **{SIGNS[alert.severity]}** now: {escape(alert.cause, 500)}"


def over(draft: Draft, alert: Alert) -> str:
    """A comment: it is over, for good as far as anybody knows."""
    until = alert.until or draft.now
    return (
        f"🟢 **Over** since {clock(until)}, after {span(until - alert.since)}. If the same comes back from "
        "now on, it is a new alert with an issue of its own."
    )


def closed_by_person(draft: Draft, alert: Alert) -> str:
    """The reply to whoever has closed the issue of an alert that lasts."""
    rule = rule_of(alert.id)
    ends = f" It is over when {escape(rule.ends, 300)}." if rule else ""
    return (
        f"{code(alert.id)} is yours now, {code(alert.taken_by)}: closing its issue took it on, as `/ack` "
        f"does. **It still lasts:** {escape(alert.cause, 300)}.{ends} This issue stays closed unless it "
        "becomes worse, and is told when it is over."
    )


def opened_again(actor: str, role: str, least: str, alert: Alert) -> str:
    """The reply to somebody who closed it and may not take it on; it is told them once."""
    would = "end it" if is_call(alert.id) else "take it on, like `/ack`"
    return (
        f"{code(alert.id)} still lasts, so this issue is open again. Closing it would {would}, which needs "
        f"the role **{least}**, and {code(actor)} has **{role or 'none'}**. If {code(actor)} closes it once "
        "more it stays closed, and `/alerts` goes on showing the alert."
    )


# outside


def message(draft: Draft, told: AlertsSent) -> Notify:
    """One message for all that has become of alerts in one commit."""
    known = {alert.id: alert for alert in draft.alerts}
    lines = [_line(known[id_], what) for id_, what in told.alerts]
    first = known[told.alerts[0][0]]
    head = lines[0] if len(lines) == 1 else f"{len(lines)} alerts, the first: {lines[0]}"
    more = [f"and {len(lines) - MOST_SENT} more"] if len(lines) > MOST_SENT else []
    texts = [_text(known[id_], what) for id_, what in told.alerts[:MOST_SENT]]
    worst = max((known[id_].severity for id_, _ in told.alerts), key=lambda one: one.rank)
    return Notify(
        alert=first.id,
        severity=worst if any(what != "over" for _, what in told.alerts) else Severity.INFO,
        title=one_line(f"orchestrator: {head}", 200),
        body="\n\n".join([*texts, *more]),
    )


def _line(alert: Alert, what: str) -> str:
    words = {"open": alert.severity.value, "worse": f"{alert.severity.value} now", "over": "over"}[what]
    return f"{words}: {alert.id}"


def _text(alert: Alert, what: str) -> str:
    if what == "over":
        return f"Over: {alert.id} ({one_line(alert.cause, 300)})"
    lines = [
        f"{_line(alert, what).capitalize()}, since {clock(alert.since)}",
        one_line(alert.cause, 500),
        f"What to do: {one_line(alert.advice, 500)}",
        *[f"    {one}" for one in alert.commands],
    ]
    return "\n".join(lines)
