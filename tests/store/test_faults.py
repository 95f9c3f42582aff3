"""A network that fails: no change is lost, none is made twice, and nobody is told the wrong thing."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.errors import Conflict, StoreUnavailable
from tests.store.conftest import OpenStore, Place
from tests.store.http_git import Fault, GitServer, Trouble
from tests.store.repositories import Bare, minutes

PUSH, READ = "POST /acme/fleet.git/git-receive-pack", "git-upload-pack"
ALWAYS = sys.maxsize


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("creates", [True, False])
def test_a_change_lands_once_whatever_happens_to_its_push(
    http: Place, server: GitServer, open_store: OpenStore, fault: Fault, creates: bool
) -> None:
    store = open_store(http)
    store.publish("e.1", "event")
    base = store.load()
    if not creates:
        base = store.save(base, {"a": b"0"}, "Begin", at=minutes(0))
    server.troubles.append(Trouble(PUSH, fault))
    saved = store.save(base, {"a": b"1"}, "Change", at=minutes(1), settled=["e.1"])
    assert not server.troubles
    assert (http.bare.head(), http.bare.inbox()) == (saved.version, set())
    assert len(store.history()) == (1 if creates else 2)
    assert store.load() == saved


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.DONE_BUT_BAD_GATEWAY])
def test_a_change_that_landed_is_found_below_later_ones(
    http: Place, server: GitServer, open_store: OpenStore, fault: Fault
) -> None:
    store, other = open_store(http), open_store(Place(str(http.bare.path), http.bare))
    base = store.save(store.load(), {"a": b"0"}, "Begin", at=minutes(0))

    def others_go_on() -> None:
        look = other.load()
        for number in range(3):
            look = other.save(look, {"b": b"%d" % number}, "Other", at=minutes(2))

    server.troubles.append(Trouble(PUSH, fault, meanwhile=others_go_on))
    saved = store.save(base, {"a": b"1"}, "Change", at=minutes(1))
    assert saved.files == {"a": b"1"}
    assert [commit.message.split("\n")[0] for commit in store.history()] == [
        *["Other"] * 3,
        "Change",
        "Begin",
    ]
    assert store.load().files == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.BAD_GATEWAY])
def test_a_change_that_did_not_land_in_time_conflicts(
    http: Place, server: GitServer, open_store: OpenStore, fault: Fault
) -> None:
    store, other = open_store(http), open_store(Place(str(http.bare.path), http.bare))
    base = store.save(store.load(), {"a": b"0"}, "Begin", at=minutes(0))

    def other_wins() -> None:
        # The same content, message and second: only the nonce tells the two commits apart.
        other.save(other.load(), {"a": b"1"}, "Change", at=minutes(1))

    server.troubles.append(Trouble(PUSH, fault, meanwhile=other_wins))
    with pytest.raises(Conflict):
        store.save(base, {"a": b"1"}, "Change", at=minutes(1))
    assert len(store.history()) == 2


def test_a_push_that_never_gets_through_is_given_up(
    http: Place, server: GitServer, open_store: OpenStore
) -> None:
    pauses: list[float] = []
    store = open_store(http, sleep=pauses.append)
    base = store.save(store.load(), {"a": b"0"}, "Begin", at=minutes(0))
    server.troubles.append(Trouble(PUSH, Fault.BAD_GATEWAY, times=ALWAYS))
    with pytest.raises(StoreUnavailable, match=r"502.*try again later"):
        store.save(base, {"a": b"1"}, "Change", at=minutes(1))
    assert pauses == sorted(pauses)
    assert len(pauses) == 3
    server.troubles.clear()
    assert store.load() == base


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.BAD_GATEWAY])
def test_reads_are_repeated_and_in_the_end_given_up(
    http: Place, server: GitServer, open_store: OpenStore, fault: Fault
) -> None:
    store = open_store(http)
    saved = store.save(store.load(), {"a": b"0"}, "Begin", at=minutes(0))
    fresh = open_store(http)
    server.troubles.append(Trouble(READ, fault))
    assert fresh.load() == saved
    server.troubles.append(Trouble(READ, fault))
    assert fresh.peek().version == saved.version
    assert not server.troubles
    server.troubles.append(Trouble(READ, fault, times=ALWAYS))
    for read in (fresh.load, fresh.peek, fresh.history):
        with pytest.raises(StoreUnavailable, match=server.url):
            read()


@pytest.mark.parametrize("fault", Fault)
def test_inbox_writes_survive_a_lost_push(
    http: Place, server: GitServer, open_store: OpenStore, fault: Fault
) -> None:
    store = open_store(http)
    server.troubles.append(Trouble(PUSH, fault))
    store.publish("e.1", "event")
    base = store.load()
    assert base.inbox == {"e.1": "event"}
    server.troubles.append(Trouble(PUSH, fault))
    store.discard(base, ["e.1"])
    assert not server.troubles
    assert http.bare.inbox() == set()


def test_a_remote_that_never_answers_is_left(open_store: OpenStore, bare: Bare) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        place = Place(f"http://127.0.0.1:{deaf.getsockname()[1]}/acme/fleet.git", bare)
        with pytest.raises(StoreUnavailable, match=r"fetch was stopped after 0\.2 s"):
            open_store(place, timeout=0.2).load()


def test_closing_ends_a_load_that_nobody_waits_for(bare: Bare, open_store: OpenStore, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        place = Place(f"http://127.0.0.1:{deaf.getsockname()[1]}/acme/fleet.git", bare)
        store = open_store(place, directory=home)
        store.start_load()
        connection, _ = deaf.accept()
        store.close()
        while connection.recv(65536):  # the request, then the end: git is gone
            pass
        connection.close()
    assert list(home.iterdir()) == []


def test_a_remote_that_is_down_is_unavailable(open_store: OpenStore, bare: Bare) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(StoreUnavailable, match=str(port)):
        open_store(Place(f"http://127.0.0.1:{port}/acme/fleet.git", bare)).load()


def _snapshot(place: Place, to: Path) -> Path:
    shutil.copytree(place.bare.path, to / "acme" / "fleet.git")
    return to


def test_a_lagging_replica_is_waited_for(
    http: Place, server: GitServer, open_store: OpenStore, tmp_path: Path
) -> None:
    waited: list[float] = []

    def catch_up(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            server.replica = None

    store = open_store(http, sleep=catch_up)
    first = store.save(store.load(), {"a": b"0"}, "One", at=minutes(0))
    behind = _snapshot(http, tmp_path / "behind")
    second = store.save(first, {"a": b"1"}, "Two", at=minutes(1))
    server.replica = behind
    assert store.peek().version == second.version
    assert store.load() == second
    assert len(waited) == 2


@pytest.mark.parametrize("reset", [True, False])
def test_a_branch_that_was_reset_is_believed_in_the_end(
    http: Place, open_store: OpenStore, reset: bool
) -> None:
    waited: list[float] = []
    store = open_store(http, sleep=waited.append)
    first = store.save(store.load(), {"a": b"0"}, "One", at=minutes(0))
    second = store.save(first, {"a": b"1"}, "Two", at=minutes(1))
    http.bare.git("update-ref", "-d", "refs/heads/state")
    if reset:
        http.bare.git("update-ref", "refs/heads/state", str(first.version))
    look = store.load()
    assert (look.version, look.files) == ((first.version, {"a": b"0"}) if reset else (None, {}))
    assert len(waited) == 3
    again = store.save(look, {"a": b"2"}, "Again", at=minutes(2))
    assert store.load() == again != second
    assert len(waited) == 3


def test_a_lock_on_the_remote_is_waited_for(place: Place, open_store: OpenStore) -> None:
    lock = place.bare.path / "refs" / "heads" / "state.lock"

    def unlock(_: float) -> None:
        lock.unlink(missing_ok=True)

    unlocking: Callable[[float], None] = unlock
    store = open_store(place, sleep=unlocking)
    base = store.save(store.load(), {"a": b"0"}, "Begin", at=minutes(0))
    lock.touch()
    saved = store.save(base, {"a": b"1"}, "Change", at=minutes(1))
    assert not lock.exists()
    assert place.bare.head() == saved.version
