"""What lies between two commits of a bare repository: ancestry, distance, commits and changed files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.hub.data.git_data import CommitRecord, commits, run

MOST_FILES = 3_000
"""Files of one comparison; GitHub lists as many."""
LARGEST_PATCH = 1_000_000
"""Characters of one file's patch; GitHub leaves larger ones out too."""
_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file; ``sha`` is the blob's id after the change, or before it where it was removed."""

    path: str
    previous: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None
    """The hunks as GitHub shows them, from the first ``@@`` on; None for what is no text or too much."""


def merge_base(path: Path, one: str, other: str) -> str | None:
    """The best common ancestor, None for histories that have none."""
    out = run(path, "merge-base", one, other)
    return out.decode().split()[0] if out else None


def contains(path: Path, commit: str, ancestor: str) -> bool:
    """Whether ``ancestor`` is ``commit`` or is behind it."""
    return run(path, "merge-base", "--is-ancestor", ancestor, commit) is not None


def distance(path: Path, base: str, head: str) -> tuple[int, int]:
    """How many commits ``head`` is ahead of ``base`` and behind it."""
    out = run(path, "rev-list", "--left-right", "--count", f"{base}...{head}") or b"0 0"
    behind, ahead = out.split()
    return int(ahead), int(behind)


def between(path: Path, base: str, head: str) -> list[CommitRecord]:
    """The commits of ``head`` that ``base`` does not have, oldest first, at most 10,000."""
    return commits(path, head, limit=10_000, without=base)[::-1]


def landing(path: Path, base: str, head: str) -> str:
    """The commit of ``base``'s first line by which ``head`` came into it."""
    found = run(path, "rev-list", "--first-parent", "--ancestry-path", "--reverse", f"{head}..{base}")
    return found.decode().split()[0] if found and found.strip() else head


def files(path: Path, base: str | None, head: str) -> list[FileChange]:
    """The files that differ, by name; without a base all files of ``head`` are new."""
    ends = [base, head] if base else ["--root", head]
    options = ("diff-tree", "-r", "-M", "--no-commit-id", "--no-ext-diff", "--no-textconv", "--no-color")
    raw = run(path, *options, "--raw", "--numstat", "-z", "--no-abbrev", *ends) or b""
    found = list(_listed(raw.decode(errors="surrogateescape").split("\0")))[:MOST_FILES]
    text = (run(path, *options, "-p", *ends) or b"").decode(errors="replace")
    patches = iter(_patches(text))
    return [
        FileChange(name, previous, _STATUS.get(kind, "modified"), sha, added, removed, _patch(kind, patches))
        for kind, sha, previous, name, added, removed in found
    ]


def _listed(fields: list[str]) -> Iterator[tuple[str, str, str | None, str, int, int]]:
    """git's raw lines, joined with its counts, which follow them in the same order."""
    entries: list[tuple[str, str, str | None, str]] = []
    at = 0
    while at < len(fields) and fields[at].startswith(":"):
        _, _, old, new, status = fields[at].split(" ")
        kind, two = status[:1], status[:1] in "RC"
        previous, name = (fields[at + 1], fields[at + 2]) if two else (None, fields[at + 1])
        entries.append((kind, old if kind == "D" else new, previous, name))
        at += 3 if two else 2
    for kind, sha, previous, name in entries:
        added, removed, _ = fields[at].split("\t")
        at += 3 if previous else 1
        yield kind, sha, previous, name, _count(added), _count(removed)


def _count(text: str) -> int:
    return int(text) if text.isdigit() else 0  # git writes a dash for what is no text


def _patches(text: str) -> Iterator[str]:
    """Each file's part of a diff; no line of a patch's content begins with ``diff``."""
    part: list[str] = []
    for line in text.split("\n"):
        if line.startswith("diff --git ") and part:
            yield "\n".join(part)
            part = []
        part.append(line)
    yield "\n".join(part)


def _patch(kind: str, patches: Iterator[str]) -> str | None:
    part = next(patches, "")
    if kind == "T":  # another kind of file: git writes a removal and an addition
        part += "\n" + next(patches, "")
    start = part.find("\n@@ ")
    if start < 0 or len(part) > LARGEST_PATCH:
        return None
    return part[start + 1 :].rstrip("\n")
