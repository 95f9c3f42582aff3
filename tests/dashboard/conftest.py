"""One dashboard of a fleet with a past, for all tests that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboard.branches import Moment, site
from tests.dashboard.fleets import measured, worked


@pytest.fixture(scope="session")
def moments() -> list[Moment]:
    found = worked()
    at, state = found[-1]
    return [*found[:-1], (at, measured(state, at))]


@pytest.fixture(scope="session")
def shown(moments: list[Moment], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site."""
    return site(tmp_path_factory.mktemp("dashboard"), moments)
