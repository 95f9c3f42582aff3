"""``orchestrator worker``: its options, and what a person reads of them."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

import click

from bot.domain.errors import UsageError


@click.command()
@click.option(
    "--id", "id_", required=True, help="This process's name in the fleet, one for each: for example dev-02."
)
@click.option(
    "--workflow",
    required=True,
    type=click.Choice(["genesis", "development", "content"]),
    help="What it does.",
)
@click.option("--specialty", "specialties", multiple=True, help="What it is best at; may be repeated.")
@click.option("--region", default="", help="Where it stands; work of that region is given to it rather.")
@click.option(
    "--slots", default=1, show_default=True, type=click.IntRange(1, 64), help="Assignments at once."
)
@click.option("--repository", default="", metavar="OWNER/NAME", help="The fleet; else GITHUB_REPOSITORY.")
@click.option(
    "--poll",
    default=10.0,
    show_default=True,
    type=click.FloatRange(min=0.05),
    help="Seconds between two looks at the state branch (a git read, no push).",
)
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where it works; else a directory in the user's cache.",
)
def worker(
    id_: str,
    workflow: str,
    specialties: tuple[str, ...],
    region: str,
    slots: int,
    repository: str,
    poll: float,
    workspace: Path | None,
) -> None:
    """Work for the fleet on this machine until told to end.

    Needs git, and access to the state branch: GITHUB_TOKEN or GH_TOKEN, or ORCHESTRATOR_STATE_REMOTE
    with a remote that needs no token (then replies and labels wait for the next tick). Genesis makes
    repositories with ORCHESTRATOR_GENESIS_TOKEN, else branches of this one. Agents get their own keys, such
    as ANTHROPIC_API_KEY; no GitHub token ever reaches them.

    SIGTERM or Ctrl-C: takes nothing more, finishes what it holds, ends. A second time: stops at once and
    gives its work back.
    """
    from bot.app.worker.identity import Identity
    from bot.bootstrap.working import run_worker
    from bot.domain.pools import MOST_SPECIALTIES
    from bot.domain.vocabulary import Workflow

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,35}", id_):
        raise UsageError(f"--id {id_!r}: up to 36 lower-case letters, digits and hyphens, such as dev-02")
    wrong = [one for one in specialties if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", one)]
    if wrong or len(specialties) > MOST_SPECIALTIES:
        raise UsageError(
            f"--specialty {wrong[0]!r}: up to 40 lower-case letters, digits and hyphens, such as code-review"
            if wrong
            else f"--specialty: given {len(specialties)}, expected at most {MOST_SPECIALTIES}"
        )
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
        force=True,
    )
    me = Identity(id_, Workflow(workflow), specialties, region, slots)
    code = run_worker(me, os.environ, repository=repository, folder=workspace, poll=poll)
    if code:
        sys.exit(code)
