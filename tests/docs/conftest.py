"""The clone and the hubs that pages are followed with: made once, copied for each page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Block
from tests.docs.reader import FLEET, make_clone, make_hub, reading


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clone(tmp_path_factory.mktemp("clone") / "orchestrator")


@pytest.fixture(scope="session")
def empty_hub(tmp_path_factory: pytest.TempPathFactory, clone: Path) -> Path:
    return make_hub(tmp_path_factory.mktemp("empty") / "hub", clone)


@pytest.fixture(scope="session")
def fleet_hub(tmp_path_factory: pytest.TempPathFactory, clone: Path, empty_hub: Path) -> Path:
    """The same after ``init``, with its pull request merged."""
    folder = tmp_path_factory.mktemp("fleet")
    steps = (
        "export GH_TOKEN=$(gh auth token)\n"
        f"orchestrator init {FLEET} --yes --mode cron\n"
        f"gh pr merge orchestrator/setup --repo {FLEET} --merge\n"
    )
    with reading(folder, empty_hub, clone, fleet=False) as reader:
        done = reader.follow([Block("set-up", 1, "sh", steps)])
    assert done.code == 0, done.said
    return folder / "hub"
