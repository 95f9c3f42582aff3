"""The workers: who does what now, and what each did, as a timeline."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.dashboard.charts import Bar, Timeline, as_json, millis
from bot.dashboard.parts import Cell, Drawing, Table, chip, inside, mono
from bot.dashboard.source import DAY, Source
from bot.domain.instances import Instance
from bot.domain.records import Completion
from bot.render.text import clock, plural, span
from bot.render.workers import Use

ROWS = 40
"""Workers of the timeline: those that were at work last."""
ATTEMPTS = 500
"""Attempts that its table lists."""


def table(source: Source) -> Table:
    """Every worker."""
    use = Use(source.draft)
    found = sorted(source.draft.instances.values(), key=lambda one: (one.workflow, one.id))
    head = (
        *("Worker", "Workflow", "State", "Task", "For", "Last heard of", "Specialties"),
        *("Done", "Failed", "Utilisation"),
    )
    rows = [_row(source, one, use) for one in found]
    return Table(
        "workers",
        f"{plural(len(found), 'worker')}",
        head,
        rows,
        frozenset({7, 8, 9}),
        (1, 2),
        paged=True,
        empty="There are no workers.",
    )


def _row(source: Source, one: Instance, use: Use) -> list[Cell]:
    held = one.assignment
    heard = f"{span(source.now - one.last_heartbeat)} ago" if one.last_heartbeat else "–"
    state = chip("taken out", "bad") if one.tripped(source.now) else chip(one.status.value)
    return [
        mono(one.id),
        one.workflow.value,
        state,
        inside(f"projects/{held.project}.html", held.task) if held else "–",
        span(source.now - held.assigned_at) if held else "–",
        heard,
        ", ".join(one.specialties) or "any",
        str(one.completed),
        str(one.failed),
        use.of(one),
    ]


def timeline(source: Source) -> Drawing:
    """What each worker did in the last 24 hours, as far as attempts are on record."""
    since = source.now - DAY
    ended = [one for one in source.history.completions if one.finished_at > since]
    names = _names(source, ended)
    rows = {name: at for at, name in enumerate(names)}
    bars = [
        Bar(
            rows[one.worker],
            millis(max(one.assigned_at, since)),
            millis(one.finished_at),
            _tone(one),
            one.task,
        )
        for one in ended
        if one.worker in rows
    ]
    for worker in source.draft.instances.values():
        if worker.assignment is not None and worker.id in rows:
            begin = millis(max(worker.assignment.assigned_at, since))
            bars.append(Bar(rows[worker.id], begin, millis(source.now), "under way", worker.assignment.task))
    begin = min([bar.begin for bar in bars], default=millis(since))
    chart = Timeline(names, bars, begin, millis(source.now), millis(source.now))
    note = f"{plural(len(bars), 'attempt')} of {plural(len(names), 'worker')}"
    if len(source.draft.instances) > len(names):
        note += f"; the other {len(source.draft.instances) - len(names)} were not at work, or not lately"
    return Drawing(
        "timeline",
        "What each worker did in the last 24 hours",
        as_json(chart),
        _attempts(source, ended),
        f"{note}.",
        height=70 + 22 * max(1, len(names)),
    )


def _names(source: Source, ended: list[Completion]) -> list[str]:
    """The workers that were at work last, in the order of their names."""
    latest: dict[str, datetime] = {one.worker: one.finished_at for one in ended}
    latest |= {one.id: source.now for one in source.draft.instances.values() if one.assignment is not None}
    chosen = sorted(latest, key=lambda name: (source.now - latest[name], name))[:ROWS]
    return sorted(chosen)


def _tone(one: Completion) -> str:
    return "succeeded" if one.ok else "lost" if one.lost else "sent back" if one.rework else "failed"


def _attempts(source: Source, ended: list[Completion]) -> Table:
    shown = ended[::-1][:ATTEMPTS]
    more = f" (the latest {ATTEMPTS} of {len(ended)})" if len(ended) > ATTEMPTS else ""
    rows = [_attempt(source, one) for one in shown]
    head = ("Task", "Worker", "Began (UTC)", "Took", "Waited before", "Outcome")
    return Table(
        "timeline",
        f"Attempts that ended in the last 24 hours{more}",
        head,
        rows,
        choices=(1, 5),
        paged=True,
        empty="No attempt has ended in the last 24 hours.",
    )


def _attempt(source: Source, one: Completion) -> list[Cell]:
    project = one.task.rpartition(".")[0]
    while project and project not in source.draft.projects:
        project = project.rpartition(".")[0]
    task = inside(f"projects/{project}.html", one.task) if project else mono(one.task)
    took, waited = one.finished_at - one.assigned_at, max(timedelta(), one.assigned_at - one.queued_at)
    outcome = chip(_tone(one), "good" if one.ok else "bad")
    began = clock(one.assigned_at).removesuffix(" UTC")
    return [task, mono(one.worker), began, span(took), span(waited), outcome]
