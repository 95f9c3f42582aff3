"""When projects are expected to be done, and how far such forecasts have held."""

from __future__ import annotations

from markupsafe import Markup

from bot.dashboard.charts import Bands, as_json, millis
from bot.dashboard.markdown import inline
from bot.dashboard.parts import Cell, Drawing, Table, Tile, inside, mono
from bot.dashboard.source import Source
from bot.domain.forecast import ProjectForecast
from bot.domain.predictions import Kept, Predicted
from bot.render.forecast import about
from bot.render.text import clock, percent, plural

ROWS = 40
"""Projects of the chart: those that are expected first."""


def summary(source: Source) -> Markup:
    """The backlog in a sentence or two."""
    found = source.forecast
    if not found.projects:
        return inline("Nothing is under way, so there is nothing to forecast.")
    without = len(found.projects) - len(source.ends)
    parts = ["As things stand, no project can be done: the table says what each waits for."]
    if source.end is not None:
        parts = [f"**Everything that can be done is expected to be done {about(source.end, source.now)}.**"]
        if without:
            verb = "has" if without == 1 else "have"
            parts.append(f"{plural(without, 'project')} {verb} no expected end.")
    if (whole := source.draft.base.predictions.backlog) is not None:
        parts.append(f"The range for the backlog: {_range(whole)} ({plural(whole.runs, 'run')}).")
    rests = (
        f"working times measured in {plural(found.measured, 'attempt')}"
        if found.measured
        else "the configured working times, as nothing was measured yet"
    )
    parts.append(f"It rests on {rests}.")
    return inline(" ".join(parts))


def table(source: Source) -> Table:
    """Each open project with its expected end, the soonest first."""
    rows = [_row(source, one) for one in source.forecast.projects]
    head = ("Project", "Expected end (UTC)", "Range, 80%", "Waits for", "Tasks not planned yet")
    return Table(
        "forecasts",
        f"{plural(len(rows), 'open project')}",
        head,
        rows,
        frozenset({4}),
        paged=True,
        empty="No project is open.",
    )


def _row(source: Source, one: ProjectForecast) -> list[Cell]:
    latest, end = _latest(source, one.project), source.ends.get(one.project)
    return [
        inside(f"projects/{one.project}.html", one.project),
        clock(end).removesuffix(" UTC") if end else "none",
        _range(latest) if latest and end else "–",
        _waits(source, one),
        str(one.assumed),
    ]


def _latest(source: Source, project: str) -> Predicted | None:
    return next(reversed(source.draft.base.predictions.projects.get(project, ())), None)


def _range(one: Predicted) -> str:
    return f"{one.low:%Y-%m-%d %H:%M} to {one.high:%Y-%m-%d %H:%M}"


def _waits(source: Source, one: ProjectForecast) -> Cell:
    if one.project not in source.ends:
        why = one.blocked.value if one.blocked else "unknown"
        return Markup("{}: {}").format(why, mono(one.culprit)) if one.culprit else why
    step = next((step for step in one.critical if step.ends > source.now), None)
    return mono(step.id) if step else "–"


def bands(source: Source) -> Drawing:
    """Expected ends with their ranges, where forecasts with a range are on record."""
    ends = [(id_, _latest(source, id_), end) for id_, end in list(source.ends.items())[:ROWS]]
    triples = [
        (millis(range_.low), millis(range_.median), millis(range_.high))
        if range_
        else (millis(end), millis(end), millis(end))
        for _, range_, end in ends
    ]
    chart = Bands([name for name, _, _ in ends], triples, millis(source.now))
    ranged = sum(range_ is not None for _, range_, _ in ends)
    note = f"{plural(len(ends), 'project')}, {ranged} of them with a range. A dot is the expected end."
    return Drawing("bands", "Expected ends", as_json(chart), None, note, 70 + 24 * max(1, len(ends)))


def record(source: Source) -> list[Tile]:
    """How the forecasts of complete projects have turned out; nothing where there are none."""
    kept = source.draft.base.predictions.kept
    if not kept.forecasts:
        return []
    return [
        Tile("Within their range", percent(kept.inside / kept.forecasts), _of(kept, kept.inside)),
        Tile("Done earlier", percent(kept.early / kept.forecasts), _of(kept, kept.early)),
        Tile("Done later", percent(kept.late / kept.forecasts), _of(kept, kept.late)),
        Tile(
            "Off by, on average",
            percent(kept.off / kept.forecasts),
            "of the time that was still left",
        ),
    ]


def _of(kept: Kept, count: int) -> str:
    return f"{count} of {plural(kept.forecasts, 'forecast')} of {plural(kept.projects, 'project')}"
