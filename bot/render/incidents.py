"""Incident reports in words: the issue's body, and the reply that announces it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.controls import Happening
from bot.domain.incidents import Incident
from bot.domain.records import Alert
from bot.render.journal import happened
from bot.render.text import block, clock, code, escape, fitted, one_line, plural, span

NAMED = 50
"""Projects or workers that a report lists; it counts the others."""


def title(incident: Incident) -> str:
    """The issue's title; a person's words in it mention nobody."""
    return _title(incident).replace("@", "@\u200b")


def _title(incident: Incident) -> str:
    words = one_line(incident.details, 80)
    return f"Incident {clock(incident.at)}" + (f": {words}" if words else "")


def body(incident: Incident, asked_on: int, status: str) -> str:
    """The issue's body: what needs somebody first, the timeline, which may be long, last."""
    parts = [
        f"{code(incident.by)} asked for this report in #{asked_on}. It covers {_window(incident)}.",
        block(incident.details) if incident.details else "",
        f"**Status:** {status}",
        _section("Open points", [f"- {escape(point, 300)}" for point in incident.open_points], "None."),
        _section("Alerts in the window", [_alert(alert) for alert in incident.alerts], "None."),
        _section("What people did", _lines(incident.done), "Nothing was recorded."),
        _section("Touched", _touched(incident), "No project and no worker."),
        f"### Timeline\n\n{_reach(incident)}".rstrip(),
    ]
    foot = f"\nThe same as data: `shared-state/incidents/{incident.id}.json` on the state branch."
    head = "\n\n".join(part for part in parts if part) + "\n"
    return fitted(head, _lines(incident.timeline) or ["Nothing was recorded."], foot)


def announced(incident: Incident) -> str:
    """The reply to ``/incident-report``."""
    found = [
        plural(len(incident.timeline), "event"),
        plural(len(incident.projects), "project"),
        plural(len(incident.workers), "worker"),
        plural(len(incident.alerts), "alert"),
        plural(len(incident.open_points), "open point"),
    ]
    reach = _reach(incident)
    return (
        f"**Incident report {code(incident.id)}** covers {_window(incident)}: {', '.join(found)}. "
        "Its issue is being filed now, titled:\n\n"
        f"> {escape(_title(incident), 200)}" + (f"\n\n{reach}" if reach else "")
    )


def _window(incident: Incident) -> str:
    length = span(incident.at - incident.since)
    return f"the {length} from {clock(incident.since)} to {clock(incident.at)}"


def _reach(incident: Incident) -> str:
    """Says how far the journal reaches back where it does not cover the window."""
    if incident.reaches_back or not incident.timeline:
        return ""
    first = clock(incident.timeline[0].at)
    return (
        f"The journal keeps the latest events only, here back to {first}; "
        "older ones are in the state branch's history."
    )


def _section(heading: str, lines: Sequence[str], nothing: str) -> str:
    """At most 8,000 characters, so that all of them fit into one issue."""
    return fitted(f"### {heading}\n", lines or [nothing], most=8_000)


def _lines(happenings: Sequence[Happening]) -> list[str]:
    return [f"- {happened(one)}" for one in happenings]


def _alert(alert: Alert) -> str:
    until = f"until {clock(alert.until)}" if alert.until else "still open"
    taken = f", taken on by {code(alert.taken_by)}" if alert.taken_by else ""
    return (
        f"- {alert.severity}: {code(alert.id)}, since {clock(alert.since)}, {until}{taken}: "
        f"{escape(alert.cause, 300)}"
    )


def _touched(incident: Incident) -> list[str]:
    named = (("Projects", incident.projects), ("Workers", incident.workers))
    return [f"- {noun}: {_names(names)}" for noun, names in named if names]


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(code(name) for name in names[:NAMED]) + more
