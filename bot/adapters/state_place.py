"""Where a person, or a job that only reads, finds the state branch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.errors import UsageError

GITHUB = "https://github.com"


@dataclass(frozen=True, slots=True)
class StatePlace:
    """A branch of a git remote, and what is needed to read it."""

    remote: str
    branch: str
    token: str = field(default="", repr=False)
    """Empty: none is needed, as for a path or a public repository."""
    home: str = ""
    """The repository's address for people; empty where only a remote is known."""

    @classmethod
    def of(cls, environ: Mapping[str, str], remote: str, branch: str) -> StatePlace:
        """``remote`` and ``branch`` are options, empty where they were not given. Raises UsageError."""
        name = environ.get("GITHUB_REPOSITORY", "")
        if not remote and not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", name):
            what = f"GITHUB_REPOSITORY is {name!r}" if name else "no state branch is named"
            raise UsageError(
                f"{what}: give --state-remote with a path or a URL of the repository that holds the branch, "
                "or set GITHUB_REPOSITORY to owner/name"
            )
        server = environ.get("GITHUB_SERVER_URL", "") or GITHUB
        home = f"{server.rstrip('/')}/{name}" if name else ""
        token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
        return cls(remote or f"{home}.git", branch or "state", token, home)
