"""The success metrics against their targets: tiles, a table for two windows, and how attempts went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.dashboard.charts import Lines, Series, as_json
from bot.dashboard.metric_words import NAMES, now_of, target_of, trend_of, verdict_of
from bot.dashboard.parts import Cell, Drawing, Table, Tile, chip
from bot.dashboard.source import Source
from bot.domain.figures import Figure
from bot.domain.hours import FlowHour, Hour
from bot.domain.vocabulary import Workflow
from bot.render.text import clock, percent, plural

HOUR = 3_600_000
"""Milliseconds."""


def tiles(source: Source) -> list[Tile]:
    """The last 24 hours' figures, each with its target."""
    return [
        Tile(NAMES[one.metric], now_of(one), f"target: {target_of(one)}", verdict_of(one))
        for one in source.day.figures
    ]


def table(source: Source) -> Table:
    """Both windows beside the target."""
    weekly = {one.metric: one for one in source.week.figures}
    rows = [_row(one, weekly[one.metric]) for one in source.day.figures]
    head = ("Metric", "Target", "Last 24 h", "Rests on", "Trend", "Verdict", "Last 7 d", "Verdict, 7 d")
    return Table("figures", "Success metrics against their targets", head, rows)


def _row(day: Figure, week: Figure) -> list[Cell]:
    count = str(day.now.count)
    return [
        NAMES[day.metric],
        target_of(day),
        now_of(day),
        count,
        trend_of(day),
        _verdict(day),
        now_of(week),
        _verdict(week),
    ]


def _verdict(figure: Figure) -> Cell:
    word = verdict_of(figure)
    return chip(word) if word else "–"


def hours(source: Source) -> list[Hour]:
    """Every hour with figures since the dashboard's beginning: as recorded, else from the attempts kept."""
    first = int(source.since.timestamp()) // 3_600
    kept = [one for one in source.draft.base.hours.items if one.hour >= first]
    known = {one.hour for one in kept}
    return sorted([*kept, *_counted(source, first, known)], key=lambda one: one.hour)


def _counted(source: Source, first: int, known: set[int]) -> list[Hour]:
    counts: dict[int, dict[Workflow, list[int]]] = defaultdict(dict)
    for one in source.history.completions:
        hour = int(one.finished_at.timestamp()) // 3_600
        if hour >= first and hour not in known:
            row = counts[hour].setdefault(one.workflow, [0, 0, 0])
            row[0] += one.ok
            row[1] += not one.ok
            row[2] += one.rework
    return [
        Hour(
            hour=hour,
            flows={flow: FlowHour(done=a, failed=b, reworked=c) for flow, (a, b, c) in flows.items()},
        )
        for hour, flows in counts.items()
    ]


def attempts(source: Source) -> Drawing:
    """How attempts ended, hour by hour."""
    found = _filled(hours(source))
    done = [sum(flow.done for flow in one.flows.values()) for one in found]
    failed = [sum(flow.failed for flow in one.flows.values()) for one in found]
    chart = Lines(
        [one.hour * HOUR for one in found],
        [Series("succeeded", done, "bar"), Series("failed", failed, "bar")],
        "attempts an hour",
    )
    rows = [
        [_clock(one), str(good), str(bad), percent(bad / (good + bad))]
        for one, good, bad in zip(found, done, failed, strict=True)
        if good + bad
    ]
    head = ("Hour (UTC)", "Succeeded", "Failed", "Error rate")
    told = Table("attempts", "Attempts that ended in each hour", head, rows[::-1], frozenset({1, 2, 3}))
    return Drawing("attempts", "Attempts that ended, by hour", as_json(chart), told, _sum(done, failed))


def arrivals(source: Source) -> Drawing | None:
    """What came in, hour by hour, where that was recorded."""
    found = _filled([one for one in hours(source) if any(flow.arrived for flow in one.flows.values())])
    if not found:
        return None
    none = FlowHour()
    values = {flow: [one.flows.get(flow, none).arrived for one in found] for flow in Workflow}
    series = [Series(flow.value, counts, "bar") for flow, counts in values.items()]
    chart = Lines([one.hour * HOUR for one in found], series, "tasks an hour")
    rows = [
        [_clock(one), *(str(values[flow][at]) for flow in Workflow)]
        for at, one in enumerate(found)
        if any(values[flow][at] for flow in Workflow)
    ]
    head = ("Hour (UTC)", *(flow.value.capitalize() for flow in Workflow))
    told = Table("arrivals", "Tasks that were queued in each hour", head, rows[::-1], frozenset({1, 2, 3}))
    return Drawing("arrivals", "Tasks that came in, by hour", as_json(chart), told)


def _filled(found: Sequence[Hour]) -> list[Hour]:
    """With the hours between in which nothing happened."""
    if not found:
        return []
    known = {one.hour: one for one in found}
    return [known.get(hour, Hour(hour=hour)) for hour in range(found[0].hour, found[-1].hour + 1)]


def _clock(one: Hour) -> str:
    return clock(datetime.fromtimestamp(one.hour * 3_600, UTC)).removesuffix(" UTC")


def _sum(done: Sequence[int], failed: Sequence[int]) -> str:
    good, bad = sum(done), sum(failed)
    if not good + bad:
        return "No attempt has ended in this time."
    return f"{plural(good + bad, 'attempt')}: {good} succeeded, {bad} failed ({percent(bad / (good + bad))})."
