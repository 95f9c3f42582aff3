"""Incident reports in words: the issue's body, and the reply that announces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from bot.domain.controls import Happening
from bot.domain.history import MOST_COMMITS, CommitSeen
from bot.domain.incidents import Incident
from bot.domain.records import Alert
from bot.render.journal import happened
from bot.render.text import block, clock, code, escape, fitted, moments, one_line, plural, span

_FAILED = ("failed", "review")
NAMED = 50
"""Projects or workers that a report lists; it counts the others."""


def title(incident: Incident) -> str:
    """The issue's title; a person's words in it mention nobody."""
    return _title(incident).replace("@", "@\u200b")


def _title(incident: Incident) -> str:
    words = one_line(incident.details, 80) or incident.about
    return f"Incident {clock(incident.at)}" + (f": {words}" if words else "")


def body(incident: Incident, asked_on: int, status: str) -> str:
    """The issue's body: what needs somebody first, the timeline, which may be long, last."""
    about = f" It is about {code(incident.about)}." if incident.about else ""
    parts = [
        f"{code(incident.by)} asked for this report in #{asked_on}.{about} It covers {_window(incident)}.",
        block(incident.details) if incident.details else "",
        f"**Status:** {status}",
        _section("Open actions", _points(incident), "None."),
        _section("Impact", _impact(incident), "None: nothing failed, was stopped or went to review."),
        _section("Detection and recovery", _times(incident), "No alert was open in the window."),
        _section(
            "Contributing factors", [f"- {escape(moments(one), 300)}" for one in incident.factors], "None."
        ),
        _section("Alerts in the window", [_alert(alert) for alert in incident.alerts], "None."),
        _section("What people did", _lines(incident, incident.done), "Nothing was recorded."),
        _section("Touched", _touched(incident), "No project and no worker."),
        f"### Timeline\n\n{_reach(incident)}".rstrip(),
    ]
    foot = f"\nThe same as data: `shared-state/incidents/{incident.id}.json` on the state branch."
    head = "\n\n".join(part for part in parts if part) + "\n"
    lines = [*_earlier(incident), *_lines(incident, incident.timeline)]
    return fitted(head, lines or ["Nothing was recorded."], foot)


def _points(incident: Incident) -> list[str]:
    """What is open, and what to type for it in one block to copy from."""
    points = [f"- {escape(point, 300)}" for point in incident.open_points]
    return [*points, "", block("\n".join(incident.actions), 3_000)] if incident.actions else points


def _impact(incident: Incident) -> list[str]:
    found = incident.impact
    if not (found.projects or found.tasks):
        return []
    lost = span(timedelta(seconds=found.seconds))
    return [
        f"- Projects hit: {len(found.projects)}" + (f" ({_names(found.projects)})" if found.projects else ""),
        f"- Tasks hit: {len(found.tasks)}" + (f" ({_names(found.tasks)})" if found.tasks else ""),
        f"- Time lost: {lost} of workers' time, in {plural(found.attempts, 'failed attempt')}",
    ]


def _times(incident: Incident) -> list[str]:
    """From cause to alert, and from alert to over: the median where there are several."""
    if not incident.alerts:
        return []
    detected = [alert.since - alert.began for alert in incident.alerts if alert.began]
    over = [alert.until - alert.since for alert in incident.alerts if alert.until]
    still = len(incident.alerts) - len(over)
    return [
        f"- From cause to alert: {_median(detected)}",
        f"- From alert to over: {_median(over)}" + (f"; {still} still open" if still else ""),
    ]


def _median(found: Sequence[timedelta]) -> str:
    if not found:
        return "not known"
    if len(found) == 1:
        return span(found[0])
    middle = timedelta(seconds=median(one.total_seconds() for one in found))
    return f"{span(middle)}, the median of {len(found)} alerts"


def _earlier(incident: Incident) -> list[str]:
    """Commits of before the journal's oldest line: their subjects are all that is known without a fetch."""
    history = incident.history
    if history is None or incident.reaches_back or not incident.timeline:
        return []
    first = incident.timeline[0].at
    return [
        f"- {one.at:%Y-%m-%d %H:%M:%S} {_link(incident, one)}: {escape(one.subject)}"
        for one in history.commits
        if one.at < first
    ]


def _link(incident: Incident, commit: CommitSeen) -> str:
    url = incident.history.url if incident.history else ""
    short = code(commit.version[:7])
    return f"[{short}]({url}{commit.version})" if url else short


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
    older = "older ones are in the state branch's history."
    if incident.history is not None:
        whole = "" if incident.history.whole else f", the newest {MOST_COMMITS}"
        older = f"before that the commits of the state branch are listed{whole}."
    return f"The journal keeps the latest events only, here back to {first}; {older}"


def _section(heading: str, lines: Sequence[str], nothing: str) -> str:
    """At most 8,000 characters, so that all of them fit into one issue."""
    return fitted(f"### {heading}\n", lines or [nothing], most=8_000)


def _lines(incident: Incident, happenings: Sequence[Happening]) -> list[str]:
    """Each with the commit that has recorded it, and the run that failed it, as far as they are known."""
    commits = {one.at: one for one in incident.history.commits} if incident.history else {}
    last = {one.task: one.at for one in incident.timeline if one.kind in _FAILED}
    return [f"- {happened(one)}{_links(incident, one, commits, last)}" for one in happenings]


def _links(
    incident: Incident, one: Happening, commits: Mapping[datetime, CommitSeen], last: Mapping[str, datetime]
) -> str:
    """The run that is known is that of a task's last failure; earlier ones had others."""
    found = [_link(incident, commits[one.at])] if one.at in commits else []
    failed = one.kind in _FAILED and last.get(one.task) == one.at
    url = incident.runs.get(one.task) if failed else None
    return f" ({', '.join([*found, *([f'[run]({url})'] if url else [])])})" if found or url else ""


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
