"""Alerts, open and over, and the incident reports."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from bot.dashboard.markdown import inline
from bot.dashboard.parts import Cell, Table, chip, link, mono
from bot.dashboard.source import Source
from bot.domain.incidents import Incident
from bot.domain.records import Alert
from bot.render.alerts import worst_first
from bot.render.journal import happened
from bot.render.text import clock, escape, plural, span

LINES = 400
"""Of an incident's timeline."""


@dataclass(frozen=True, slots=True)
class Report:
    """One incident report."""

    id: str
    title: str
    facts: list[str]
    details: str
    points: list[Markup]
    timeline: list[Markup]


def open_now(source: Source) -> Table:
    """The open ones, the worst first."""
    found = worst_first(source.draft.alerts)
    rows = [_open(source, one) for one in found]
    head = ("Severity", "Alert", "Open for", "Cause", "What to do", "Taken on by", "Issue")
    return Table("alerts", plural(len(found), "open alert"), head, rows, empty="No alert is open.")


def _open(source: Source, one: Alert) -> list[Cell]:
    cause = one.cause + (f" “{one.details}”" if one.details else "")
    return [
        chip(one.severity),
        mono(one.id),
        span(source.now - one.since),
        cause,
        inline(escape(one.advice, 400)),
        one.taken_by or "nobody",
        _issue(source, one.issue),
    ]


def _issue(source: Source, number: int | None) -> Cell:
    return link(source.issue_url(number), f"#{number}") if number else "–"


def over(source: Source) -> Table:
    """Those that are over, the latest first."""
    found = [one for one in source.draft.alerts if one.until is not None]
    found.sort(key=lambda one: (one.until or one.since, one.id), reverse=True)
    rows = [
        [
            chip(one.severity, "calm"),
            mono(one.id),
            clock(one.since).removesuffix(" UTC"),
            span((one.until or source.now) - one.since),
            one.cause,
        ]
        for one in found
    ]
    head = ("Severity", "Alert", "Since (UTC)", "Lasted", "Cause")
    return Table("over", "Alerts that are over", head, rows, choices=(0,), paged=True, empty="None is kept.")


def reports(source: Source) -> list[Report]:
    """Every incident report that is kept, the latest first."""
    found = sorted(source.draft.incidents.values(), key=lambda one: (one.at, one.id), reverse=True)
    return [_report(source, one) for one in found]


def _report(source: Source, one: Incident) -> Report:
    window = f"It covers the {span(one.at - one.since)} up to {clock(one.at)}."
    reach = "" if one.reaches_back else " The journal did not reach back to its beginning."
    facts = [
        window + reach,
        f"{plural(len(one.timeline), 'event')}, {plural(len(one.projects), 'project')}, "
        f"{plural(len(one.workers), 'worker')}, {plural(len(one.alerts), 'alert')}.",
    ]
    return Report(
        one.id,
        f"Incident {clock(one.at)}",
        facts,
        one.details,
        [inline(escape(point, 300)) for point in one.open_points],
        [inline(happened(happening)) for happening in one.timeline[-LINES:]],
    )
