"""Alerts: the list, who takes one on, and the issue that calls the administrators."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.alert_rules import CALLED
from bot.domain.alerting import Severity
from bot.domain.draft import Draft
from bot.domain.records import Alert
from bot.render.journal import happened
from bot.render.line import line
from bot.render.text import block, clock, code, escape, fitted, plural, span

OVER = 10
"""Alerts that are over and still listed."""
SIGNS = {
    Severity.CRITICAL: "🔴 critical",
    Severity.WARNING: "🟠 warning",
    Severity.INFO: "🔵 info",
}


def alerts(draft: Draft) -> str:
    """The reply to ``/alerts``: the open ones, worst first, then the latest that are over.

    Lists, not tables: they are read on phones.
    """
    found = worst_first(draft.alerts)
    over = [_over(draft, alert) for alert in _latest_over(draft)]
    if not found:
        return "\n".join([f"🟢 {none_open(draft)}", *(["", "Over:", "", *over] if over else [])])
    foot = "\nTake one on with `/ack <alert-id>`." + ("\n\nOver:\n\n" + "\n".join(over) if over else "")
    head = f"**{plural(len(found), 'open alert')}**\n"
    return fitted(head, [_item(draft, alert) for alert in found], foot)


def worst_first(given: Sequence[Alert]) -> list[Alert]:
    """The open ones of some alerts, the worst first, then the oldest."""
    found = [alert for alert in given if alert.until is None]
    return sorted(found, key=lambda alert: (-alert.severity.rank, alert.since, alert.id))


def none_open(draft: Draft) -> str:
    """There is nothing to take on."""
    last = next(iter(_latest_over(draft)), None)
    if last is None or last.until is None:
        return "No alert is open; there has been none yet."
    return f"No alert is open. The last one, {code(last.id)}, ended {span(draft.now - last.until)} ago."


def _latest_over(draft: Draft) -> list[Alert]:
    over = [alert for alert in draft.alerts if alert.until is not None]
    return sorted(over, key=lambda alert: (alert.until or draft.now, alert.id), reverse=True)[:OVER]


def _item(draft: Draft, alert: Alert) -> str:
    """One open alert, as a list item with its facts below it."""
    words = _failures(draft, alert) or _details(alert)
    head = [SIGNS[alert.severity], code(alert.id), f"since {clock(alert.since)}", _issue(draft, alert)]
    facts = [
        f"Cause: {escape(alert.cause, 300)}{words}",
        f"Done by itself: {_done(alert)}",
        f"What to do: {escape(alert.advice, 300)}",
        f"On it: {taken(draft, alert)}",
    ]
    return "\n".join([f"- {' · '.join(part for part in head if part)}", *(f"  - {fact}" for fact in facts)])


def _details(alert: Alert) -> str:
    """What people added, each on a line of its own there, in one."""
    lines = [line for line in alert.details.splitlines() if line.strip()]
    return f" “{escape(' · '.join(lines), 300)}”" if lines else ""


def _done(alert: Alert) -> str:
    if not alert.done:
        return "nothing"
    more = f" ({len(alert.done) - 1} more in its issue)" if alert.issue and len(alert.done) > 1 else ""
    return happened(alert.done[-1]) + more


def _failures(draft: Draft, alert: Alert) -> str:
    """The latest failures of a worker that was taken out, with their runs."""
    worker = draft.instances.get(alert.id.removeprefix("breaker-"))
    if worker is None or alert.id != f"breaker-{worker.id}" or not worker.faults:
        return ""
    told = [
        f"{code(one.task)}: {escape(one.summary, 150)}" + (f" ([run]({one.run_url}))" if one.run_url else "")
        for one in worker.faults[-3:]
    ]
    return f". Its latest failures: {'; '.join(told)}"


def taken(draft: Draft, alert: Alert) -> str:
    """Who is on it, and since when."""
    if not alert.taken_by or alert.taken_at is None:
        return "nobody"
    return f"{code(alert.taken_by)}, {span(draft.now - alert.taken_at)} ago"


def _issue(draft: Draft, alert: Alert) -> str:
    if alert.issue:
        return f"#{alert.issue}"
    return "its issue is being filed" if is_filing(draft, alert) else ""


def is_filing(draft: Draft, alert: Alert) -> bool:
    """Whether the alert's own issue was asked for and is not known yet."""
    abouts = {getattr(entry.effect, "about", "") for entry in draft.outbox}
    return alert.about in abouts


def _over(draft: Draft, alert: Alert) -> str:
    until = alert.until or draft.now
    more = [f"taken on by {code(alert.taken_by)}"] if alert.taken_by else []
    more += [f"#{alert.issue}"] if alert.issue else []
    return (
        f"- {code(alert.id)}: {escape(alert.cause, 200)} (open for {span(until - alert.since)}, ended "
        f"{span(draft.now - until)} ago{''.join(f', {part}' for part in more)})"
    )


# taking one on


