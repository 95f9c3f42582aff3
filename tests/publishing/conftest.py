"""The fixture ``project``: a repository on a hub with one commit on ``main``."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.driver import APP, serving
from tests.publishing.projects import FILES, Project, Work


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with serving(tmp_path / "hub") as hub:
        assert hub.call(APP, "POST", "/orgs/acme/repos", {"name": "hello"}).status_code == 201
        subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "work.git"], check=True)
        work = Work(tmp_path / "work.git")
        base = work.commit(FILES, message="Begin")
        made = Project(hub, work, tmp_path, base)
        made.land("main", base)
        yield made
