"""The success metrics in short words, for tiles and narrow tables."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.figures import Figure, Measured, Metric
from bot.render.text import percent, span

NAMES = {
    Metric.END_TO_END: "End-to-end time",
    Metric.GENESIS: "Genesis",
    Metric.DEVELOPMENT: "Development",
    Metric.CONTENT: "Content",
    Metric.ERRORS: "Error rate",
    Metric.REWORK: "Rework rate",
    Metric.SATISFACTION: "Satisfaction",
    Metric.UPTIME: "Uptime",
}
_UNITS = {
    Metric.GENESIS: "projects an hour",
    Metric.DEVELOPMENT: "features an hour for each worker",
    Metric.CONTENT: "pieces an hour",
}
_PARTS = (Metric.ERRORS, Metric.REWORK, Metric.SATISFACTION, Metric.UPTIME)
_SAME = 0.02
"""Figures that differ by less than this part of the larger one are the same."""


def value_of(metric: Metric, value: float) -> str:
    """``5 h 10 min``, ``3.2``, ``4.5%``."""
    if metric is Metric.END_TO_END:
        return span(timedelta(hours=value))
    return percent(value) if metric in _PARTS else f"{value:.1f}".removesuffix(".0")


def target_of(figure: Figure) -> str:
    """``under 6 h``, ``at least 3 features an hour for each worker``."""
    bound = "under" if figure.metric.less_is_better else "at least"
    unit = _UNITS.get(figure.metric)
    return f"{bound} {value_of(figure.metric, figure.target)}" + (f" {unit}" if unit else "")


def now_of(figure: Figure) -> str:
    """The figure, or why there is none."""
    known = figure.now
    return "too few to say" if known.value is None else value_of(figure.metric, known.value)


def trend_of(figure: Figure) -> str:
    """``↑ better (was 2.1)``."""
    now, before = _value(figure.now), _value(figure.before)
    if now is None or before is None:
        return "–"
    was = value_of(figure.metric, before)
    if abs(now - before) <= _SAME * max(now, before):
        return f"→ as before ({was})"
    better = (now < before) == figure.metric.less_is_better
    return f"{'↑' if now > before else '↓'} {'better' if better else 'worse'} (was {was})"


def _value(measured: Measured | None) -> float | None:
    return measured.value if measured else None


def verdict_of(figure: Figure) -> str:
    """``met``, ``missed``, or nothing where nobody knows."""
    return {True: "met", False: "missed", None: ""}[figure.met]
