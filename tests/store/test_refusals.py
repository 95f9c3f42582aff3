"""Remotes that say no: the message names what is wrong and the next step."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.git.store import GitStore
from bot.domain.errors import Forbidden, StateInvalid, StoreUnavailable, UsageError
from tests.store.conftest import OpenStore, Place
from tests.store.http_git import GitServer
from tests.store.repositories import Bare, minutes


def test_a_wrong_token_is_forbidden(http: Place, open_store: OpenStore) -> None:
    for token in ("wrong", None):
        store = open_store(http, token=token)
        for call in (store.load, store.peek, lambda store=store: store.publish("e.1", "event")):
            with pytest.raises(Forbidden, match="permissions: contents: write"):
                call()


def test_a_token_that_may_only_read_is_forbidden_to_write(
    http: Place, server: GitServer, open_store: OpenStore
) -> None:
    store = open_store(http)
    server.read_only = True
    with pytest.raises(Forbidden, match=r"write the state.*403.*contents: write"):
        store.save(store.load(), {"a": b"1"}, "Begin", at=minutes(0))
    assert len(server.requests) == 5  # two for each of the two fetches of an empty remote, one to push


def test_a_repository_that_is_not_there(http: Place, server: GitServer, open_store: OpenStore) -> None:
    store = open_store(Place(f"{server.url}/acme/typo.git", http.bare, http.token))
    with pytest.raises(Forbidden, match=r"no repository at .*typo\.git.*ORCHESTRATOR_STATE_REMOTE"):
        store.load()


def test_a_path_without_a_repository(tmp_path: Path, bare: Bare, open_store: OpenStore) -> None:
    with pytest.raises(UsageError, match=r"no git repository.*git init --bare"):
        open_store(Place(str(tmp_path / "nowhere"), bare)).load()


def test_branch_protection_is_named(place: Place, open_store: OpenStore) -> None:
    told = "echo 'error: GH006: Protected branch update failed for refs/heads/state.' >&2; exit 1"
    place.bare.hook("pre-receive", told)
    store = open_store(place)
    with pytest.raises(Forbidden, match=r"GH006.*branch protection"):
        store.save(store.load(), {"a": b"1"}, "Begin", at=minutes(0))
    with pytest.raises(Forbidden, match="branch protection"):
        store.publish("e.1", "event")
    assert place.bare.refs() == {}


def test_a_remote_that_keeps_its_refs(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    store.publish("e.1", "event")
    place.bare.hook("update", 'echo "error: GH013: Repository rule violations found for $1" >&2; exit 1')
    with pytest.raises(Forbidden, match=r"refs/orchestrator/inbox/e\.1.*hook declined.*GH013"):
        store.discard(store.load(), ["e.1"])


def test_credentials_in_the_url_are_refused_without_showing_them() -> None:
    with pytest.raises(UsageError, match="by itself") as refused:
        GitStore("https://x-access-token:ghs_hidden@github.com/acme/fleet.git", nonce="n")
    assert "ghs_hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "remote",
    ["ext::sh -c true", "git@github.com:acme/fleet.git", "ssh://git:hidden@h/r", "ssh://", "git://h/r"],
)
def test_other_transports_are_refused(remote: str) -> None:
    with pytest.raises(UsageError, match=r"https://"):
        GitStore(remote, nonce="n")


def test_a_machine_without_git(bare: Bare, open_store: OpenStore, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git is not installed"):
        open_store(Place(str(bare.path), bare), environment={"PATH": str(tmp_path)}).load()


def test_a_version_that_the_history_lacks(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    store.save(store.load(), {"a": b"1"}, "Begin", at=minutes(0))
    with pytest.raises(StateInvalid, match="no commit 0123"):
        store.files_at("0123" * 10)


def test_a_time_needs_a_zone(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    with pytest.raises(ValueError, match="time zone"):
        store.save(store.load(), {"a": b"1"}, "Begin", at=minutes(0).replace(tzinfo=None))


def test_a_damaged_remote_is_unavailable(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    saved = store.save(store.load(), {"a": b"1"}, "Begin", at=minutes(0))
    blob = place.bare.object_ids(str(saved.version))["a"]
    (place.bare.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(StoreUnavailable):
        open_store(place).load()


def test_closing_removes_the_directory_and_can_be_repeated(place: Place, tmp_path: Path) -> None:
    store = GitStore(place.url, nonce="n", token=place.token, directory=tmp_path)
    with store:
        store.load()
        assert len(list(tmp_path.glob("orchestrator-state-*"))) == 1
    store.close()
    assert list(tmp_path.glob("orchestrator-state-*")) == []
