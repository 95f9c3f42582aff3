"""Projects on a hub, and bundles of every kind for them, made with git's plumbing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.publisher import GitPublisher
from tests.hub.driver import APP, Hub, git_environment

NAME = "acme/hello"
TASK = "orchestrator/button"
Tree = Mapping[str, "bytes | str | tuple[str, bytes | str]"]
"""Path → content, or (mode, content); of a nested repository the content is a commit id."""


@dataclass
class Work:
    """A bare repository of a worker: commits are made object by object, whatever is in them."""

    path: Path
    moment: int = 1_763_880_000

    def git(self, *arguments: str, stdin: bytes = b"", at: int | None = None) -> bytes:
        when = f"@{at if at is not None else self.moment} +0000"
        environment = {**git_environment(), "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        command = ["git", f"--git-dir={self.path}", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def blob(self, content: bytes | str) -> str:
        content = content.encode() if isinstance(content, str) else content
        return self.git("hash-object", "-w", "--stdin", "--literally", stdin=content).decode()

    def tree(self, files: Tree) -> str:
        """A tree with any names in it: ``git mktree`` checks none of them."""
        lines: list[bytes] = []
        folders: dict[str, dict[str, object]] = {}
        for path, what in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(name, {})[rest] = what
                continue
            mode, content = what if isinstance(what, tuple) else ("100644", what)
            kind = "commit" if mode == "160000" else "blob"
            object_id = str(content) if kind == "commit" else self.blob(content)
            lines.append(f"{mode} {kind} {object_id}\t".encode() + os.fsencode(name) + b"\0")
        for name, inner in folders.items():
            lines.append(f"040000 tree {self.tree(inner)}\t".encode() + os.fsencode(name) + b"\0")  # type: ignore[arg-type]
        return self.git("mktree", "-z", "--missing", stdin=b"".join(lines)).decode()

    def commit(self, files: Tree, *parents: str, message: str = "Work", at: int | None = None) -> str:
        """A commit of exactly these files."""
        named = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", self.tree(files), *named, "-m", message, at=at).decode()

    def bundle(self, target: Path, branch: str, commit: str, *, without: Sequence[str] = ()) -> Path:
        """A bundle of a branch, less the history of what the receiver has."""
        self.git("update-ref", f"refs/heads/{branch}", commit)
        missing = [f"^{each}" for each in without]
        self.git("bundle", "create", "--quiet", str(target), f"refs/heads/{branch}", *missing)
        return target


@dataclass
class Project:
    """A project's repository on the hub, and the worker's copy of it."""

    hub: Hub
    work: Work
    folder: Path
    base: str
    """The head of ``main``."""

    @property
    def url(self) -> str:
        return f"{self.hub.info.url}/{NAME}.git"

    @property
    def token(self) -> str:
        return self.hub.token(APP)

    def publisher(self, login: str = APP) -> GitPublisher:
        return GitPublisher(self.hub.token(login), self.hub.info.api_url, sleep=lambda _: None)

    def heads(self) -> dict[str, str]:
        """Branch → commit on the hub."""
        lines = self.work.git("ls-remote", "--heads", self.hub.remote(APP, NAME)).decode().splitlines()
        pairs = [line.split("\t") for line in lines]
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}

    def land(self, branch: str, commit: str) -> None:
        """Push as somebody else would."""
        self.work.git("push", "--quiet", self.hub.remote(APP, NAME), f"{commit}:refs/heads/{branch}")

    def change(self, files: Tree, *, message: str = "Work") -> Path:
        """A bundle with one commit for the task's branch on top of ``main``."""
        return self.handed(self.work.commit(files, self.base, message=message))

    def handed(self, commit: str, *, without: Sequence[str] | None = None, branch: str = TASK) -> Path:
        target = self.folder / f"{commit[:8]}.bundle"
        missing = [self.base] if without is None else without
        return self.work.bundle(target, branch, commit, without=missing)


FILES: Tree = {
    "README.md": "# Hello\n",
    "src/page.html": "<button>\n",
    ".github/workflows/ci.yml": "on: push",
}
