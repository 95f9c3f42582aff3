"""Bare git repositories on disk: making them, and reading refs, commits, trees and files for the API."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.hub.data.refusals import Invalid, Missing

_CONFIG = """\
[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[receive]
\tautogc = false
[gc]
\tauto = 0
"""
_FORBIDDEN_IN_REFS = re.compile(r"[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|//|^[-/]|[/.]$")
_ZERO = "\0"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, directory or submodule in a tree; ``kind`` is ``blob``, ``tree`` or ``commit``."""

    path: str
    kind: str
    sha: str
    size: int
    mode: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who wrote or committed, and when."""

    name: str
    email: str
    date: datetime


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """A commit without its files."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


def environment() -> dict[str, str]:
    """The variables for git: nothing of the person's own configuration may reach the hub's data."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "LC_ALL": "C.UTF-8",
    }


def run(path: Path, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """Run git in a bare repository; its output, or None where it fails."""
    command = ["git", f"--git-dir={path}", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, env=environment(), check=False)
    return done.stdout if done.returncode == 0 else None


def create(path: Path, branch: str) -> None:
    """Make an empty bare repository whose HEAD names ``branch``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    run(path, "init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}")
    with (path / "config").open("a", encoding="utf-8") as config:
        config.write(_CONFIG)


def first_commit(path: Path, name: str, text: str, when: str, branch: str = "main") -> None:
    """Put one commit with one file on a branch; ``when`` is a time as the API shows it."""
    content = text.encode()
    stamp = int(datetime.fromisoformat(when).timestamp())
    stream = (
        f"commit refs/heads/{branch}\ncommitter orchestrator hub <hub@localhost> {stamp} +0000\n"
        f"data 14\nInitial commit\nM 100644 inline {name}\ndata {len(content)}\n"
    )
    run(path, "fast-import", "--quiet", stdin=stream.encode() + content + b"\n")


def set_default_branch(path: Path, branch: str) -> None:
    """Point HEAD at an existing branch. Raises Invalid where it does not exist."""
    if ref(path, f"refs/heads/{branch}") is None:
        raise Invalid(f"The branch {branch} was not found. Please push that ref first or create a new one.")
    run(path, "symbolic-ref", "HEAD", f"refs/heads/{branch}")


def resolve(path: Path, name: str) -> str | None:
    """The commit id of a branch, tag or commit id; None where there is none."""
    if not name or _FORBIDDEN_IN_REFS.search(name):
        return None
    out = run(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    # git before 2.30 also prints the option itself.
    return out.decode().split()[-1] if out and out.strip() else None


def refs(path: Path, prefix: str) -> list[tuple[str, str, str]]:
    """All refs whose full name starts with ``prefix``, sorted: (name, object id, object type)."""
    out = run(path, "for-each-ref", "--format=%(refname) %(objectname) %(objecttype)") or b""
    found = [tuple(line.split(" ")) for line in out.decode().splitlines()]
    return [(name, sha, kind) for name, sha, kind in found if name.startswith(prefix)]


def ref(path: Path, name: str) -> tuple[str, str, str] | None:
    """One ref by its full name, as ``refs`` gives it."""
    return next((found for found in refs(path, name) if found[0] == name), None)


def commits(
    path: Path,
    start: str,
    *,
    limit: int = 30,
    skip: int = 0,
    file: str = "",
    since: str = "",
    until: str = "",
    without: str = "",
) -> list[CommitRecord]:
    """The history from a commit, newest first, without what ``without`` (a commit's id) reaches.

    Raises Missing for an unknown start.
    """
    options = [f"--max-count={limit}", f"--skip={skip}", *([f"^{without}"] if without else [])]
    options += _history(path, start, file, since, until)
    form = "--format=" + "%x00".join(("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B%x00"))
    out = run(path, "log", form, *options) or b""
    fields = out.decode(errors="replace").split(_ZERO)
    return [_commit(fields[at : at + 10]) for at in range(0, len(fields) - 9, 10)]


def count_commits(path: Path, start: str, *, file: str = "", since: str = "", until: str = "") -> int:
    """How many commits ``commits`` would give without a limit."""
    return int(run(path, "rev-list", "--count", *_history(path, start, file, since, until)) or b"0")


def entry(path: Path, commit: str, name: str) -> Entry | None:
    """What a path in a commit is; the empty path is the root directory."""
    if not name:
        return Entry("", "tree", commit, 0, "040000")
    found = _ls_tree(path, commit, name)
    return found[0] if found else None


def directory(path: Path, commit: str, name: str) -> list[Entry]:
    """The entries of a directory in a commit."""
    return _ls_tree(path, commit, f"{name}/" if name else "")


def blob(path: Path, sha: str) -> bytes:
    """A file's content. Raises Missing."""
    out = run(path, "cat-file", "blob", sha)
    if out is None:
        raise Missing
    return out


def _history(path: Path, start: str, file: str, since: str, until: str) -> Sequence[str]:
    sha = resolve(path, start)
    if sha is None:
        raise Missing
    options = [f"--since={since}"] if since else []
    options += [f"--until={until}"] if until else []
    return [*options, sha, "--", *([file] if file else [])]


def _commit(fields: Sequence[str]) -> CommitRecord:
    sha, tree, parents, *people, message = fields
    author, committer = (
        Signature(people[at], people[at + 1], datetime.fromisoformat(people[at + 2])) for at in (0, 3)
    )
    return CommitRecord(sha.strip(), tree, tuple(parents.split()), author, committer, message.rstrip("\n"))


def _ls_tree(path: Path, commit: str, name: str) -> list[Entry]:
    arguments = ["ls-tree", "-z", "-l", "--full-tree", commit, *(["--", f":(literal){name}"] if name else [])]
    out = run(path, *arguments) or b""
    return [_entry(line) for line in out.decode(errors="surrogateescape").split(_ZERO) if line]


def _entry(line: str) -> Entry:
    head, _, name = line.partition("\t")
    mode, kind, sha, size = head.split()
    return Entry(name, kind, sha, 0 if size == "-" else int(size), mode)
