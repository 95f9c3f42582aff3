"""Remotes of every kind that the store supports, and stores that are closed after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.adapters.git.store import GitStore
from tests.fakes.store import MemoryRemote, MemoryStore
from tests.store.http_git import GitServer, serving
from tests.store.repositories import Bare

TOKEN = "ghs_AVerySecretToken0123456789"

OpenStore = Callable[..., GitStore]
"""In a test of ``anywhere`` it may be a ``MemoryStore`` as well."""


@dataclass(frozen=True)
class Place:
    """A remote: how the store reaches it, and the bare repository behind it."""

    url: str
    bare: Bare | MemoryRemote
    token: str | None = None


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    """An empty repository on disk."""
    return Bare.create(tmp_path / "remote" / "acme" / "fleet.git")


@pytest.fixture
def server(bare: Bare) -> Iterator[GitServer]:
    """An HTTP server that wants a token, in front of ``bare``."""
    with serving(bare.path.parent.parent, TOKEN) as running:
        yield running


@pytest.fixture
def http(server: GitServer, bare: Bare) -> Place:
    """``bare`` over HTTP."""
    return Place(f"{server.url}/acme/fleet.git", bare, TOKEN)


@pytest.fixture(params=["path", "file", "http"])
def place(request: pytest.FixtureRequest, bare: Bare) -> Place:
    """``bare`` over each transport."""
    if request.param == "http":
        found = request.getfixturevalue("http")
        assert isinstance(found, Place)
        return found
    return Place(str(bare.path) if request.param == "path" else bare.path.as_uri(), bare)


@pytest.fixture(params=["path", "file", "http", "memory"])
def anywhere(request: pytest.FixtureRequest) -> Place:
    """``bare`` over each transport, and a remote in memory, which has to keep the same contract."""
    if request.param == "memory":
        return Place("", MemoryRemote())
    bare = request.getfixturevalue("bare")
    if request.param == "http":
        found = request.getfixturevalue("http")
        assert isinstance(found, Place)
        return found
    return Place(str(bare.path) if request.param == "path" else bare.path.as_uri(), bare)


@pytest.fixture
def open_store() -> Iterator[OpenStore]:
    """Opens stores of one place, each with a nonce of its own and without real pauses."""
    with ExitStack() as stack:
        opened: list[GitStore | MemoryStore] = []

        def open_one(place: Place, **options: object) -> GitStore | MemoryStore:
            if isinstance(place.bare, MemoryRemote):
                opened.append(MemoryStore(place.bare, **{"nonce": f"test-{len(opened)}"} | options))
                return opened[-1]
            settings = {
                "nonce": f"test-{len(opened)}",
                "token": place.token,
                "sleep": lambda _: None,
            } | options
            store = GitStore(place.url, **settings)  # type: ignore[arg-type]
            opened.append(stack.enter_context(store))
            return store

        yield open_one
