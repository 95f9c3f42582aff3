"""When a waiting task starts, in words that claim no more than is known."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.budgets import used_up
from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Project
from bot.domain.outlook import Hold, Start
from bot.domain.outputs import Priority
from bot.domain.vocabulary import Workflow
from bot.render import budgets
from bot.render.text import code, span, who


def expected(start: Start | None, now: datetime) -> str:
    """A cell of a table: ``in about 12 min``, ``paused``, ``reserved for dev-01, …``."""
    if start is None:
        return "unknown"
    if start.hold in _HELD:
        when = _HELD[start.hold]
    elif start.at is None:
        when = "unknown: no worker is up"
    elif start.at <= now:
        when = f"as soon as {'it' if start.reserved else 'a worker'} is free"
    else:
        when = about(start.at - now)
    return f"reserved for {code(start.reserved)}: {when}" if start.reserved else when


_HELD = {Hold.PAUSED: "paused", Hold.TRIAGE: "held by triage", Hold.BUDGET: "held by a budget"}
"""Holds of which nobody can say when they end; a backoff does at its time."""


def about(time: timedelta) -> str:
    """``in about 12 min``: whole minutes, rounded up; an estimate has no seconds."""
    minutes = -(-int(time.total_seconds()) // 60)
    return f"in about {span(timedelta(minutes=max(1, minutes)))}"


def hold(
    draft: Draft, held: Hold, workflow: Workflow, until: datetime | None, project: Project | None = None
) -> str:
    """Why a queued task may not start, as a clause."""
    match held:
        case Hold.PAUSED:
            pause = draft.controls.pause(workflow)
            return f"{workflow} is paused" + (f" by {who(pause.by)}" if pause else "")
        case Hold.TRIAGE:
            triage = draft.controls.triage
            level = triage.level if triage else "the level"
            by_rule = triage is not None and not triage.by
            rule = f"; the rule began it, because the {workflow} queue overflows" if by_rule else ""
            return f"triage lets only tasks of priority {level} and above start{rule}"
        case Hold.BUDGET:
            return budgets.why(draft, project)
        case Hold.BACKOFF:
            wait = span(until - draft.now) if until else "a moment"
            return f"its latest attempt failed, and it is tried again in {wait}"


def standstill(draft: Draft, workflow: Workflow, priority: Priority) -> str:
    """Why a task that was just queued did not start, as a clause."""
    triage = draft.controls.triage
    if draft.controls.pause(workflow) is not None:
        return hold(draft, Hold.PAUSED, workflow, None)
    if triage is not None and triage.holds(priority, workflow):
        return hold(draft, Hold.TRIAGE, workflow, None)
    if next(used_up(draft), None) is not None:
        return hold(draft, Hold.BUDGET, workflow, None)
    return "no worker is idle"


def doing(worker: Instance) -> str:
    """What a worker is about: ``busy with `x```, ``idle``."""
    held = worker.assignment
    return f"busy with {code(held.task)}" if held else worker.status.value
