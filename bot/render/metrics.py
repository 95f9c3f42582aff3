"""The success metrics as a table."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.budgets import day_limit
from bot.domain.draft import Draft
from bot.domain.figures import Figure, Measured, Metric, Metrics
from bot.render.budgets import money
from bot.render.consumption import consumed
from bot.render.flow import flow
from bot.render.text import clock, percent, plural, span, table

_NAMES = {
    Metric.END_TO_END: "End to end: a project complete",
    Metric.GENESIS: "Genesis: projects scaffolded",
    Metric.DEVELOPMENT: "Development: features, for each worker",
    Metric.CONTENT: "Content: pieces",
    Metric.ERRORS: "Error rate",
    Metric.REWORK: "Rework rate",
    Metric.SATISFACTION: "Customer satisfaction",
    Metric.UPTIME: "System uptime",
}
_COUNTED = {
    Metric.END_TO_END: "project",
    Metric.GENESIS: "project",
    Metric.DEVELOPMENT: "feature",
    Metric.CONTENT: "piece",
    Metric.ERRORS: "attempt",
    Metric.REWORK: "attempt",
    Metric.SATISFACTION: "vote",
    Metric.UPTIME: "five-minute slot",
}
_PARTS = (Metric.ERRORS, Metric.REWORK, Metric.SATISFACTION, Metric.UPTIME)
_SAME = 0.02
"""Figures that differ by less than this part of the larger one are the same."""
_WAYS = (
    "Rates an hour count the time in which the workflow had work, queued or running: an hour without work is "
    "not slow. Features are divided by the workers that had work. The error rate counts all failed attempts, "
    "the rework rate those that a quality check sent back. Uptime is the part of the slots of five minutes "
    "in which a tick or an event looked after the fleet, as far as the monitor has put its looks on record; "
    "where it runs by events alone, one look an hour is due. Satisfaction is the part of 👍 among 👍 and 👎 "
    "on the comments that tell the completion of these projects, the bot's own left out."
)


def metrics(draft: Draft, found: Metrics) -> str:
    """The reply to ``/metrics``."""
    window = _stretch(found.window)
    return "\n\n".join(
        [
            f"**The last {window}** (trend: against the {window} before)",
            table(["metric", "target", "now", "trend", "verdict"], [_row(one) for one in found.figures]),
            flow(draft, found.hourly),
            _used(draft, found),
            _rests(draft, found),
            f"<sub>{_WAYS}</sub>",
        ]
    )


def _today(draft: Draft) -> str:
    """The calendar day's figures, which budgets are held against."""
    today, limit = draft.usage.today(draft.now), day_limit(draft)
    of = f"; the budget for the day is {money(limit)}" if limit is not None else ""
    return f"Today (UTC): {consumed(today.dollars, today.used)}{of}."


def figures(found: Metrics) -> str:
    """Target, figure and verdict of each metric: what fits a phone."""
    rows = [[_NAMES[one.metric], _target(one), _now(one), _verdict(one)] for one in found.figures]
    return table(["metric", "target", "last 24 h", "verdict"], rows)


def _stretch(window: timedelta) -> str:
    return {timedelta(hours=1): "hour", timedelta(days=1): "24 h"}.get(window, span(window))


def _used(draft: Draft, found: Metrics) -> str:
    if found.by_hours:  # how many turns and tokens older attempts took is not kept
        return f"**Used by these attempts:** {money(found.spend)}. {_today(draft)}"
    return f"**Used by these attempts:** {consumed(found.spend, found.used)}. {_today(draft)}"


def _rests(draft: Draft, found: Metrics) -> str:
    """On how much it rests, and how far back that is known."""
    record, window = found.record, found.window
    text = f"This rests on {plural(found.attempts, 'finished attempt')}. The record reaches back to "
    text += f"{clock(record.begins)} ({span(draft.now - record.begins)})"
    if record.full:
        text += f", with the latest {len(draft.completions)} attempts"
    if found.by_hours:
        return f"{text}: less far than the window. {_by_hours(found)}"
    if record.begins <= draft.now - 2 * window:
        return f"{text}."
    if record.begins <= draft.now - window:
        return f"{text}: not through the window before, which is counted by whole hours where they are kept."
    if record.full:
        return f"{text}: **less far than the window**, so rates and parts are those of this time only."
    return f"{text}, where the system began: it is younger than the window."


def _by_hours(found: Metrics) -> str:
    since = clock(found.hourly.since)
    text = f"Error rate, rework rate, Genesis and Content are counted by whole hours, since {since}"
    if not found.hourly.whole:
        text += ", which is **less far than the window**"
    return f"{text}; features of that record only. `orchestrator metrics --since 30d` reads all history."


def _row(figure: Figure) -> list[str]:
    return [_NAMES[figure.metric], _target(figure), _now(figure), _trend(figure), _verdict(figure)]


def _target(figure: Figure) -> str:
    bound = "under" if figure.metric.less_is_better else "at least"
    return f"{bound} {_value(figure.metric, figure.target)}"


def _value(metric: Metric, value: float) -> str:
    if metric is Metric.END_TO_END:
        return span(timedelta(hours=value))
    if metric in _PARTS:
        return percent(value)
    return f"{value:.1f} an hour".replace(".0 ", " ")


def _now(figure: Figure) -> str:
    counted = plural(figure.now.count, _COUNTED[figure.metric])
    if figure.now.value is None:
        return f"too few to say ({counted})" if figure.now.count else f"no {_COUNTED[figure.metric]} yet"
    median = "median of " if figure.metric is Metric.END_TO_END else ""
    return f"**{_value(figure.metric, figure.now.value)}** ({median}{counted})"


def _trend(figure: Figure) -> str:
    now, before = _of(figure.now), _of(figure.before)
    if now is None or before is None:
        return "–"
    shown = f"from {_value(figure.metric, before)}"
    if abs(now - before) <= _SAME * max(now, before):
        return f"→ as before ({shown})"
    better = (now < before) == figure.metric.less_is_better
    arrow = "↑" if now > before else "↓"
    return f"{arrow} {'better' if better else 'worse'} ({shown})"


def _of(measured: Measured | None) -> float | None:
    return measured.value if measured else None


def _verdict(figure: Figure) -> str:
    return {True: "✅ met", False: "❌ missed", None: "–"}[figure.met]
