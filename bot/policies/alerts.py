"""Alerts: opened once, reworded while open, ended, and the latest of those that are over kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from bot.domain.draft import Draft
from bot.domain.records import Alert

KEPT = 50
"""Alerts that are over and still shown."""
MOST_DETAILS = 4_000
"""Characters of people's words that an alert keeps."""


def open_alert(draft: Draft, id_: str) -> Alert | None:
    """The open alert of that id, or None."""
    return next((alert for alert in draft.alerts if alert.id == id_ and alert.until is None), None)


def raise_alert(
    draft: Draft,
    id_: str,
    cause: str,
    advice: str,
    *,
    severity: Literal["info", "warning", "critical"] = "warning",
    details: str = "",
    by: str = "",
) -> bool:
    """Open an alert, or reword the open one of that id; returns whether it is a new one."""
    known = open_alert(draft, id_)
    worded = {"severity": severity, "cause": cause, "advice": advice, "details": details}
    if known is not None:
        changed = known.model_copy(update=worded)
        draft.alerts = tuple(changed if alert is known else alert for alert in draft.alerts)
        return False
    others = tuple(alert for alert in draft.alerts if alert.id != id_)
    draft.alerts = (*others, Alert.model_validate({"id": id_, "since": draft.now, **worded}))
    draft.note("alert", by=by, detail=f"{id_}: {cause}")
    return True


def take_on(draft: Draft, alert: Alert, by: str) -> None:
    """Somebody is on it now; the alert stays open until its cause is gone."""
    taken = alert.model_copy(update={"taken_by": by, "taken_at": draft.now})
    draft.alerts = tuple(taken if one is alert else one for one in draft.alerts)
    draft.note("alert", by=by, detail=f"{alert.id}: taken on")


def add_details(draft: Draft, alert: Alert, words: str) -> None:
    """Keep more of people's words with an alert: the latest, as far as there is room."""
    details = f"{alert.details}\n{words}".strip()[-MOST_DETAILS:]
    fuller = alert.model_copy(update={"details": details})
    draft.alerts = tuple(fuller if one is alert else one for one in draft.alerts)


def end_by_issue(draft: Draft, issue: int, by: str) -> Alert | None:
    """Somebody closed an issue: the open alert that calls administrators by it ends. Returns that alert,
    or None; alerts with a cause of their own end with that.
    """
    known = next(
        (one for one in draft.alerts if one.issue == issue and one.until is None and one.ends_with_issue),
        None,
    )
    if known is not None:
        end_alert(draft, known.id, by)
    return known


def end_alert(draft: Draft, id_: str, by: str = "") -> bool:
    """End the open alert of that id; returns whether there was one."""
    known = open_alert(draft, id_)
    if known is None:
        return False
    others = tuple(alert for alert in draft.alerts if alert is not known)
    draft.alerts = (*others, known.model_copy(update={"until": draft.now}))
    draft.note("alert-over", by=by, detail=id_)
    return True


def end_older(draft: Draft, beginning: str, than: timedelta) -> None:
    """End the open alerts whose id begins so and that are older than ``than``: they were news."""
    for alert in draft.alerts:
        if alert.until is None and alert.id.startswith(beginning) and draft.now - alert.since > than:
            end_alert(draft, alert.id)


def forget_old(draft: Draft) -> None:
    """Keep every open alert, and the latest of those that are over."""
    over = [alert for alert in draft.alerts if alert.until is not None][-KEPT:]
    draft.alerts = tuple(alert for alert in draft.alerts if alert.until is None or alert in over)
