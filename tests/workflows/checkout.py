"""This repository's files as they are now, committed or not, as a repository of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.workflows.documents import ROOT

_NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_NAME": "Tester" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "tester@example.org" for role in ("AUTHOR", "COMMITTER")},
}


def copied(folder: Path) -> Path:
    """A repository with one commit on ``main``, in a new folder; what git ignores is left behind."""
    listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # one that is deleted and still in the index is not
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all", "--force")
    _git(folder, "commit", "--quiet", "--message=As it is now")
    return folder


def pushed(folder: Path, bare: Path) -> None:
    """Put what ``copied`` has made onto ``main`` of a bare repository, in place of what is there."""
    _git(folder, "push", "--quiet", "--force", str(bare), "main")


def _git(folder: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], **_NOBODY}
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout
