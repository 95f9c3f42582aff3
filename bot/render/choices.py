"""Why a task went to its worker: the rule in a sentence, the candidates as a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.models import Candidate, Choice, Task
from bot.domain.outputs import Size
from bot.render.text import code, escape, plural, span, table

_SUITS = ("yes", "takes any", "no")


def chosen(choice: Choice | None) -> str:
    """What follows the worker's name: `` of 3 idle workers, because its specialty is tests``."""
    if choice is None:
        return ""
    among = f" of {choice.considered} idle workers," if choice.considered > 1 else ","
    return f"{among} because {escape(choice.rule, 200)}"


def remarks(task: Task) -> list[str]:
    """What the rule alone does not tell: that a worker was taken for want of a better one."""
    if task.choice is None or not task.choice.candidates:
        return []
    best = task.choice.candidates[0]
    found = []
    if best.specialty == 2:
        name = escape(task.specialty, 40)
        found.append(f"No idle worker had the specialty {name}; rather than wait, it went to one without.")
    if best.failed_before:
        found.append("This worker failed it before, but nobody else was idle.")
    if best.slow:
        name = escape(task.specialty, 40)
        found.append(f"This worker has been much slower at {name} than its peers, but nobody else was idle.")
    return found


def candidates(task: Task, choice: Choice) -> str:
    """The chosen worker and the next best with everything that they were judged by; '' for one alone."""
    if len(choice.candidates) < 2:
        return ""
    columns = [column for column in _COLUMNS if column.shown(task, choice)]
    at = task.assigned_at
    rows = [
        [f"{code(one.worker)}{' ←' if not number else ''}", *(column.cell(one, at) for column in columns)]
        for number, one in enumerate(choice.candidates)
    ]
    left = choice.considered - len(rows)
    more = f"\n\n… and {plural(left, 'other idle worker')} behind these." if left > 0 else ""
    return table(["worker", *(column.name for column in columns)], rows) + more


class _Column:
    """One rule's column; left out where it says nothing."""

    def __init__(
        self,
        name: str,
        cell: Callable[[Candidate, datetime | None], str],
        shown: Callable[[Task, Choice], bool] = lambda task, choice: True,
    ) -> None:
        self.name = name
        self.cell = cell
        self.shown = shown


def _idle(one: Candidate, at: datetime | None) -> str:
    return span(at - one.idle_since) if at and one.idle_since else "unknown"


def _distance(one: Candidate, at: datetime | None) -> str:
    return "unknown" if one.distance is None else "0 (there)" if not one.distance else str(one.distance)


_COLUMNS = (
    _Column(
        "failed it before",
        lambda one, at: "yes" if one.failed_before else "no",
        lambda task, choice: any(one.failed_before for one in choice.candidates),
    ),
    _Column(
        "slow at it of late",
        lambda one, at: "yes" if one.slow else "no",
        lambda task, choice: any(one.slow for one in choice.candidates),
    ),
    _Column("its specialty", lambda one, at: _SUITS[one.specialty]),
    _Column("meant for its size", lambda one, at: _SUITS[one.size]),
    _Column(
        "record on large tasks (smoothed)",
        lambda one, at: f"{one.record:.0%}",
        lambda task, choice: task.size is Size.LARGE,
    ),
    _Column(
        "distance",
        _distance,
        lambda task, choice: any(one.distance != 0 for one in choice.candidates),
    ),
    _Column("reserved work", lambda one, at: span(timedelta(minutes=one.load_minutes))),
    _Column("idle for", _idle),
)
