"""Which permissions are needed, by whom and what for: the table that texts, checks and the App rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission of a token or of a GitHub App."""

    name: str
    """As GitHub's API calls it: ``pull_requests``."""
    level: Level
    why: str

    @property
    def title(self) -> str:
        """As GitHub's pages call it: ``Pull requests``."""
        return _TITLES.get(self.name, self.name.replace("_", " ").capitalize())


_TITLES = {"statuses": "Commit statuses", "secrets": "Secrets", "actions_variables": "Variables"}

PROJECTS: tuple[Grant, ...] = (
    Grant("administration", "write", "makes the projects' repositories and protects their default branch"),
    Grant("actions", "write", "starts the workflow of a project that deploys it"),
    Grant("checks", "read", "sees whether a pull request's checks have passed"),
    Grant("contents", "write", "pushes branches, merges, writes what a project consists of"),
    Grant("issues", "write", "files a project's issues, its labels and milestones"),
    Grant("metadata", "read", "GitHub asks for it with any other"),
    Grant("pages", "write", "makes a project's site"),
    Grant("pull_requests", "write", "opens, reviews and merges pull requests"),
    Grant("statuses", "read", "sees whether a pull request's statuses are successes"),
    Grant("workflows", "write", "scaffolds a project's own CI"),
)
"""For the repositories of projects: the App's, or those of the token ORCHESTRATOR_GENESIS_TOKEN."""

RUN: tuple[Grant, ...] = (
    Grant("actions", "write", "starts and cancels workers' runs"),
    Grant("checks", "read", "sees whether the checks of a project's pull request here have passed"),
    Grant("contents", "write", "pushes the state branch"),
    Grant("issues", "write", "replies, reacts, labels, pins"),
    Grant("pages", "write", "has the site of a project built that lives in this repository"),
    Grant("pull_requests", "write", "replies on and opens pull requests"),
    Grant("statuses", "read", "as the checks"),
)
"""For the workflows' own token; each job asks for the part that it needs."""

SETUP: tuple[Grant, ...] = (
    Grant("actions", "write", "doctor: runs and states of the workflows; uninstall: cancels runs"),
    Grant("actions_variables", "write", "init: the monitor's mode; doctor: whether it is valid"),
    Grant("administration", "read", "doctor: Actions' settings, runners, branch protection"),
    Grant("contents", "write", "init: the branch of the pull request, the state branch"),
    Grant("issues", "write", "init: labels; doctor: the pinned issue"),
    Grant("metadata", "read", "GitHub asks for it with any other"),
    Grant("pull_requests", "write", "init: the pull request with the files"),
    Grant("secrets", "write", "init: the agent's key, where you let it; doctor: the secrets' names"),
    Grant("workflows", "write", "init: files below .github/workflows"),
)
"""For whoever runs ``init``, ``doctor``, ``upgrade`` and ``uninstall``: a fine-grained token's."""

CLASSIC = ("repo", "workflow")
"""The scopes of a classic token that stand for all of ``SETUP``, and for ``PROJECTS`` too."""


def missing_scopes(scopes: str) -> tuple[str, ...]:
    """What a classic token lacks, by the scopes that GitHub tells (separated by commas)."""
    held = {scope.strip() for scope in scopes.split(",")}
    return tuple(scope for scope in CLASSIC if scope not in held)


def listed(grants: tuple[Grant, ...]) -> str:
    """The permissions in one line, as a person ticks them."""
    return ", ".join(f"{grant.title} ({grant.level})" for grant in grants)
