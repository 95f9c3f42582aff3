"""Where a scaffold went, and what is missing for a repository of its own."""

from __future__ import annotations

from bot.domain.outputs import GenesisOutput
from bot.domain.repositories import Repositories
from bot.render.text import code, plural

_MOST = 5
"""Paths that are named."""


def place(output: GenesisOutput) -> str:
    """The repository, or the branch of one, as a link."""
    if not output.branch:
        return f"[{code(output.repository)}]({output.repository_url})"
    branch = f"[{code(output.branch)}]({output.repository_url}/tree/{output.branch})"
    return f"branch {branch} of {code(output.repository)}"


def missing(output: GenesisOutput, rule: Repositories) -> str:
    """What could not be done there, and what a person has to do for it; empty where all was done."""
    if output.branch:
        owner = rule.owner or output.repository.partition("/")[0]
        return (
            "\n**Not in a repository of its own:** there is no token that may make one. So the project is at "
            "the root of that branch, its pull requests go there, and its issues are in this repository."
            f"{_left_out(output)}\n\n"
            "For the projects to come, keep as the secret `ORCHESTRATOR_GENESIS_TOKEN` a token that may make "
            f"repositories under {code(owner)}: of a GitHub App that is installed on all of its "
            "repositories, or of a person, with write access to administration, contents, issues, pull "
            "requests, pages, actions and workflows (a classic token: the scopes `repo` and `workflow`).\n"
        )
    if output.protected is False:
        return (
            f"\nThe branch {code(output.default_branch)} could not be protected: that needs a token with "
            "`administration: write`, and for a private repository a plan of GitHub's that has it. "
            "`repositories.protect: false` in `.github/orchestrator.yml` does without.\n"
        )
    return ""


def _left_out(output: GenesisOutput) -> str:
    if not output.left_out:
        return ""
    named = ", ".join(code(path) for path in output.left_out[:_MOST])
    more = len(output.left_out) - _MOST
    rest = f" and {plural(more, 'other')}" if more > 0 else ""
    return (
        f" Left out: {named}{rest}, because workflows there would run with this repository's "
        "secrets; so nothing but the workers runs its tests."
    )
