"""The fleet at earlier moments, for the slider and, without JavaScript, as a table."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from bot.dashboard.charts import as_json, millis
from bot.dashboard.parts import Cell, Table, link
from bot.dashboard.past import Frame
from bot.dashboard.source import Source
from bot.domain.vocabulary import QueueName
from bot.render.text import clock, plural


def data(source: Source) -> Markup:
    """Every frame; of the projects only what changed from one to the next."""
    return as_json([_frame(one) for one in source.history.frames])


def _frame(one: Frame) -> dict[str, Any]:
    changed = {
        id_: [now.stage, now.status, now.done, now.tasks] if now else None for id_, now in one.changed.items()
    }
    return {
        "at": millis(one.at),
        "shown": clock(one.at),
        "version": one.version[:12],
        "queues": one.depths,
        "workers": one.workers,
        "busy": one.busy,
        "projects": one.projects,
        "alerts": [list(alert) for alert in one.alerts],
        "switches": list(one.switches),
        "changed": changed,
    }


def table(source: Source) -> Table:
    """One row for each moment, the newest first."""
    head = (
        *("Time (UTC)", *(f"{name.value.capitalize()} queue" for name in QueueName)),
        *("Workers at work", "Projects open", "Complete", "Open alerts", "Switches", "Commit"),
    )
    rows = [_row(source, one) for one in reversed(source.history.frames)]
    caption = f"{plural(len(rows), 'moment')} from the branch's history"
    return Table("moments", caption, head, rows, frozenset(range(1, 9)), paged=True, empty="No history.")


def _row(source: Source, one: Frame) -> list[Cell]:
    complete = one.projects.get("complete", 0)
    open_ = sum(one.projects.values()) - complete - one.projects.get("failed", 0)
    return [
        clock(one.at).removesuffix(" UTC"),
        *(str(one.depths[name.value]) for name in QueueName),
        str(one.busy),
        str(open_),
        str(complete),
        str(len(one.alerts)),
        ", ".join(one.switches) or "–",
        link(f"{source.home}/commit/{one.version}" if source.home else "", one.version[:12]),
    ]
