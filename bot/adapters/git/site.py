"""A branch that holds a built site: its commits are made here, each from a tree that a bundle brings.

Or sites of several projects, each in a folder of its own.

The commit is a function of the bundle's and of the branch's head: made twice it has the same id, and where
the head has that tree and message already, nothing is made at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from bot.adapters.git import changes as git_changes
from bot.adapters.git.bundle import refused, unbundle
from bot.adapters.git.trees import entries, with_file, with_folder
from bot.adapters.git.workbench import Workbench
from bot.domain.errors import BranchMoved, OutputRefused
from bot.domain.inspection import problems
from bot.domain.merging import PullRequests

MARKER = "Orchestrator-Site"
"""The trailer of a commit that this program made; its value is the repository's name."""
_COMMIT = re.compile(r"\b[0-9a-f]{40}\b")
_LATEST = 2**32 - 1
"""Seconds: the last moment that every git can read."""
_ROUNDS = 3
"""Attempts where another run publishes at the same time."""


@dataclass(frozen=True, slots=True)
class _Built:
    """A site as the bundle brings it."""

    tree: str
    message: str
    seconds: int
    """The author's time in the bundle, in epoch seconds."""


def publish_site(
    bench: Workbench,
    bundle: Path,
    branch: str,
    limits: PullRequests,
    known: Sequence[str] = (),
    folder: str = "",
) -> str:
    """Add a bundle's tree to the branch, or to a folder of it; returns the remote's head.

    Raises OutputRefused, BranchMoved, Forbidden, NotFound, StoreUnavailable.
    """
    built: _Built | None = None
    for last in range(1, _ROUNDS + 1):
        head = bench.fetch([branch], depth=1).get(branch, "")
        built = whole = built or _built(bench, bundle, branch)
        if head:
            _check_own(bench, head, branch)
            if _has(bench, head, built, folder):
                return head
        if folder:
            whole = _among(bench, head, built, folder)
        _inspect(bench, head, whole, limits, known)
        try:
            return bench.push(branch, _commit(bench, whole, head), head)
        except BranchMoved:
            if last == _ROUNDS:
                raise
    raise AssertionError("the last round returns or raises")


def _built(bench: Workbench, bundle: Path, branch: str) -> _Built:
    commit = unbundle(bench, bundle, branch)
    content = bench.content(commit).decode("utf-8", "replace")
    head, _, said = content.partition("\n\n")
    if "\nparent " in head:
        raise refused(bundle, "a site is one commit without parents")
    author = re.search(r"(?m)^author .*> (\d{1,12}) [+-]\d{4}$", head)
    source = _COMMIT.search(said)
    of = f" of {source[0][:12]}" if source else ""
    name = urlsplit(bench.url).path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    trailers = [f"{MARKER}: {name}", *([f"Orchestrator-Commit: {source[0]}"] if source else [])]
    message = f"Publish the site{of}\n\n" + "\n".join(trailers) + "\n"
    return _Built(head[5:45], message, min(int(author[1]) if author else 0, _LATEST))


def _has(bench: Workbench, head: str, built: _Built, folder: str) -> bool:
    """Whether a head of the branch shows the site already."""
    tree, message = _parts(bench, head)
    if not folder:
        return (tree, message) == (built.tree, built.message)
    return any((one.name, one.object_id) == (folder, built.tree) for one in entries(bench, tree))


def _among(bench: Workbench, head: str, built: _Built, folder: str) -> _Built:
    """The site as a folder beside what the branch has; GitHub looks for ``.nojekyll`` at its root."""
    tree = with_folder(bench, _parts(bench, head)[0] if head else "", folder, built.tree)
    subject, _, rest = built.message.partition("\n")
    message = f"{subject} in {folder}\n{rest}"
    return replace(built, tree=with_file(bench, tree, ".nojekyll", b""), message=message)


def _check_own(bench: Workbench, head: str, branch: str) -> None:
    if not re.search(rf"(?m)^{MARKER}: \S", _parts(bench, head)[1]):
        raise OutputRefused(
            f"the branch {branch} at {bench.url} holds {head[:12]}, which this program did not make, so it "
            "is left as it is; delete or rename the branch, or deploy in another way (`deployment.kind`)"
        )


def _parts(bench: Workbench, commit: str) -> tuple[str, str]:
    """(tree, message) of a commit."""
    head, _, message = bench.content(commit).decode("utf-8", "replace").partition("\n\n")
    return head[5:45], message


def _inspect(bench: Workbench, head: str, built: _Built, limits: PullRequests, known: Sequence[str]) -> None:
    changed = git_changes.between(bench, head or git_changes.EMPTY, built.tree)
    found = problems(
        git_changes.files(bench, changed, ()), git_changes.versions(bench, changed), limits, known
    )
    if found:
        raise OutputRefused(f"the site cannot be published: {'; '.join(found)}")


def _commit(bench: Workbench, built: _Built, parent: str) -> str:
    who = f"orchestrator <orchestrator@users.noreply.github.com> {built.seconds} +0000"
    parents = f"parent {parent}\n" if parent else ""
    content = f"tree {built.tree}\n{parents}author {who}\ncommitter {who}\n\n{built.message}"
    return bench.must("hash-object", "-t", "commit", "-w", "--stdin", stdin=content.encode())
