"""Where somebody who only reads finds the state branch: a person at a terminal, or a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.by_hand import by_hand


@dataclass(frozen=True, slots=True)
class Asked:
    """What was named on the command line, or in the environment for it; empty where nothing was."""

    repository: str = ""
    """``owner/name``."""
    remote: str = ""
    """A path or a URL."""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class StatePlace:
    """A branch of a git remote, and what is needed to read it."""

    remote: str
    branch: str
    token: str = field(default="", repr=False)
    home: str = ""
    """The repository's address for people; empty where only a remote is known."""

    @classmethod
    def of(cls, environ: Mapping[str, str], asked: Asked) -> StatePlace:
        """A remote alone is enough; it gets no token then. Raises UsageError."""
        branch = asked.branch or "state"
        if asked.remote and not (asked.repository or environ.get("GITHUB_REPOSITORY")):
            return cls(asked.remote, branch)
        known = {**environ, "ORCHESTRATOR_STATE_REMOTE": asked.remote}
        context = by_hand(
            known, asked.repository, needs="read the repository's contents", directory=Path.cwd()
        )
        home = f"{context.server_url}/{context.repository}"
        return cls(asked.remote or f"{home}.git", branch, context.token, home)
