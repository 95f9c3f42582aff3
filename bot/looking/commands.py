"""What the state branch says, and whether it holds together."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.domain.errors import SchemaTooNew, StateInvalid, UsageError
from bot.looking.branch import state
from bot.looking.metrics import metrics
from bot.looking.options import branch_option, commit_id, remote_option, repository_option

if TYPE_CHECKING:
    from bot.adapters.git.store import GitStore
    from bot.app.auditing import Audited
    from bot.ports.store import Look

log = logging.getLogger("orchestrator")


@click.command()
@click.option(
    "--last", type=click.IntRange(min=0), help="Judge so many of the newest commits; all where not given."
)
@click.option(
    "--after",
    default="",
    metavar="COMMIT",
    callback=commit_id,
    help="A commit that is known to have been there: tells whether the branch was set back or rewritten.",
)
@repository_option
def verify(last: int | None, after: str, repository: str) -> None:
    """Does the state branch hold together, and was it edited by hand? Names each rule and commit.

    Each commit has to be what this program makes of the one before it and of its own recorded events. What
    another version has decided may come out differently, and is told as not proven.
    """
    from bot.app.auditing import audit
    from bot.bootstrap.reading import read_template
    from bot.looking.sessions import reading

    with reading(os.environ, repository) as current:
        look = current.first_look()
        if look.version is None:
            raise UsageError("there is no state branch yet; the first command or tick creates it")
        broken = [f"broken: {problem}" for problem in _broken(look.files)]
        commits = list(audit(current.store, read_template(), last, after))
        if not broken:
            broken += [f"archive: {one}" for one in _archive(current.store, look, commits)]
    broken += [f"edited: {one.commit[:12]}: {wrong}" for one in commits for wrong in one.wrong]
    for line in broken:
        click.echo(line)
    unproven = Counter(one.unproven for one in commits if one.unproven)
    for why, count in unproven.items():
        click.echo(f"not proven: {count} commit{'s' if count > 1 else ''}: {why}")
    click.echo(
        f"{look.version[:12]}: {len(look.files)} files, {len(commits)} commits, {len(broken)} problems"
    )
    if broken:
        sys.exit(1)


def _archive(store: GitStore, look: Look, commits: Sequence[Audited]) -> list[str]:
    """What is wrong with the archive branch, where the state has not moved on since it was read."""
    from bot.app.restoring import problems
    from bot.domain import files

    expected: dict[str, bytes | None] = {}
    for one in commits:  # newest first: that is what counts
        expected = {**one.archived, **expected}
    found = list(problems(files.load(look.files), store.shelf.files()[1], expected))
    moved = bool(found) and store.peek().version != look.version
    return ["the state has moved on meanwhile; do this again"] if moved else found


def _broken(found: Mapping[str, bytes]) -> list[str]:
    """The rules that a state breaks, or why it is none."""
    from bot.domain import files, invariants

    try:
        return list(invariants.problems(files.load(found)))
    except SchemaTooNew:
        raise
    except StateInvalid as error:
        return [str(error)]


@click.command()
@repository_option
def replay(repository: str) -> None:
    """Does the branch's history re-derive, commit by commit, from its own recorded events?"""
    from bot.app.replay import Verdict
    from bot.app.replay import replay as replay_history
    from bot.looking.sessions import reading

    with reading(os.environ, repository) as current:
        found = list(replay_history(current.store))
    for one in found:
        if one.verdict is Verdict.DIFFERS:
            click.echo(f"differs: {one.commit[:12]} {' '.join(one.paths) or '(no deciding version named)'}")
    counts = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
    click.echo(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if counts[Verdict.DIFFERS]:
        sys.exit(1)


@click.command()
@repository_option
@remote_option
@branch_option
@click.option("--watch", is_flag=True, help="Look again and again, with live tables; Ctrl-C ends it.")
@click.option(
    "--every", type=click.FloatRange(min=0.5), default=5.0, show_default=True, help="Seconds between looks."
)
@click.option("--json", "as_json", is_flag=True, help="The same as one line of JSON, for scripts.")
def status(
    repository: str, state_remote: str, branch: str, *, watch: bool, every: float, as_json: bool
) -> None:
    """Show how the whole system is doing: health, queues, what runs, projects, alerts."""
    from bot.adapters.state_place import Asked
    from bot.dashboard import terminal
    from bot.looking.sessions import glances

    with glances(os.environ, Asked(repository, state_remote, branch)) as look:
        if as_json:
            click.echo(terminal.line(look()))
        elif watch and sys.stdout.isatty():
            terminal.watch(look, every)
        else:
            terminal.show(look(), sys.stdout)


@click.group()
def dashboard() -> None:
    """The fleet as a static site."""


@dashboard.command("build")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The directory that holds the site; an older dashboard in it is replaced.",
)
@repository_option
@remote_option
@branch_option
@click.option("--since", default="", help="How far back it looks, for example 12h or 7d (at most 31d).")
@click.option(
    "--texts/--no-texts", default=None, help="Show or hide people's words and what programs printed."
)
@click.option("--people/--no-people", default=None, help="Show or hide logins.")
@click.option("--titles/--no-titles", default=None, help="Show or hide the titles of projects and tasks.")
def dashboard_build(
    out: Path,
    repository: str,
    state_remote: str,
    branch: str,
    since: str,
    *,
    texts: bool | None,
    people: bool | None,
    titles: bool | None,
) -> None:
    """Make the site from the state branch and its history; opens from a file, and needs no network."""
    from bot.adapters.state_place import Asked
    from bot.looking.sessions import build_dashboard

    given = {"texts": texts, "people": people, "titles": titles}
    wanted = {name: value for name, value in given.items() if value is not None}
    built = build_dashboard(os.environ, out, Asked(repository, state_remote, branch), since, wanted)
    log.info("%d pages from %s in %s", built.pages, built.version[:12], out)


COMMANDS: tuple[click.Command, ...] = (verify, replay, status, metrics, dashboard, state)
"""What ``orchestrator`` has of these."""
