"""The fixtures ``shop``, a fresh one, and ``healthy``, a copy of one that is set up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.setup.shop import Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path) as shop:
        yield shop


@pytest.fixture(scope="session")
def _settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("settled")
    with open_shop(folder) as shop:
        shop.settled()
    return folder


@pytest.fixture
def healthy(_settled: Path, tmp_path: Path) -> Iterator[Shop]:
    shutil.copytree(_settled, tmp_path / "copy")
    with open_shop(tmp_path / "copy") as shop:
        yield shop
