"""``orchestrator upgrade``: the workflow files at this program's version, and what the state needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import click

from bot import __version__
from bot.adapters.actions import ActionsContext
from bot.adapters.github.admin import GitHubAdmin
from bot.domain import files
from bot.domain.base import SCHEMA
from bot.domain.errors import UsageError
from bot.ports.store import Look
from bot.render import setting_up
from bot.setup import reading, writing
from bot.setup.action import chosen, resolved
from bot.setup.plan import BRANCH, FilePlan, to_write
from bot.setup.rights import check
from bot.setup.workflow_files import EXTRAS, FOLDER, PATHS, made

LookAt = Callable[[ActionsContext, Mapping[str, str]], AbstractContextManager[Look]]
"""Reads the state branch with a token."""


def upgrade(
    context: ActionsContext,
    environ: Mapping[str, str],
    look_at: LookAt,
    given_action: str,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Propose the files; refuses before anything where the state is newer than this program.

    Raises OrchestratorErrors.
    """
    admin = GitHubAdmin(context.repository, context.token, context.api_url)
    about = reading.about(admin)
    check(about)
    with look_at(context, environ) as look:
        click.echo(state_told(look))
    action = resolved(*chosen(given_action), admin)
    head, open_one = reading.head(admin, about.default_branch), reading.proposal(admin, BRANCH)
    there = reading.texts(admin, PATHS, open_one.head if open_one else head)
    if not any(there.values()):
        raise UsageError(f"{about.full_name} is not set up yet: orchestrator init {about.full_name}")
    extras = [name for name in EXTRAS if there[f"{FOLDER}/{name}"] is not None]
    plan = to_write(made(action, extras), there, action)
    _show(plan, dry_run=dry_run)
    if dry_run or not plan.changes:
        return
    if not yes:
        click.confirm(f"Open a pull request from {BRANCH}?", default=True, abort=True)
    parent = open_one.head if open_one else head
    writing.push(admin, BRANCH, parent, plan.changes, setting_up.UPGRADE, open_one)
    body = setting_up.upgrade(list(plan.changes), plan.notes, __version__)
    done = writing.propose(admin, BRANCH, about.default_branch, setting_up.UPGRADE, body, open_one)
    click.echo(f"Merge {done.url}.")


def state_told(look: Look) -> str:
    """What the state's schema needs. Raises SchemaTooNew, StateInvalid."""
    if look.version is None:
        return "The state branch is not there yet: the first command or tick makes it."
    files.load(look.files)
    return f"The state has schema {SCHEMA}, the one of this version ({__version__}): nothing to migrate."


def _show(plan: FilePlan, *, dry_run: bool) -> None:
    if not plan.changes:
        click.echo(f"The workflow files are those of version {__version__}: nothing to do.")
    for path, text in plan.changes.items():
        click.echo(setting_up.shown_file(path, text) if dry_run else f"- {path}")
    for note in plan.notes:
        click.echo(f"- {note}")
    if dry_run:
        click.echo("Nothing was written: this was --dry-run.")
