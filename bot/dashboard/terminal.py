"""The fleet in a terminal: plain text once, live tables with progress bars, or a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, TextIO

from bot.dashboard.glance import Glance, Running
from bot.domain.errors import StoreUnavailable, UsageError
from bot.render.text import moments, plural, span

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

Look = Callable[[], Glance]
Grid = tuple[str, list[str], list[list[str]]]
"""Title, heading row, rows."""
_WIDTH = 20
"""Characters of a progress bar."""
_ROWS = 20
"""Rows of a live table; it counts the others."""


def line(found: Glance) -> str:
    """For scripts: everything as one line of JSON, durations in seconds."""
    return json.dumps(asdict(found), separators=(",", ":"), ensure_ascii=False)


def show(found: Glance, out: TextIO) -> None:
    """Once, as plain text."""
    out.write("\n".join(_plain(found)) + "\n")


def _plain(found: Glance) -> Iterator[str]:
    yield found.health
    yield from found.remarks
    for title, head, rows in grids(found):
        yield ""
        yield title
        widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
        for row in [head, *rows]:
            yield (
                "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )
    yield ""
    yield _foot(found)


def _foot(found: Glance) -> str:
    complete, at = plural(found.complete, "project"), moments(found.at)
    return f"{complete} complete. State {found.version[:12]}, looked at {at}."


def grids(found: Glance) -> list[Grid]:
    """Every table that has rows, the most urgent first."""
    every = [_alerts(found), _queues(found), _running(found), _projects(found), _metrics(found)]
    return [grid for grid in every if grid[2]]


def _alerts(found: Glance) -> Grid:
    rows = [[one.severity, one.id, _span(one.seconds), one.cause] for one in found.alerts]
    return plural(len(rows), "open alert"), ["severity", "alert", "open for", "cause"], rows


def _queues(found: Glance) -> Grid:
    rows = [
        [
            one.name,
            str(one.waiting),
            _span(one.oldest) if one.oldest is not None else "–",
            "people" if one.name == "review" else f"{one.busy} of {one.workers} busy",
        ]
        for one in found.queues
    ]
    return "Queues", ["queue", "waiting", "oldest wait", "workers"], rows


def _running(found: Glance) -> Grid:
    rows = [[one.task, one.worker, _span(one.seconds), _bar(one), _left(one)] for one in found.running]
    return (
        f"{plural(len(rows), 'task')} running",
        ["task", "worker", "for", "of its usual time", "expected end"],
        rows,
    )


def _bar(one: Running) -> str:
    """``███████░░░ 70%``."""
    if one.progress is None:
        return "–"
    full = round(one.progress * _WIDTH)
    return f"{'█' * full}{'░' * (_WIDTH - full)} {one.progress:4.0%}"


def _left(one: Running) -> str:
    if one.left is None:
        return "–"
    return f"in {_span(one.left)}" if one.left > 0 else f"{_span(-one.left)} ago"


def _projects(found: Glance) -> Grid:
    rows = [
        [one.id, one.title, one.stage, one.status, one.priority, f"{one.done} of {one.tasks}"]
        for one in found.projects
    ]
    return (
        plural(len(rows), "open project"),
        ["project", "title", "stage", "status", "priority", "tasks done"],
        rows,
    )


def _metrics(found: Glance) -> Grid:
    rows = [[one.name, *one.words] for one in found.metrics]
    return "Last 24 h against the targets", ["metric", "target", "now", "verdict"], rows


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))


# live


def watch(look: Look, every: float) -> None:
    """Look every so many seconds until Ctrl-C; what was seen last stays where the state is not reached."""
    try:
        from rich.live import Live
    except ImportError as error:
        raise UsageError(
            "`status --watch` draws with the library rich, which is not installed here: "
            "pip install 'fleet-orchestrator[local]'"
        ) from error
    import threading

    found, pause = look(), threading.Event()
    try:
        with Live(screen(found), screen=True, auto_refresh=False) as live:
            while not pause.wait(every):
                try:
                    found, problem = look(), ""
                except StoreUnavailable as error:
                    problem = str(error)
                live.update(screen(found, problem), refresh=True)
    except KeyboardInterrupt:
        return


def screen(found: Glance, problem: str = "") -> Group:
    """The live view: the same tables as the plain text."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    parts: list[RenderableType] = [Panel(Text(found.health, style="bold"))]
    parts += [Text(one) for one in found.remarks]
    parts += [_table(*grid) for grid in grids(found)]
    if problem:
        parts.append(Text(f"Not reached: {problem}. This is what was seen before.", style="bold red"))
    parts.append(Text(f"{_foot(found)} Ctrl-C ends.", style="dim"))
    return Group(*parts)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    left = len(rows) - _ROWS
    made = Table(
        title=title + (f" (the first {_ROWS} are shown)" if left > 0 else ""),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        expand=True,
    )
    for name in head:
        made.add_column(name, overflow="ellipsis", no_wrap=name not in ("cause", "title"))
    for row in rows[:_ROWS]:
        made.add_row(*(Text(cell) for cell in row))
    return made
