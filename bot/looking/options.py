"""Options that these commands share: where the state branch is."""

from __future__ import annotations

import re

import click

repository_option = click.option(
    "--repository", default="", metavar="OWNER/NAME", help="Else GITHUB_REPOSITORY, else this clone's origin."
)
remote_option = click.option(
    "--state-remote",
    envvar="ORCHESTRATOR_STATE_REMOTE",
    default="",
    help="Where the state branch is: a path or a URL; left out, the repository.",
)
branch_option = click.option(
    "--branch",
    envvar="ORCHESTRATOR_STATE_BRANCH",
    default="",
    help="The branch that holds the state; left out: state.",
)


def commit_id(_: click.Context, __: click.Parameter, value: str) -> str:
    """A commit's id or its beginning. Raises BadParameter."""
    if value and not re.fullmatch(r"[0-9a-f]{7,64}", value):
        raise click.BadParameter(
            f"{value!r}: expected a commit's id or its beginning, at least 7 of 0-9, a-f"
        )
    return value
