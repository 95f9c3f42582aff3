"""SIGKILL at a git command of a publication, before, during and after it: done again, all is there once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.merging import PullRequests
from tests.publishing.projects import FILES, TASK, Project
from tests.publishing.test_site import site
from tests.store.test_killed import SHIM

CALLS = ["fetch 1", "index-pack 1", "push 1", "hash-object 1", "push 2"]


def run_victim(project: Project, change: Path, built: Path, call: str, moment: str) -> int:
    """With a git on its PATH that kills it at the chosen call."""
    folder = project.folder
    shim = folder / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(place=folder, call=call, moment=moment, git=shutil.which("git")))
    shim.chmod(0o755)
    os.mkfifo(folder / "orphan")
    orphan = os.open(folder / "orphan", os.O_RDONLY | os.O_NONBLOCK)
    environment = {
        **os.environ,
        "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}",
        "VICTIM_TOKEN": project.token,
        "TMPDIR": str(folder),
    }
    command = [sys.executable, "-m", "tests.publishing.victim", str(change), str(built), project.url]
    done = subprocess.run(command, env=environment, check=False)
    os.set_blocking(orphan, True)
    with open(orphan, "rb") as pipe:
        assert pipe.read() == b""  # the orphan has ended as well
    return done.returncode


@pytest.mark.parametrize("moment", ["before", "during", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_a_killed_publication_is_done_again(project: Project, call: str, moment: str) -> None:
    change, built = project.change({**FILES, "a.md": "x"}), site(project)

    assert run_victim(project, change, built, call, moment) == -signal.SIGKILL

    assert project.heads()["main"] == project.base
    publisher = project.publisher()
    with publisher.change(change, project.url, TASK, "main") as work:
        assert work.problems(PullRequests()) == ()
        assert work.push() == work.commit
        commit = work.commit
    page = publisher.site(built, project.url)
    assert project.heads() == {"main": project.base, TASK: commit, "gh-pages": page}
    project.work.git("fetch", "--quiet", str(project.url), page)
    assert project.work.git("rev-list", "--count", page) == b"1"  # of the site there is one commit
