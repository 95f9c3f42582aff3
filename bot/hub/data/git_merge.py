"""Merging in a bare repository, without a work tree: trees, commits, and refs that only move as expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.hub.data.git_data import CommitRecord, Signature, commits, run

_UNUSABLE = re.compile(r"[<>\n\0]")
_NOBODY = Signature("hub", "hub@localhost", datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
ABSENT = "0" * 40
"""Stands for a ref that does not exist."""


def merged_tree(path: Path, ours: str, theirs: str) -> str | None:
    """The tree of the two commits merged; None where they conflict or have no history in common."""
    out = run(path, "merge-tree", "--write-tree", "--no-messages", ours, theirs)
    return out.decode().split()[0] if out else None


def write_commit(
    path: Path, tree: str, parents: Sequence[str], author: Signature, committer: Signature, message: str
) -> str:
    """Store a commit; no ref names it yet."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {_signed(author)}", f"committer {_signed(committer)}", "", message.rstrip("\n"), ""]
    out = run(path, "hash-object", "-t", "commit", "-w", "--stdin", stdin="\n".join(lines).encode())
    if out is None:
        raise OSError(f"git could not store a commit in {path}")
    return out.decode().strip()


def replayed(path: Path, base: str, onto: str, head: str, committer: Signature) -> str | None:
    """The commits of ``head`` that ``base`` does not have, made anew on ``onto``; None for a conflict.

    Merges among them are left out, as ``git rebase`` leaves them out.
    """
    for commit in reversed(commits(path, head, limit=10_000, without=base)):
        if len(commit.parents) > 1:
            continue
        tree = _picked(path, commit, onto)
        if tree is None:
            return None
        onto = write_commit(path, tree, [onto], commit.author, committer, commit.message)
    return onto


def move_ref(path: Path, ref: str, new: str, old: str) -> bool:
    """Point a ref at ``new`` if it is still at ``old``; False where somebody else was quicker."""
    return run(path, "update-ref", ref, new, old) is not None


def _picked(path: Path, commit: CommitRecord, onto: str) -> str | None:
    """The tree of one commit's change on top of ``onto``.

    ``git merge-tree`` finds the common ancestor by the history (it takes one by an option only from 2.40
    on), so it gets a history in which the commit's parent is just that.
    """

    def tree_of(name: str) -> str:
        return commits(path, name, limit=1)[0].tree

    def link(tree: str, *parents: str) -> str:
        return write_commit(path, tree, parents, _NOBODY, _NOBODY, "")

    before = tree_of(commit.parents[0]) if commit.parents else tree_of_nothing(path)
    root = link(before)
    return merged_tree(path, link(tree_of(onto), root), link(commit.tree, root))


def tree_of_nothing(path: Path) -> str:
    """The empty tree's id."""
    return (run(path, "hash-object", "-t", "tree", "-w", "--stdin") or b"").decode().strip()


def at(signature: Signature, when: datetime) -> Signature:
    """The same person at another time."""
    return replace(signature, date=when)


def _signed(who: Signature) -> str:
    name, email = (_UNUSABLE.sub("", text).strip() for text in (who.name, who.email))
    offset = who.date.strftime("%z") or "+0000"
    return f"{name or 'unknown'} <{email}> {int(who.date.timestamp())} {offset}"
