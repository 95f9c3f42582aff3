"""Which action the workflows use: its repository and the commit that they are pinned to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot import __version__
from bot.adapters.github.admin import GitHubAdmin
from bot.domain.errors import ForgeError, UsageError
from bot.setup.place import head, origin

_GIVEN = re.compile(r"^([A-Za-z0-9-]+/[A-Za-z0-9._-]+)@([A-Za-z0-9._/+-]+)$")
COMMIT = re.compile(r"^[0-9a-f]{40}$")


@dataclass(frozen=True, slots=True)
class Action:
    """The action, pinned: ``acme/orchestrator@<commit> # v0.1.0``."""

    repository: str
    commit: str
    version: str = ""
    """The tag that the commit was found by; empty where the commit itself was given."""

    def uses(self, folder: str = "") -> str:
        """What stands behind ``uses:``; ``folder`` is the place of another action in the repository."""
        comment = f" # {self.version}" if self.version else ""
        return f"{self.repository}{'/' if folder else ''}{folder}@{self.commit}{comment}"


def chosen(given: str, checkout: Path | None = None) -> tuple[str, str]:
    """The repository and the version as they were given, else those of the checkout that this runs from.

    Raises UsageError where neither says it.
    """
    if given:
        match = _GIVEN.match(given)
        if not match:
            raise UsageError(f"--action {given!r}: expected OWNER/NAME@VERSION, with a commit or a tag")
        return match[1], match[2]
    here = checkout or Path(__file__).resolve().parents[2]
    mine = (here / "action.yml").is_file()
    repository, commit = (origin(here), head(here)) if mine else ("", "")
    if not repository or not commit:
        raise UsageError(
            "which action are the workflows to use? Give --action OWNER/NAME@VERSION: a repository with "
            f"orchestrator's action and its commit or tag, for example acme/orchestrator@v{__version__}. "
            "(It is the default in a clean clone of orchestrator, whose origin and commit tell it.)"
        )
    return repository, commit


def resolved(repository: str, version: str, admin: GitHubAdmin) -> Action:
    """The action with its commit, which has to be there. Raises UsageError."""
    owner, _, name = repository.partition("/")
    try:
        found = admin.ask_elsewhere(
            f"find {repository}@{version}", "repos.get_commit", owner=owner, repo=name, ref=version
        )
    except ForgeError as error:
        raise UsageError(
            f"--action {repository}@{version}: {error}. Name a repository that this token can read; for "
            "a private one also allow its use: Settings → Actions → General → Access"
        ) from None
    commit = str(found.json["sha"])
    return Action(repository, commit, "" if COMMIT.match(version) else version)
