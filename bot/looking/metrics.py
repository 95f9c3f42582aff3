"""``orchestrator metrics``: long history from the state branch's log, for people and for other programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import click

from bot.domain.errors import UsageError
from bot.looking.options import repository_option

if TYPE_CHECKING:
    from bot.domain.figures import Hourly
    from bot.domain.hours import Histogram

LONGEST = timedelta(days=3_660)
"""How far back anybody asks."""


@click.command("metrics")
@click.option("--since", default="30d", show_default=True, help="A duration as 30d or 12h, or a UTC time.")
@click.option("--until", default="", help="The same; left out: now.")
@click.option("--by", type=click.Choice(["hour", "day"]), default="day", show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "openmetrics"]),
    default="table",
    show_default=True,
)
@repository_option
def metrics(
    since: str,
    until: str,
    by: Literal["hour", "day"],
    form: Literal["table", "csv", "json", "openmetrics"],
    repository: str,
) -> None:
    """Show what happened in each hour or day, from the state branch's whole history."""
    from bot.app.exporting import formats
    from bot.app.exporting.history import hours_since
    from bot.domain import files
    from bot.domain.hours import hour_of
    from bot.looking.sessions import reading

    now = datetime.now(UTC)
    begin, end = moment(since, now), moment(until, now) if until else now
    if begin >= end:
        raise UsageError(f"--since {since} is not before --until {until or 'now'}")
    with reading(os.environ, repository) as current:
        look = current.first_look()
        if look.version is None:
            raise UsageError("there is no state branch yet; the first command or tick creates it")
        hours = hours_since(files.load(look.files), begin, now, current.store.past)
    found = formats.periods([one for one in hours if one.hour <= hour_of(end)], by)
    match form:
        case "table":
            _print(found, by)
        case "csv":
            click.echo(formats.as_csv(found), nl=False)
        case "json":
            click.echo(formats.as_json(found, by), nl=False)
        case "openmetrics":
            from bot.app.exporting.openmetrics import as_openmetrics

            click.echo(as_openmetrics(found, min(now, end)), nl=False)


def moment(typed: str, now: datetime) -> datetime:
    """A moment as people type it: so long ago, or a time, in UTC where it does not say. Raises UsageError."""
    from pytimeparse2 import parse

    try:
        given = datetime.fromisoformat(typed.strip())
    except ValueError:
        seconds = None if typed.strip().isdecimal() else parse(typed.strip().lower())
        if not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST.total_seconds():
            raise UsageError(
                f"{typed!r} is no time: expected a duration of up to ten years, for example 30d or 12h, or a "
                "time such as 2026-11-01 or 2026-11-01T08:00"
            ) from None
        return now - timedelta(seconds=seconds)
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


def _print(found: Sequence[Hourly], by: str) -> None:
    from rich.console import Console
    from rich.table import Table

    if not found:
        click.echo("Nothing is on record for this time.")
        return
    names = ["queued", "done", "failed", "rework", "wait", "work", "busy", "projects", "dollars", "requests"]
    table = Table(caption="wait and work: median, about; times are UTC")
    table.add_column(by, no_wrap=True)
    for name in [*names, "pushes"]:
        table.add_column(name, justify="right")
    for period in found:
        table.add_row(
            *_cells(period, f"{period.since:%Y-%m-%d}" if by == "day" else f"{period.since:%m-%d %H:%M}")
        )
    width = None if sys.stdout.isatty() else 120
    Console(width=width, highlight=False).print(table)


def _cells(period: Hourly, name: str) -> list[str]:
    from bot.app.exporting.formats import all_flows
    from bot.render.text import percent

    flow = all_flows(period)
    return [
        name,
        *(str(count) for count in (flow.arrived, flow.done, flow.failed, flow.reworked)),
        _median(flow.waits),
        _median(flow.service),
        percent(flow.busy / flow.up) if flow.up else "–",
        str(period.projects),
        f"{period.dollars:.2f}",
        "–" if period.requests is None else str(period.requests),
        str(period.commits),
    ]


def _median(found: Histogram) -> str:
    from bot.render.flow import about

    return about(found, 0.5) if found.count else "–"
