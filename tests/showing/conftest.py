"""The fixture ``desk``: a hub of its own for each test, because each is about what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.desk import Desk, opened
from tests.core.worlds import BY_HAND


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path) as desk:
        desk.issue("A lamp that follows the sun")
        state = desk.state()
        desk.put(replace(state, config=state.config.model_copy(update={"scaling": BY_HAND})))
        yield desk
