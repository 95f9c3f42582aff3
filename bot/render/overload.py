"""The issue by which administrators are told that a queue overflows."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.effects import Overloaded
from bot.render.alerts import mentions
from bot.render.line import line
from bot.render.text import code, plural, span


def title(told: Overloaded) -> str:
    """The issue's title."""
    return f"The {told.workflow} queue overflows: {plural(told.depth, 'task')} waiting"


def body(draft: Draft, told: Overloaded) -> str:
    """Who is needed, the figures, what was done by itself, and what can be done."""
    names, mark = mentions(draft), draft.config.queueing.overflow
    called = f"{names}, you are needed: " if names else "Administrators are needed: "
    parts = [
        f"{called}**the {told.workflow} queue is longer than {plural(mark, 'task')}**.",
        "\n".join(f"- {fact}" for fact in _facts(told)),
        f"**Status:** {line(draft)}",
        "\n".join(f"- {step}" for step in _steps(told)),
    ]
    return "\n\n".join(parts)


def _facts(told: Overloaded) -> list[str]:
    change = f"{abs(told.growth)} {'more' if told.growth >= 0 else 'fewer'} than an hour ago"
    left = told.limit - told.workers
    more = f"{left} more may be added" if left > 0 else "the limit in force, so that none is added by itself"
    drain = "never: no worker takes work"
    if told.drain_minutes is not None:
        drain = f"about {span(timedelta(minutes=told.drain_minutes))} with these workers, if nothing comes in"
    return [
        f"Depth: {plural(told.depth, 'task')}",
        f"Growth: {change}",
        f"Workers: {told.workers} of {told.limit}, {more}",
        f"Time to drain: {drain}",
    ]


def _steps(told: Overloaded) -> list[str]:
    return [
        f"`/emergency-scale-up {told.workflow}` adds workers beyond the usual limit for a while; for good, "
        f"raise `pools.{told.workflow}.maximum` in `.github/orchestrator.yml`.",
        "`/priority-triage urgent` has only urgent work assigned.",
        f"To take it on, comment `/ack {told.alert}`. {code(told.alert)} ends by itself when the queue is "
        "short again, whether this issue is closed or not.",
    ]
