"""What the demonstration prints at its end."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot.demo.outcome import Outcome
from bot.demo.story import Story
from bot.render.text import span

_MOST_LINKS = 3
_WIDEST = 1_000
"""Columns of the table: a link that is broken by a terminal can still be clicked, one that is cut cannot."""


def show(story: Story, outcome: Outcome, out: Path) -> None:
    """The thread, the branches, and the table of the stages."""
    _thread(story)
    _listed("The state branch", outcome.log(outcome.factory, "state"), 12)
    if outcome.project.repository:
        _listed(f"The repository {outcome.project.repository}", outcome.log(outcome.repository, "main"), 20)
        titles = [f"#{row['number']} {row['title']} ({row['state']})" for row in outcome.issues]
        _listed("Its issues", titles, 30)
        merged = [
            f"#{row['number']} {row['title']} ({'merged' if row['merged_at'] else row['state']})"
            for row in outcome.pulls
        ]
        _listed("Its pull requests", merged, 30)
    _table(outcome)


def _thread(story: Story) -> None:
    click.echo(f"\n── The thread of #{story.issue['number']} ──")
    for comment in story.thread():
        lines = [line for line in comment["body"].splitlines() if not line.startswith("<!--")]
        click.echo(f"\n{comment['user']['login']}:\n{_indented(lines)}")


def _listed(title: str, lines: list[str], most: int) -> None:
    left = len(lines) - most
    shown = [*lines[:most], *([f"… and {left} more"] if left > 0 else [])]
    if lines:
        click.echo(f"\n── {title} ──\n{_indented(shown)}")


def _indented(lines: list[str]) -> str:
    return "\n".join(f"  {line}" for line in lines).rstrip()


def _table(outcome: Outcome) -> None:
    table = Table(title=f"{outcome.project.title}: {outcome.project.stage}", title_justify="left")
    for name in ("stage", "tasks", "workers", "time", "files", "links"):
        table.add_column(name, justify="right" if name in ("tasks", "files") else "left", no_wrap=True)
    for stage in outcome.stages:
        links = [*stage.links[:_MOST_LINKS]]
        if (left := len(stage.links) - len(links)) > 0:
            links.append(f"… and {left} more in summary.json")
        table.add_row(
            stage.name,
            str(len(stage.tasks)),
            "\n".join(stage.workers),
            span(stage.took),
            str(stage.files),
            "\n".join(links),
        )
    click.echo("")
    console = Console(width=_WIDEST)  # wide enough for every link, and then as wide as those need
    console.width = console.measure(table).maximum
    console.print(table)
