"""The first page: is all well, what is switched off, what runs, what needs somebody."""

from __future__ import annotations

from markupsafe import Markup

from bot.dashboard.markdown import inline
from bot.dashboard.parts import BAD, BUSY, CALM, GOOD, Cell, Table, inside, mono
from bot.dashboard.source import Source
from bot.domain.instances import Assignment, Instance
from bot.render import budgets
from bot.render.autoscaling import scaling_line
from bot.render.concerns import health
from bot.render.controls import in_force
from bot.render.status import bottleneck, expected_end
from bot.render.text import plural, span

RUNNING = 200
"""Tasks that are listed; the others are counted."""


_TONES = {"🟢": GOOD, "🔴": BAD, "🟠": BUSY, "🔵": CALM}


def health_line(source: Source) -> tuple[str, Markup]:
    """How it looks, and the sentence as in replies; not all fonts have the sign of those."""
    sign, _, words = health(source.draft, source.overview).partition(" ")
    return _TONES.get(sign, CALM), inline(words)


def switches(source: Source) -> list[Markup]:
    """What is paused, held back, halted or used up."""
    return [inline(one) for one in (*in_force(source.draft), *budgets.in_force(source.draft))]


def remarks(source: Source) -> list[Markup]:
    """What limits the flow, what scaling does, whether commands are answered."""
    found = source.overview.hearing
    heard = f"**Commands, last 24 h:** {found.unanswered} of {found.commands} unanswered."
    lines = [
        bottleneck(source.draft, source.overview.bottleneck),
        scaling_line(source.draft, source.overview.sizings),
        heard,
    ]
    return [inline(line) for line in lines if line]


def running(source: Source) -> Table:
    """Every task that a worker has, the longest first."""
    found = [(one.assignment, one) for one in source.draft.instances.values() if one.assignment is not None]
    found.sort(key=lambda pair: (pair[0].assigned_at, pair[0].task))
    more = f" (the {RUNNING} that run longest)" if len(found) > RUNNING else ""
    rows = [_run(source, held, worker) for held, worker in found[:RUNNING]]
    head = ("Task", "Worker", "Running for", "Expected end", "Progress")
    caption = f"{plural(len(found), 'task')} running{more}"
    return Table("running", caption, head, rows, empty="Nothing is running.", paged=True)


def progress(source: Source, held: Assignment) -> int | None:
    """How much of its usual time a task has had, in per cent, at most 99; None where that is unknown."""
    end = source.overview.ends.get(held.task)
    begun = held.claimed_at or held.assigned_at
    if end is None or end <= begun:
        return None
    return max(0, min(99, int(100 * ((source.now - begun) / (end - begun)))))


def _run(source: Source, held: Assignment, worker: Instance) -> list[Cell]:
    part = progress(source, held)
    bar: Cell = "–"
    if part is not None:
        bar = Markup('<progress max="100" value="{0}" aria-label="{1}">{0}%</progress> {0}%').format(
            part, f"{held.task}: {part}% of its usual time"
        )
    started = "" if held.claimed_at else ", not started yet"
    return [
        inside(f"projects/{held.project}.html", held.task),
        mono(worker.id),
        f"{span(source.now - held.assigned_at)}{started}",
        expected_end(source.now, source.overview.ends.get(held.task)),
        bar,
    ]
