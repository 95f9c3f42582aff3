"""Options that these commands share: where the state branch is."""

from __future__ import annotations

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
