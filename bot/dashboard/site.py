"""The site: its pages from their templates, with styles and scripts beside them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import assets
from bot.dashboard import (
    alerting,
    charts,
    decisions,
    figures,
    forecasts,
    overview,
    projects,
    queues,
    slider,
    workers,
)
from bot.dashboard.source import Source
from bot.domain.errors import UsageError
from bot.domain.vocabulary import Workflow
from bot.render.text import clock, span

_HERE = Path(__file__).parent
STATIC, _TEMPLATES = _HERE / "static", _HERE / "templates"
MARK = "dashboard.json"
"""The file by which a directory is known to hold a dashboard, and may be replaced."""
NAVIGATION = (
    ("index.html", "Overview"),
    ("queues.html", "Queues"),
    ("workers.html", "Workers"),
    ("projects.html", "Projects"),
    ("metrics.html", "Metrics"),
    ("forecasts.html", "Forecasts"),
    ("alerts.html", "Alerts"),
    ("history.html", "History"),
)


@dataclass(frozen=True, slots=True)
class Built:
    """What was written."""

    pages: int
    version: str


def pages(source: Source) -> Iterator[tuple[str, str]]:
    """Every page: its path in the site, and its text."""
    templates = _environment()
    around = _around(source)
    for path, values in _main(source):
        yield path, templates.get_template(path).render(around | dict(values) | {"here": path, "root": ""})
    happened = decisions.by_project(source)
    template = templates.get_template("project.html")
    for project in source.draft.projects.values():
        page = decisions.page(source, project, happened.get(project.id, []))
        values = {"page": page, "here": "projects.html", "root": "../"}
        yield f"projects/{project.id}.html", template.render(around | values)


def _main(source: Source) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield (
        "index.html",
        {
            "health": overview.health_line(source),
            "switches": overview.switches(source),
            "remarks": overview.remarks(source),
            "tiles": figures.tiles(source),
            "queues": queues.now(source),
            "depth": queues.depth(source),
            "running": overview.running(source),
            "alerts": alerting.open_now(source),
            "projects": projects.table(source),
        },
    )
    yield (
        "queues.html",
        {
            "queues": queues.now(source),
            "drawings": queues.drawings(source),
            "waiting": queues.waiting(source),
        },
    )
    yield "workers.html", {"timeline": workers.timeline(source), "workers": workers.table(source)}
    yield "projects.html", {"gantt": projects.gantt(source), "projects": projects.table(source)}
    yield (
        "metrics.html",
        {
            "tiles": figures.tiles(source),
            "figures": figures.table(source),
            "attempts": figures.attempts(source),
            "rests": _rests(source),
        },
    )
    yield (
        "forecasts.html",
        {
            "summary": forecasts.summary(source),
            "record": forecasts.record(source),
            "bands": forecasts.bands(source),
            "forecasts": forecasts.table(source),
        },
    )
    yield (
        "alerts.html",
        {
            "alerts": alerting.open_now(source),
            "over": alerting.over(source),
            "reports": alerting.reports(source),
        },
    )
    yield "history.html", {"moments": slider.table(source), "data": slider.data(source)}


def _rests(source: Source) -> str:
    """How far back the figures reach."""
    begins = source.day.record.begins
    full = ", as far as the latest attempts are kept" if source.day.record.full else ""
    return f"The record of attempts reaches back to {clock(begins)} ({span(source.now - begins)}){full}."


def _around(source: Source) -> dict[str, Any]:
    """What the frame of every page names."""
    return {
        "navigation": NAVIGATION,
        "made": clock(source.now),
        "home": source.home,
        "version": source.version,
        "since": clock(source.since),
        "hidden": _hidden(source),
        "flows": [flow.value for flow in Workflow],
        "echarts": assets.version("echarts"),
    }


def _hidden(source: Source) -> str:
    """What the configuration keeps off the pages."""
    rule = source.rule
    left = [
        name
        for name, is_shown in (
            ("logins", rule.people),
            ("titles", rule.titles),
            ("what people wrote, and what failed work printed", rule.texts),
        )
        if not is_shown
    ]
    return "; ".join(left)


def _environment() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["as_json"] = charts.as_json
    return templates


def write(source: Source, out: Path) -> Built:
    """Write the site into a directory, which is replaced as a whole when the new one is complete.

    Raises UsageError where the directory holds something else.
    """
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARK).is_file())):
        raise UsageError(f"{out} holds something that is no dashboard; choose another --out, or empty it")
    part, old = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    for left in (part, old):
        shutil.rmtree(left, ignore_errors=True)
    (part / "projects").mkdir(parents=True)
    count = 0
    for path, text in pages(source):
        (part / path).write_text(text, encoding="utf-8")
        count += 1
    _static(part)
    mark = charts.as_json({"version": source.version, "made": clock(source.now), "pages": count})
    (part / MARK).write_text(f"{mark}\n", encoding="utf-8")
    if out.exists():
        out.rename(old)
    part.rename(out)
    shutil.rmtree(old, ignore_errors=True)
    return Built(count, source.version)


def _static(out: Path) -> None:
    """Styles, scripts, and the chart library with its licence."""
    target = out / "static"
    target.mkdir()
    for file in sorted(STATIC.iterdir()):
        shutil.copyfile(file, target / file.name)
    (target / "echarts.min.js").write_bytes(assets.script("echarts"))
    for name, content in assets.notices("echarts").items():
        (target / name).write_bytes(content)
    (out / ".nojekyll").write_bytes(b"")
