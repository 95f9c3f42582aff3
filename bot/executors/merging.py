"""Where a task's checkout begins: at its branch, brought up to date with the default branch.

The merge is made in a clean clone of the executor's own repository, with no settings but the executor's. Its
author and date follow from what is merged, so that whoever makes it again gets the same commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.executors.area import Refused
from bot.executors.workspace import CommandFailed, Workspace

_SETTINGS = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "merge.conflictStyle=merge",
    "-c",
    "rerere.enabled=false",
)
_MARKER = re.compile(r"(?m)^(?:<{7}|>{7}) ")


@dataclass(frozen=True, slots=True)
class Start:
    """The commit that a checkout begins at, and what comes of it."""

    commit: str
    parents: tuple[str, ...]
    """Of the commit that takes the work over."""
    known: tuple[str, ...]
    """Commits that the project's repository has, so that no bundle needs them."""
    conflicts: tuple[str, ...] = ()
    """Files that hold conflict markers, or that one side has changed and the other deleted."""


def begin(own: Workspace, branch: str, default_branch: str, head: str, default: str) -> Start:
    """Where the work on a branch begins; ``head`` is empty where there is none yet.

    Raises Refused where the two cannot be merged, CommandFailed where git cannot.
    """
    if not head or _has(own, default, head):
        return Start(default, (default,), (default,))
    if _has(own, head, default):
        return Start(head, (head,), (head,))
    own.git("clone", "--quiet", "--no-hardlinks", "--no-checkout", "repository.git", "merging")
    clone = own.inside("merging")
    clone.git("checkout", "--quiet", "--detach", head)
    message = f"Merge {default_branch} into {branch}"
    at = max(int(clone.git("show", "-s", "--format=%ct", each)) for each in (head, default))
    conflicts: tuple[str, ...] = ()
    try:
        clone.git(*_SETTINGS, "merge", "--quiet", "--no-ff", "--no-verify", "-m", message, default, at=at)
        commit = clone.git("rev-parse", "HEAD")
    except CommandFailed:
        conflicts = _unmerged(clone)
        if not conflicts:
            raise Refused(
                f"{default_branch} cannot be merged into {branch}: they share no history that was fetched; "
                "merge them by hand",
                retry=False,
            ) from None
        clone.git("add", "--all")
        tree = clone.git("write-tree")
        commit = clone.git("commit-tree", tree, "-p", head, "-p", default, "-m", message, at=at)
    clone.git("update-ref", "refs/heads/merged", commit)
    # Onto the branch itself: a clone of a shallow repository gets nothing but branches.
    own.git("--git-dir", "repository.git", "fetch", "--quiet", "--no-tags", "merging",
            f"+refs/heads/merged:refs/heads/{branch}")  # fmt: skip
    parents = (head, default) if conflicts else (commit,)
    return Start(commit, parents, (head, default), conflicts)


def _has(own: Workspace, commit: str, older: str) -> bool:
    """Whether a commit has an older one in its history."""
    command = ["git", "--git-dir", "repository.git", "merge-base", "--is-ancestor", older, commit]
    return own.attempt(command).exit_code == 0


def _unmerged(clone: Workspace) -> tuple[str, ...]:
    listed = clone.git("diff", "--name-only", "-z", "--diff-filter=U")
    return tuple(sorted(filter(None, listed.split("\0"))))


def marked(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The paths of those texts in which a conflict's begin or end is still marked."""
    return (path for path, text in texts if _MARKER.search(text))
