"""The projects: a table of all, and a gantt of those that are under way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.dashboard.charts import Bar, Timeline, as_json, millis
from bot.dashboard.parts import Cell, Drawing, Table, chip, inside
from bot.dashboard.source import OVER, Source
from bot.domain.models import Project, Task
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.render.text import clock, one_line, plural

ROWS = 40
"""Projects of the gantt."""


def table(source: Source) -> Table:
    """Every project, the open ones first."""
    found = source.projects
    rows = [_row(source, one) for one in found]
    head = (
        *("Project", "Title", "Stage", "Status", "Priority", "Tasks done"),
        *("Asked for (UTC)", "Expected end (UTC)"),
    )
    open_ = sum(one.status not in OVER for one in found)
    return Table(
        "projects",
        f"{plural(len(found), 'project')}, {open_} of them open{_archived(source)}",
        head,
        rows,
        frozenset({5}),
        (2, 3, 4),
        paged=True,
        empty="No project yet. Start one with /dispatch-genesis and an idea.",
    )


def _archived(source: Source) -> str:
    """How many are not among them, because they have left the state."""
    count, place = source.draft.archived.count, source.draft.archived.place
    return f"; {count} more are in the archive: {place.rpartition('/')[2]}" if count else ""


def _row(source: Source, one: Project) -> list[Cell]:
    done = sum(task.status is TaskStatus.DONE for task in one.tasks)
    return [
        inside(f"projects/{one.id}.html", one.id),
        one_line(one.title, 60),
        one.stage.value,
        chip(one.status.value),
        one.priority.value,
        f"{done} of {sum(not task.discarded for task in one.tasks)}",
        _short(one.created_at),
        expected(source, one),
    ]


def _short(moment: datetime) -> str:
    return clock(moment).removesuffix(" UTC")


def expected(source: Source, one: Project) -> str:
    """When it is done, was done, or why that cannot be told."""
    if one.completed_at is not None:
        return f"done {_short(one.completed_at)}"
    if one.status in OVER:
        return "dropped"
    found = source.forecasts.get(one.id)
    if found is None or found.when is None:
        return "none" + (f": {found.blocked.value}" if found and found.blocked else "")
    return _short(found.when.median)


def gantt(source: Source) -> Drawing:
    """The open projects with their stages and expected ends, then those that were finished last."""
    chosen = source.projects[:ROWS]
    bars = [bar for row, one in enumerate(chosen) for bar in _bars(source, row, one)]
    begin = min([bar.begin for bar in bars], default=millis(source.now))
    end = max([bar.end for bar in bars], default=millis(source.now))
    chart = Timeline([one.id for one in chosen], bars, begin, end, millis(source.now))
    left = len(source.draft.projects) - len(chosen)
    note = f"{plural(len(chosen), 'project')}, the open ones first. What comes after now is expected."
    note += f" The other {left} are in the table." if left else ""
    height = 70 + 24 * max(1, len(chosen))
    return Drawing("gantt", "Stages of each project over time", as_json(chart), None, note, height)


def _bars(source: Source, row: int, one: Project) -> Iterator[Bar]:
    """From its beginning: each stage as far as tasks of it were worked on; then what is expected."""
    for flow in Workflow:
        times = [moment for task in one.tasks if task.workflow is flow for moment in _times(source, task)]
        if times:
            yield Bar(row, millis(min(times)), millis(max(times)), flow.value, f"{one.id}, {flow}")
    found = source.forecasts.get(one.id)
    if found is not None and found.when is not None:
        yield Bar(row, millis(source.now), millis(found.when.median), "expected", f"{one.id}, expected")


def _times(source: Source, task: Task) -> Iterator[datetime]:
    if task.assigned_at is not None:
        yield task.assigned_at
        yield task.finished_at or source.now
    elif task.queued_at is not None and task.status is TaskStatus.QUEUED:
        yield task.queued_at
        yield source.now
