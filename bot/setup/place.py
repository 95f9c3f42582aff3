"""Which repository a command is about, where GitHub is, and with whose token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.adapters.actions import ActionsContext
from bot.adapters.by_hand import by_hand
from bot.adapters.clone import told
from bot.domain.errors import UsageError

_REMOTE = re.compile(
    r"^(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|[^@/]+@)([^/:]+)(?::\d+)?[:/](.+?)(?:\.git)?/?$"
)


def place(environ: Mapping[str, str], repository: str, directory: Path | None = None) -> ActionsContext:
    """The repository named, else GITHUB_REPOSITORY, else that of the clone; a token is needed.

    Raises UsageError.
    """
    if not (environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN")):
        raise UsageError(
            "no token: set GH_TOKEN (with GitHub's CLI: GH_TOKEN=$(gh auth token)). "
            "docs/setup.md lists what it has to be allowed"
        )
    return by_hand(environ, repository, needs="set the repository up", directory=directory, option="")


def toplevel(folder: Path) -> Path:
    """The work tree that a folder is in. Raises UsageError outside of one."""
    found = told(folder, "rev-parse", "--show-toplevel")
    if not found:
        raise UsageError(f"{folder} is in no clone of a repository: change to one, or name OWNER/NAME")
    return Path(found)


def origin(folder: Path) -> str:
    """The repository that a clone comes from, as owner/name; empty where its remote does not say."""
    found = _REMOTE.match(told(folder, "remote", "get-url", "origin"))
    parts = found[2].split("/") if found else []
    return "/".join(parts[-2:]) if len(parts) >= 2 else ""


def head(folder: Path) -> str:
    """The commit that a clone is at; empty where it has local changes, or none."""
    return "" if told(folder, "status", "--porcelain") else told(folder, "rev-parse", "HEAD")