def taken_on(draft: Draft, before: Alert) -> str:
    """The reply to ``/ack``; ``before`` is the alert as it was."""
    alert = next((one for one in draft.alerts if one.id == before.id), before)
    had = ""
    if before.taken_by and before.taken_at:
        had = f" {code(before.taken_by)} had taken it on {span(draft.now - before.taken_at)} ago."
    if alert.until is not None:
        return f"**{code(alert.id)} is over**: its cause went away in the same moment.{had}"
    return (
        f"**{code(alert.id)} is yours now**, {code(alert.taken_by)}.{had}\n\n{_facts(alert)}\n{_end(alert)}"
    )


def taken_already(draft: Draft, alert: Alert) -> str:
    """Who gives the command has taken it on before."""
    since = span(draft.now - (alert.taken_at or draft.now))
    return f"{code(alert.id)} is yours already: you took it on {since} ago.\n\n{_facts(alert)}\n{_end(alert)}"


def ended_already(draft: Draft, alert: Alert) -> str:
    """There is nothing left to take on."""
    since = span(draft.now - (alert.until or draft.now))
    return (
        f"Not run: {code(alert.id)} ended {since} ago, so nobody has to take it on. "
        "`/alerts` lists the open ones."
    )


def nothing_to_take(draft: Draft) -> str:
    """No alert is open at all."""
    return f"Not run: there is nothing to take on. {none_open(draft)}"


def _facts(alert: Alert) -> str:
    return f"- Cause: {escape(alert.cause, 300)}\n- What to do: {escape(alert.advice, 300)}"


def _end(alert: Alert) -> str:
    if alert.issue and CALLED.covers(alert.id):
        return f"- It stays open until #{alert.issue} is closed."
    return "- It stays open until its cause is gone."


# calling the administrators


def called_title(reason: str) -> str:
    """The title of the issue that calls the administrators."""
    return f"Administrators needed: {reason}"


def called_body(draft: Draft, alert: Alert, reason: str, *, by: str, asked_on: int, details: str) -> str:
    """Its body. The configured names are the only ones that are mentioned."""
    names = mentions(draft)
    others = [one for one in worst_first(draft.alerts) if one.id != alert.id]
    parts = [
        (f"{names}, you are needed: " if names else "Administrators are needed: ") + f"**{reason}**.",
        f"{code(by)} asked for this in #{asked_on} at {clock(draft.now)}"
        + (f":\n\n{block(details, 45_000)}" if details else ", without further words."),
        f"**Status:** {line(draft)}",
        "\n".join(["**Other open alerts:**", "", *(_short(one) for one in others[:20])])
        if others
        else "No other alert is open.",
        f"- To take it on, comment `/ack {alert.id}`.\n"
        "- `/status` shows how things stand, `/alerts` all alerts.\n"
        "- It is over when this issue is closed.",
    ]
    return "\n\n".join(parts)


def mentions(draft: Draft) -> str:
    """The configured administrators, mentioned; empty where none are."""
    return " ".join(f"@{name.removeprefix('@')}" for name in draft.config.administrators)


def _short(alert: Alert) -> str:
    return f"- {SIGNS[alert.severity]}: {code(alert.id)}, {escape(alert.cause, 200)}"


def called(draft: Draft, alert_id: str) -> str:
    """The reply to ``/alert-administrators``."""
    names = [name.removeprefix("@") for name in draft.config.administrators]
    who = f"mentions {', '.join(code(name) for name in names)}" if names else "mentions nobody"
    parts = [
        f"**Alert {code(alert_id)} is open.** Its issue is being filed now and {who}.",
    ]
    if not names:
        parts.append(
            "No administrators are configured: name them under the key `administrators` in "
            "`.github/orchestrator.yml`, as logins or `org/team`."
        )
    parts.append(f"Whoever sees to it comments `/ack {alert_id}`. The alert ends when that issue is closed.")
    return "\n\n".join(parts)


def called_already(draft: Draft, alert: Alert, words: str) -> str:
    """The same reason was given before, and is still open; ``words`` says what became of the details."""
    where = f"its issue is #{alert.issue}" if alert.issue else "its issue is still being filed"
    on_it = "and nobody has taken it on yet"
    if alert.taken_by and alert.taken_at:
        on_it = f"and {code(alert.taken_by)} took it on {span(draft.now - alert.taken_at)} ago"
    return (
        f"Alert {code(alert.id)} is open already, for {span(draft.now - alert.since)}; {where}, {on_it}. "
        f"No second issue is filed for the same reason.{f' {words}' if words else ''}"
    )


def kept(alert: Alert, asked_on: int) -> str:
    """What becomes of the details when a reason is given again."""
    if alert.issue == asked_on:
        return "Your details stand here already, and `/alerts` shows them."
    if alert.issue:
        return f"Your details were added in #{alert.issue}."
    return "Your details are kept with the alert: `/alerts` shows them."


def no_reason(given: str, example: str) -> str:
    """The reason holds no letter or digit to name the alert after."""
    return f"Not run: given {code(given)}, expected a reason in one word, for example `{example}`."


def more_details(by: str, asked_on: int, details: str) -> str:
    """What is added to the alert's own issue when somebody gives the same reason again."""
    return f"{code(by)} gave the same reason again in #{asked_on}:\n\n{block(details, 45_000)}"
