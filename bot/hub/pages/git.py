"""Reads a bare repository for the browser: branches, folders, files, history and single commits.

Everything goes through the git command line, which understands every object format and pack. Names
out of a URL are resolved to commit ids first; only those reach a git command as an argument.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MAX_TEXT = 512 * 1024
"""Bytes of one file or one diff that a page shows; what is longer is cut."""

_FORMAT = "%H%x00%an%x00%at%x00%s%x00%b%x00%P"
_SHA = re.compile(r"[0-9a-f]{7,64}")
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


class Missing(LookupError):
    """The branch, commit or path does not exist in this repository."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch and when it was last committed to."""

    name: str
    sha: str
    when: datetime
    subject: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a folder."""

    name: str
    path: str
    folder: bool
    size: int | None
    """Bytes; None for folders and submodules."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit's message and origin."""

    sha: str
    author: str
    when: datetime
    subject: str
    body: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A URL's ``{ref}/{path}`` understood: the name as it was given, its commit, and the path in it."""

    ref: str
    sha: str
    path: str


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's bytes, as many as were asked for, and its whole size."""

    data: bytes
    size: int

    @property
    def text(self) -> str | None:
        """The content as text; None where it is binary."""
        if b"\0" in self.data[:8000]:
            return None
        return self.data.decode("utf-8", "replace")


class Repository:
    """A bare repository on this machine, read only."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir

    def branches(self) -> list[Branch]:
        """All branches, the latest commit first."""
        layout = "%(refname:lstrip=2)%00%(objectname)%00%(committerdate:unix)%00%(contents:subject)"
        lines = self._git("for-each-ref", "--sort=-committerdate", f"--format={layout}", "refs/heads/")
        rows = (line.split("\0", 3) for line in lines.decode("utf-8", "replace").splitlines())
        return [Branch(name, sha, _time(when), subject) for name, sha, when, subject in rows]

    def place(self, rest: str) -> Place:
        """Split ``{ref}/{path}``: a branch's name may itself contain slashes, so the longest wins.

        Raises Missing where nothing of that name exists.
        """
        rest = rest.strip("/")
        heads = {branch.name: branch.sha for branch in self.branches()}
        for name in sorted(heads, key=len, reverse=True):
            if rest == name or rest.startswith(name + "/"):
                return Place(name, heads[name], rest[len(name) :].strip("/"))
        ref, _, path = rest.partition("/")
        return Place(ref, self._commit_id(ref), path)

    def kind(self, place: Place) -> str:
        """``tree`` or ``blob``; raises Missing where the path does not exist."""
        return self._git("cat-file", "-t", f"{place.sha}:{place.path}").decode().strip()

    def folder(self, place: Place) -> list[Entry]:
        """A folder's entries, folders first; raises Missing where it does not exist."""
        listing = self._git("ls-tree", "-z", "-l", "--full-tree", f"{place.sha}:{place.path}")
        lines = listing.decode("utf-8", "replace").split("\0")
        entries = [_entry(line, place.path) for line in lines if line]
        return sorted(entries, key=lambda entry: (not entry.folder, entry.name.lower()))

    def file(self, place: Place, limit: int | None = MAX_TEXT) -> Blob:
        """A file's content, its first ``limit`` bytes; raises Missing where it does not exist."""
        name = f"{place.sha}:{place.path}"
        size = int(self._git("cat-file", "-s", name))
        return Blob(self._git("cat-file", "blob", name, limit=limit), size)

    def log(self, place: Place, *, limit: int, skip: int = 0) -> list[Commit]:
        """Commits that touch the place, the newest first."""
        paths = ["--", place.path] if place.path else ["--"]
        raw = self._git("log", "-z", f"--format={_FORMAT}", f"-n{limit}", f"--skip={skip}", place.sha, *paths)
        fields = raw.decode("utf-8", "replace").split("\0")
        return [_commit(fields[start : start + 6]) for start in range(0, len(fields) - 5, 6)]

    def commit(self, sha: str) -> tuple[Commit, str]:
        """A commit with its diff to the first parent; raises Missing where it does not exist."""
        place = Place(sha, self._commit_id(sha), "")
        options = ("--root", "--first-parent", "-m", "-p", "--no-commit-id", "--no-ext-diff", "--no-textconv")
        diff = self._git("diff-tree", *options, "-r", "-M", "--no-color", place.sha, limit=MAX_TEXT)
        return self.log(place, limit=1)[0], diff.decode("utf-8", "replace")

    def _commit_id(self, ref: str) -> str:
        if not _SHA.fullmatch(ref):
            raise Missing(ref)
        return self._git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()

    def _git(self, *arguments: str, limit: int | None = None) -> bytes:
        """Run one git command; raises Missing when it fails, which here means that a name is unknown."""
        command = ["git", "--git-dir", str(self._git_dir), *arguments]
        environment = {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        ) as process:
            assert process.stdout is not None  # noqa: S101  (asked for with PIPE)
            output = process.stdout.read(-1 if limit is None else limit)
            process.stdout.close()
        cut = limit is not None and len(output) == limit
        if process.returncode and not cut:
            raise Missing(" ".join(arguments))
        return output


def _entry(line: str, folder: str) -> Entry:
    facts, _, name = line.partition("\t")
    _mode, kind, _sha, size = facts.split()
    path = f"{folder}/{name}" if folder else name
    return Entry(name, path, kind == "tree", int(size) if size.isdigit() else None)


def _commit(fields: list[str]) -> Commit:
    sha, author, when, subject, body, parents = fields
    return Commit(sha.strip(), author, _time(when), subject, body.strip(), tuple(parents.split()))


def _time(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
