"""Incident reports: what the state remembers of a window of time, put together and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bot.domain.controls import JOURNAL_LIMIT, Happening
from bot.domain.draft import Draft
from bot.domain.history import History
from bot.domain.incidents import Incident
from bot.domain.models import Project
from bot.domain.records import Alert
from bot.domain.vocabulary import QueueName
from bot.policies.measuring.contributing import factors, impact, runs_of

KEPT = 50
"""Reports that stay in the state; older ones are in the branch's history."""
LEAD = timedelta(minutes=5)
"""So long before an alert's cause its report begins."""
POINTS = 20
"""Open points of one kind that a report names; it counts the others."""


def report(
    draft: Draft,
    window: timedelta,
    by: str,
    details: str,
    *,
    about: str = "",
    history: History | None = None,
) -> Incident:
    """Put a report together and keep it; the oldest beyond ``KEPT`` leave the state."""
    since = draft.now - window
    covered = tuple(one for one in draft.happenings if one.at >= since)
    project = about if about in draft.projects else ""
    timeline = tuple(one for one in covered if not project or one.project in ("", project))
    incident = Incident(
        id=_free_id(draft),
        at=draft.now,
        by=by,
        details=details[:4_000],
        about=about,
        since=since,
        reaches_back=_reaches_back(draft, covered),
        timeline=timeline,
        projects=_named(one.project for one in timeline),
        workers=_named(one.worker for one in timeline),
        alerts=tuple(alert for alert in draft.alerts if alert.until is None or alert.until >= since),
        done=tuple(one for one in timeline if one.by),
        open_points=tuple(_open_points(draft)),
        impact=impact(draft, since, timeline, project),
        factors=tuple(factors(draft, since)),
        actions=tuple(dict.fromkeys(_actions(draft)))[:POINTS],
        history=_within(history, since),
        runs=runs_of(draft, timeline),
    )
    draft.incidents[incident.id] = incident
    for id_ in sorted(draft.incidents, key=lambda id_: (draft.incidents[id_].at, _number(id_)))[:-KEPT]:
        del draft.incidents[id_]
    draft.note("incident", by=by, detail=incident.id)
    return incident


def beginning(draft: Draft, id_: str) -> datetime | None:
    """When what an alert or a project of that id tells of began; None where there is none."""
    alert = next((one for one in draft.alerts if one.id == id_), None)
    if alert is not None:
        return (alert.began or alert.since) - LEAD
    project = draft.projects.get(id_)
    return project.created_at if project else None


def _within(history: History | None, since: datetime) -> History | None:
    if history is None:
        return None
    commits = tuple(one for one in history.commits if one.at >= since)
    whole = history.whole or len(commits) < len(history.commits)
    return history.model_copy(update={"commits": commits, "whole": whole})


def _actions(draft: Draft) -> Iterator[str]:
    """What to type for what is open, the worst alerts first."""
    for alert in sorted(draft.alerts, key=lambda one: (-one.severity.rank, one.since, one.id)):
        if alert.until is None:
            yield from alert.commands
            if not alert.taken_by:
                yield f"/ack {alert.id}"
    for pause in draft.controls.paused:
        yield f"/unpause {pause.workflow}"
    for item in draft.ordered(QueueName.REVIEW):
        yield f"/retry {item.task}"
    yield from (f"/resume {one.id}" for one in draft.projects.values() if one.stop is not None)


def _reaches_back(draft: Draft, timeline: tuple[Happening, ...]) -> bool:
    """Whether nothing of the window has left the journal: it is not full, or begins before the window."""
    return len(draft.happenings) < JOURNAL_LIMIT or len(timeline) < len(draft.happenings)


def _free_id(draft: Draft) -> str:
    """``incident-{yyyymmdd-hhmm}-{n}``."""
    begins = draft.now.strftime("incident-%Y%m%d-%H%M-")
    numbers = [_number(id_) for id_ in draft.incidents if id_.startswith(begins)]
    return f"{begins}{max(numbers, default=0) + 1}"


def _number(id_: str) -> int:
    return int(id_.rpartition("-")[2])


def _named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _open_points(draft: Draft) -> Iterator[str]:
    """What somebody still has to see to, in words that stand by themselves."""
    alerts = [alert for alert in draft.alerts if alert.until is None]
    yield from _first(map(_alert, alerts), "open alerts")
    review = draft.ordered(QueueName.REVIEW)
    yield from _first((f"task {item.task} is in review" for item in review), "tasks in review")
    stopped = [project for project in draft.projects.values() if project.stop is not None]
    yield from _first(map(_stopped, stopped), "stopped projects")


def _first(points: Iterable[str], noun: str) -> Iterator[str]:
    every = list(points)
    yield from every[:POINTS]
    if len(every) > POINTS:
        yield f"and {len(every) - POINTS} more {noun}"


def _alert(alert: Alert) -> str:
    taken = f", taken on by {alert.taken_by}" if alert.taken_by else ", which nobody has taken on"
    return f"alert {alert.id} is open{taken}"


def _stopped(project: Project) -> str:
    proven = project.stop is not None and project.stop.proven_at is not None
    return f"project {project.id} is stopped" + ("" if proven else "; its runs are not yet seen ended")
