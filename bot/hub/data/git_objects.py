"""Trees that are made over the API: a base, and files that are put in, changed or taken out."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.hub.data.git_data import environment, run
from bot.hub.data.refusals import Invalid

_MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}


def write_blob(path: Path, content: bytes) -> str:
    """Store a file's content."""
    return (run(path, "hash-object", "-w", "--stdin", stdin=content) or b"").decode().strip()


def kind(path: Path, sha: str) -> str:
    """What an object is; empty where there is none."""
    return (run(path, "cat-file", "-t", sha) or b"").decode().strip()


def write_tree(path: Path, base: str | None, entries: Sequence[Mapping[str, Any]]) -> str:
    """Store a tree: the base's entries with those given in their place. Raises Invalid.

    An entry has ``path``, ``mode``, and ``content`` or ``sha``; ``sha`` null takes the path out.
    """
    lines = [_index_line(path, entry) for entry in entries]
    with tempfile.TemporaryDirectory() as folder:
        index = {**environment(), "GIT_INDEX_FILE": str(Path(folder) / "index")}

        def git(*arguments: str, stdin: bytes = b"") -> bytes:
            command = ["git", f"--git-dir={path}", *arguments]
            done = subprocess.run(command, input=stdin, capture_output=True, env=index, check=False)
            if done.returncode:
                raise Invalid("tree.path contains a malformed path component")
            return done.stdout

        if base:
            git("read-tree", base)
        git("update-index", "-z", "--index-info", stdin="".join(lines).encode())
        return git("write-tree").decode().strip()


def _index_line(path: Path, entry: Mapping[str, Any]) -> str:
    name, mode = entry.get("path"), str(entry.get("mode"))
    if not isinstance(name, str) or "\0" in name or set(name.split("/")) & {"", ".", "..", ".git"}:
        raise Invalid(f"tree.path is malformed: {json.dumps(name)}")
    if "content" not in entry and entry.get("sha", "") is None:
        return f"0 {'0' * 40}\t{name}\0"
    if mode not in _MODES:
        raise Invalid("tree.mode must be one of 100644, 100755, 040000, 160000, 120000")
    given = entry.get("content")
    sha = write_blob(path, given.encode()) if isinstance(given, str) else str(entry.get("sha"))
    if kind(path, sha) != _MODES[mode]:
        raise Invalid(f"tree.sha {sha} is not a valid {_MODES[mode]}")
    return f"{mode} {sha}\t{name}\0"
