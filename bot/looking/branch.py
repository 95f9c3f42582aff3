"""``orchestrator state``: the state branch as a whole, kept in a file, taken from one, and shortened."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import click

from bot import __version__
from bot.domain.compacting import NEVER_SHORTENED
from bot.domain.errors import StateInvalid
from bot.looking.options import repository_option


@click.group()
def state() -> None:
    """Keep, restore or shorten the state branch."""


@state.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--archive", "with_archive", is_flag=True, help="The archive branch as well.")
@repository_option
def export(target: Path, repository: str, *, with_archive: bool) -> None:
    """Write the branch with all of its history into TARGET, a git bundle."""
    from bot.looking.sessions import archive

    with archive(os.environ, repository) as branch:
        head = branch.export(target, archive=with_archive)
    click.echo(f"{target}: the state at {head[:12]}, {target.stat().st_size:,} bytes")


@state.command("import")
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Even where there is a branch: what is on it is lost.")
@repository_option
def import_(source: Path, replace: bool, repository: str) -> None:
    """Make the branch what SOURCE holds, as `state export` has written it.

    It has to hold together, as `verify` says. Commands that were given since it was exported are found
    by the next tick and settled, so give those first that must not be run again.
    """
    from bot.domain import files, invariants
    from bot.looking.sessions import archive

    with archive(os.environ, repository) as branch:
        head, found, tip = branch.read(source)
        broken = list(invariants.problems(files.load(found)))
        if broken:
            raise StateInvalid(
                f"{source} does not hold together, so it is not imported: {'; '.join(broken[:3])}"
            )
        branch.put(head, tip, replace=replace)
    archived = f"; its archive is at {tip[:12]}" if tip else ""
    click.echo(f"the branch is at {head[:12]}, with {len(found)} files{archived}")


@state.command()
@click.argument("project_id")
@repository_option
def restore(project_id: str, repository: str) -> None:
    """Bring a finished project back from the archive branch, as it was."""
    from bot.looking.sessions import bring_back, reading

    with reading(os.environ, repository) as current:
        told = bring_back(current, project_id)
    click.echo(told)


@state.command()
@click.option(
    "--keep-days",
    default=90,
    show_default=True,
    type=click.IntRange(min=NEVER_SHORTENED),
    help="How much of the history stays as it is.",
)
@repository_option
def compact(keep_days: int, repository: str) -> None:
    """Shorten the branch's history: of each day before that, one commit stays.

    Figures of the past, forecasts and the dashboard go on from what stays, and what is younger
    re-derives as before. Links to commits that no longer stay lead nowhere once GitHub has tidied up.
    """
    from bot.looking.sessions import archive

    with archive(os.environ, repository) as branch:
        found = branch.compact(timedelta(days=keep_days), __version__)
    if found.before == found.after:
        click.echo(f"nothing to shorten: {found.before} commits, the state is at {found.head[:12]}")
    else:
        click.echo(f"{found.before} commits became {found.after}; the state is at {found.head[:12]}")
