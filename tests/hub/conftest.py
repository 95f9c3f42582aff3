"""The fixture ``hub``: a fresh hub on a free port, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.hub.serve import running
from tests.hub.driver import Hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with running(tmp_path / "hub") as (world, server, info):
        hub = Hub(world, server, info)
        yield hub
        for client in hub.clients.values():
            client.close()
