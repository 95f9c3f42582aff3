"""Reads, and where a test wants it writes, a bare repository with git itself, past all code under test."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from bot.decide import decide
from bot.domain import files, invariants

INBOX = "refs/orchestrator/inbox/"
_FILES = ("100644", "100755")


@dataclass(frozen=True)
class Commit:
    """One commit of a branch."""

    id: str
    parents: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Bare:
    """A bare repository."""

    path: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """One git command's output; a failure fails the test."""
        who = {
            f"GIT_{role}_{what}": "tester@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", f"--git-dir={self.path}", *arguments]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **who, **quiet}
        done = subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.decode()}"
        return done.stdout

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """One git command's output as text without the final newline."""
        return self.git(*arguments, stdin=stdin).decode("utf-8", "replace").rstrip("\n")

    def head(self, branch: str = "state") -> str:
        """The branch's commit id; empty where there is no such branch."""
        return self.text("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def refs(self, prefix: str = "") -> list[str]:
        """Names of all refs, or of those below a prefix."""
        return self.text("for-each-ref", "--format=%(refname)", *([prefix] if prefix else [])).splitlines()

    def files(self, commit: str) -> dict[str, bytes]:
        """Every file of a commit."""
        return _files(self, self.text("rev-parse", f"{commit}^{{commit}}"))

    def history(self, branch: str = "state") -> list[Commit]:
        """The branch's commits, oldest first."""
        text = self.text("log", "--reverse", "--topo-order", "-z", "--format=%H%n%P%n%B", branch)
        rows = [record.split("\n", 2) for record in text.split("\0") if record.strip()]
        return [Commit(id_, tuple(parents.split()), message) for id_, parents, message in rows]

    def trees(self, branch: str = "state") -> Iterator[tuple[Commit, dict[str, bytes]]]:
        """(commit, its files) of the branch, oldest first, in three processes however long it is."""
        history = self.history(branch)
        changes = self._changes(one.id for one in history)
        known = _blobs(self.path)
        self._read({id_ for one in changes.values() for id_ in one.values() if id_} - known.keys(), known)
        tree: dict[str, bytes] = {}
        for commit in history:
            assert len(commit.parents) <= 1, f"{commit.id} is a merge"
            changed = changes.get(commit.id, {})
            tree = {path: content for path, content in tree.items() if path not in changed}
            tree |= {path: known[id_] for path, id_ in changed.items() if id_}
            yield commit, tree

    def _changes(self, commits: Iterable[str]) -> dict[str, dict[str, str]]:
        """Commit → what it changes against its parent: path → the new file's id; empty where none is left."""
        told = "".join(f"{one}\n" for one in commits).encode()
        found: dict[str, dict[str, str]] = {}
        words = iter(self.text("diff-tree", "--stdin", "-r", "--root", "-z", stdin=told).split("\0"))
        for word in words:
            if not word.startswith(":"):
                here = found.setdefault(word, {})
                continue
            _, mode, _, id_, _ = word.split(" ")
            here[next(words)] = id_ if mode in _FILES else ""
        return found

    def _read(self, ids: Iterable[str], into: dict[str, bytes]) -> None:
        """The contents of objects."""
        told = io.BytesIO(self.git("cat-file", "--batch", "--buffer", stdin="\n".join(ids).encode()))
        while line := told.readline():
            id_, _, size = line.split()
            into[id_.decode()] = told.read(int(size))
            told.readline()

    def everything(self) -> bytes:
        """The contents of every object, reachable or not."""
        return self.git("cat-file", "--batch-all-objects", "--batch", "--buffer")

    def replace_folder(self, branch: str, folder: str, files: Mapping[str, bytes], at: datetime) -> None:
        """Commit ``files`` in place of all that the branch has in a folder; their paths are whole ones."""
        stream = (
            f"commit refs/heads/{branch}\ncommitter T <t@example.org> {int(at.timestamp())} +0000\n"
            f"data 14\na test's state\nfrom {self.head(branch)}\nD {folder}\n"
        ).encode()
        lines = b"".join(_inline(path, content) for path, content in files.items())
        self.git("fast-import", "--quiet", "--done", stdin=stream + lines + b"done\n")

    def commit_file(self, branch: str, path: str, text: str | None) -> None:
        """Commit one file to a branch; None deletes it."""
        head = self.head(branch)
        data = (text or "").encode()
        change = f"D {path}\n".encode() if text is None else _inline(path, data)
        stream = (
            f"commit refs/heads/{branch}\ncommitter T <t@example.org> now\ndata 4\nEdit\n".encode()
            + (f"from {head}\n".encode() if head else b"")
            + change
            + b"\ndone\n"
        )
        self.git("fast-import", "--quiet", "--done", "--date-format=now", stdin=stream)


@lru_cache(8)
def _blobs(path: Path) -> dict[str, bytes]:
    """What was read of a repository's files before, by their ids; ``path`` is the repository's."""
    return {}


@lru_cache(256)
def _files(bare: Bare, commit: str) -> dict[str, bytes]:
    """A commit's files; what a commit holds never changes."""
    with tarfile.open(fileobj=io.BytesIO(bare.git("archive", "--format=tar", commit))) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {member.name: _content(archive, member) for member in members}


def _inline(path: str, data: bytes) -> bytes:
    return f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def settled_in(bare: Bare) -> dict[str, list[str]]:
    """Event id → the commits that say that they settled it."""
    found: dict[str, list[str]] = {}
    for commit, tree in bare.trees():
        state = files.load(tree)
        for event in state.events.events if state.events else ():
            found.setdefault(event.id, []).append(commit.id)
    return found


def assert_linear_and_replayable(bare: Bare) -> None:
    """Every commit follows the one before it, holds together, and follows from it by ``decide`` alone."""
    # The first commit follows from the template, which is all that is in it beside the state.
    parents: tuple[str, ...] = ()
    tree, before = _template(), files.load(_template())
    for commit, found in bare.trees():
        state = files.load(found)
        assert commit.parents == parents
        assert list(invariants.problems(state)) == []
        assert state.events is not None
        record = state.events
        decided = decide(before, record.events, record.now, record.races, record.requests).state
        beside = {path: content for path, content in tree.items() if not path.startswith(files.ROOT)}
        tree = found
        assert tree == {**beside, **files.tree(decided)}, commit.id
        parents, before = (commit.id,), state
    assert parents


def _template() -> dict[str, bytes]:
    root = Path(__file__).resolve().parents[2] / "state-repo-template"
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
