"""``init``, ``doctor``, ``upgrade``, ``uninstall`` on the command line; every start reads it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

_DRY = click.option("--dry-run", is_flag=True, help="Show everything; make no write request.")
_YES = click.option("--yes", is_flag=True, help="Ask nothing: what no option says takes its default.")
_ACTION = click.option(
    "--action",
    default="",
    metavar="OWNER/NAME@VERSION",
    help="Which action the workflows use, by a commit or a tag; the commit is pinned. Default: the origin "
    "and the commit of the clone of orchestrator that this runs from.",
)
_REPOSITORY = click.argument("repository", required=False, default="", metavar="[OWNER/NAME]")


@click.command()
@_REPOSITORY
@_ACTION
@_YES
@_DRY
@click.option("--local", is_flag=True, help="Write the files into the present clone; make no request.")
@click.option("--mode", type=click.Choice(["loop", "cron", "events"]), help="How the monitor runs.")
@click.option("--agent", default="", help="Who does the work: template, claude-code, codex, copilot …")
@click.option(
    "--projects",
    type=click.Choice(["branch", "token", "app"]),
    help="Where projects go: branches here, or repositories made by a token or by a GitHub App.",
)
@click.option("--app-id", default="", metavar="NUMBER", help="The GitHub App that makes the repositories.")
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="NAME",
    help="Set this secret to the environment variable of its name; may be repeated.",
)
@click.option(
    "--app",
    "app_page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write a page that registers a GitHub App with least permissions.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="NAME",
    help="Leave this workflow out: compact (shortens the state's history) or pages (the dashboard's site).",
)
@click.option("--app-code", default="", metavar="CODE", help="Finish that: the code that GitHub gave.")
def init(
    repository: str,
    action: str,
    yes: bool,
    dry_run: bool,
    local: bool,
    mode: str | None,
    agent: str,
    projects: str | None,
    app_id: str,
    secrets: tuple[str, ...],
    app_page: Path | None,
    without: tuple[str, ...],
    app_code: str,
) -> None:
    """Set a repository up: state branch, labels, settings, and one pull request with the files.

    May be run again at any time: nothing is doubled, and no edit of yours is overwritten.
    """
    from bot.bootstrap.hub import begin_repository
    from bot.setup.choosing import Options
    from bot.setup.initialising import Init
    from bot.setup.initialising import local as write_locally
    from bot.setup.place import place, toplevel
    from bot.setup.registering import finish, write_page

    options = Options(mode or "", agent, projects or "", app_id, secrets, without, yes)
    if local:
        write_locally(toplevel(Path.cwd()), options, action, dry_run=dry_run)
        return
    context = place(os.environ, repository, Path.cwd())
    if app_page is not None:
        write_page(context, app_page)
    elif app_code:
        finish(context, app_code)
    else:
        Init(context, os.environ, begin_repository, dry_run).run(options, action)


@click.command()
@_REPOSITORY
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--strict", is_flag=True, help="What could not be looked at counts as wrong.")
@click.option(
    "--probe", "probes", is_flag=True, help="Try on the repository itself what the program counts on."
)
def doctor(repository: str, as_json: bool, strict: bool, probes: bool) -> None:
    """Find out what is wrong with a set-up: what was found, why it matters, what mends it.

    Makes no write request, but with --probe, which makes a temporary issue, label, branch and run and takes
    them away again. Exit code 0: nothing is wrong; 2: something is.
    """
    from bot.setup.place import place
    from bot.setup.table import as_text, print_table

    context = place(os.environ, repository, Path.cwd())
    if probes:
        from bot.setup.probing import probe

        findings = probe(context, os.environ)
    else:
        from bot.bootstrap.hub import state_at
        from bot.setup.doctor import examine

        findings = examine(context, os.environ, state_at)
    if as_json:
        click.echo(as_text(findings))
    else:
        print_table(findings)
    if any(finding.is_wrong or (strict and finding.is_unseen) for finding in findings):
        sys.exit(2)


@click.command()
@_REPOSITORY
@_ACTION
@_YES
@_DRY
def upgrade(repository: str, action: str, yes: bool, dry_run: bool) -> None:
    """Bring the workflow files to this program's version, by a pull request; tell what the state needs."""
    from bot.bootstrap.hub import state_at
    from bot.setup.place import place
    from bot.setup.upgrading import upgrade as run

    run(place(os.environ, repository, Path.cwd()), os.environ, state_at, action, yes=yes, dry_run=dry_run)


@click.command()
@_REPOSITORY
@_YES
@_DRY
@click.option("--state", is_flag=True, help="Also delete labels, state branch and variables, for good.")
@click.option("--secret", "secrets", multiple=True, metavar="NAME", help="Delete this secret too.")
@click.option(
    "--confirm", default="", metavar="OWNER/NAME", help="The repository's name, in place of typing it."
)
def uninstall(
    repository: str, yes: bool, dry_run: bool, state: bool, secrets: tuple[str, ...], confirm: str
) -> None:
    """Take everything away again: the files by a pull request, the rest with --state."""
    from bot.setup.place import place
    from bot.setup.removing import Removal

    context = place(os.environ, repository, Path.cwd())
    Removal(context, os.environ, dry_run).run(yes=yes, state=state, secrets=secrets, confirmed=confirm)


COMMANDS = (init, doctor, upgrade, uninstall)
