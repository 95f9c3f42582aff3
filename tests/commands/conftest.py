"""The fixtures ``desk`` and ``fleet``: one hub for a module, a state of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.state import State
from tests.commands.desk import Desk, opened
from tests.commands.fleet import TITLES, at_work


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("desk")) as desk:
        for title in TITLES:
            desk.issue(title)
        desk.issue("Nobody's project")
        yield desk


@pytest.fixture(scope="session")
def fleet() -> State:
    return at_work()


@pytest.fixture
def desk(hub: Desk, fleet: State) -> Desk:
    """The fleet at work, on a hub whose first issues are the projects' own; the next is nobody's."""
    hub.world.db.execute("DELETE FROM runs")  # those of the tests before have the same assignments' names
    hub.put(fleet)
    return hub
