"""When projects are expected to be done, and how far such forecasts have held."""

from __future__ import annotations

from markupsafe import Markup

from bot.dashboard.charts import Bands, as_json, millis
from bot.dashboard.markdown import inline
from bot.dashboard.parts import Cell, Drawing, Table, Tile, inside, mono
from bot.dashboard.source import Source
from bot.domain.forecast import ProjectForecast, Spread
from bot.domain.predictions import Kept
from bot.render.text import about, clock, percent, plural

ROWS = 40
"""Projects of the chart: those that are expected first."""


def summary(source: Source) -> Markup:
    """The backlog in a sentence or two."""
    found = source.forecast
    if not found.projects:
        return inline("Nothing is under way, so there is nothing to forecast.")
    without = sum(one.when is None for one in found.projects)
    parts = ["As things stand, no project can be done: the table says what each waits for."]
    if found.when is not None:
        end = about(found.when.median, source.now)
        parts = [f"**Everything that can be done is expected to be done {end}** ({_range(found.when)})."]
        if without:
            verb = "has" if without == 1 else "have"
            parts.append(f"{plural(without, 'project')} {verb} no expected end.")
    rests = (
        f"working times measured in {plural(found.measured, 'attempt')}"
        if found.measured
        else "the configured working times, as nothing was measured yet"
    )
    parts.append(f"The open work was played forward {plural(found.runs, 'time')}; it rests on {rests}.")
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
    return [
        inside(f"projects/{one.project}.html", one.project),
        clock(one.when.median).removesuffix(" UTC") if one.when else "none",
        _range(one.when) if one.when else "–",
        _waits(source, one),
        str(one.assumed),
    ]


def _range(one: Spread) -> str:
    return f"{one.low:%Y-%m-%d %H:%M} to {one.high:%Y-%m-%d %H:%M}"


def _waits(source: Source, one: ProjectForecast) -> Cell:
    if one.when is None:
        why = one.blocked.value if one.blocked else "unknown"
        return Markup("{}: {}").format(why, mono(one.culprit)) if one.culprit else why
    step = next((step for step in one.critical if step.ends > source.now), None)
    return mono(step.id) if step else "–"


def bands(source: Source) -> Drawing:
    """Expected ends with their ranges."""
    ends = [(one.project, one.when) for one in source.forecast.projects if one.when is not None][:ROWS]
    triples = [(millis(when.low), millis(when.median), millis(when.high)) for _, when in ends]
    chart = Bands([name for name, _ in ends], triples, millis(source.now))
    note = f"{plural(len(ends), 'project')}. A dot is the expected end, a bar where eight of ten plays end."
    note = note if ends else "No open project has an expected end."
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
