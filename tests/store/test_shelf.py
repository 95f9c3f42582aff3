"""The archive branch moves with the state branch in one push, or neither does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.git.store import GitStore
from bot.domain.errors import ArchiveRefused, Conflict, StateInvalid
from bot.ports.store import Archiving, Look
from tests.store.conftest import OpenStore, Place
from tests.store.http_git import Fault, GitServer, Trouble
from tests.store.repositories import Bare, minutes

SHELF = "state-archive"


def put(*names: str, gone: tuple[str, ...] = ()) -> Archiving:
    changes: dict[str, bytes | None] = {f"archive/2026-11-23/{name}.json": name.encode() for name in names}
    return Archiving(
        {**changes, **{f"archive/2026-11-23/{name}.json": None for name in gone}}, "Archive\n\nBy: x"
    )


def begun(store: GitStore) -> Look:
    """Two projects in the state, and nothing in the archive."""
    return store.save(store.load(), {"p/a": b"a", "p/b": b"b"}, "Begin", at=minutes(0))


def archived(place: Place) -> set[str]:
    tip = place.bare.head(SHELF)
    return {path.rpartition("/")[2].removesuffix(".json") for path in place.bare.files(tip)} if tip else set()


def kept(place: Place) -> set[str]:
    return {path.rpartition("/")[2] for path in place.bare.files(str(place.bare.head())) if path[0] == "p"}


def test_what_leaves_is_on_the_archive_branch_with_what_was_there(
    anywhere: Place, open_store: OpenStore
) -> None:
    store = open_store(anywhere)
    look = begun(store)
    assert anywhere.bare.head(SHELF) is None
    look = store.save(look, {"p/a": None}, "One leaves", at=minutes(1), archiving=put("a"))
    assert (kept(anywhere), archived(anywhere)) == ({"b"}, {"a"})
    other = open_store(anywhere)
    look = other.save(other.load(), {"p/b": None}, "Another", at=minutes(2), archiving=put("b"))
    assert (kept(anywhere), archived(anywhere)) == (set(), {"a", "b"})
    look = other.save(look, {"p/a": b"a"}, "Back", at=minutes(3), archiving=put(gone=("a",)))
    assert (kept(anywhere), archived(anywhere)) == ({"a"}, {"b"})
    assert anywhere.bare.files(str(anywhere.bare.head(SHELF))) == {"archive/2026-11-23/b.json": b"b"}
    assert look == open_store(anywhere).load()


def test_its_commits_follow_each_other_and_name_the_states(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    look = begun(store)
    for minute, name in enumerate("ab", start=1):
        look = store.save(look, {f"p/{name}": None}, "Leaves", at=minutes(minute), archiving=put(name))
    log = place.bare.git("log", "--format=%an %ct %P|%B", f"refs/heads/{SHELF}").decode()
    assert log.count("orchestrator 1795435") == 2
    assert f"By: x\nState: {look.version}\n" in log
    assert place.bare.git("rev-list", "--count", f"refs/heads/{SHELF}").strip() == b"2"
    assert place.bare.is_sound()


def test_who_loses_the_race_moves_neither_branch(anywhere: Place, open_store: OpenStore) -> None:
    slow, quick = open_store(anywhere), open_store(anywhere)
    base = begun(slow)
    slow.publish("e.1", "event")
    base = slow.load()
    quick.save(quick.load(), {"p/a": None}, "Quick", at=minutes(1), archiving=put("a"))
    with pytest.raises(Conflict):
        slow.save(base, {"p/b": None}, "Slow", at=minutes(1), settled=["e.1"], archiving=put("b"))
    assert (kept(anywhere), archived(anywhere), anywhere.bare.inbox()) == ({"b"}, {"a"}, {"e.1"})


def test_an_archive_that_moves_meanwhile_stops_the_save(
    http: Place, server: GitServer, open_store: OpenStore
) -> None:
    """Somebody pushes to it by hand, between its fetch and the push."""
    store = open_store(http)
    look = begun(store)
    look = store.save(look, {"p/a": None}, "One", at=minutes(1), archiving=put("a"))

    def meddle() -> None:
        http.bare.git("update-ref", f"refs/heads/{SHELF}", str(look.version))

    fetches = []

    def seen() -> None:
        fetches.append(None)
        if len(fetches) == 3:  # the fetch's own three requests are over
            server.on_request = lambda: None
            meddle()

    server.on_request = seen
    with pytest.raises(Conflict):
        store.save(look, {"p/b": None}, "Two", at=minutes(2), archiving=put("b"))
    assert (http.bare.head(), http.bare.head(SHELF)) == (look.version, look.version)


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.DONE_BUT_BAD_GATEWAY])
def test_an_answer_that_is_lost_is_looked_up(
    http: Place, server: GitServer, open_store: OpenStore, fault: Fault
) -> None:
    store = open_store(http)
    look = begun(store)
    server.troubles.append(Trouble("POST /acme/fleet.git/git-receive-pack", fault))
    saved = store.save(look, {"p/a": None}, "One", at=minutes(1), archiving=put("a"))
    assert not server.troubles
    assert http.bare.head() == saved.version
    assert (kept(http), archived(http)) == ({"b"}, {"a"})


@pytest.mark.parametrize("hook", ["update", "pre-receive"])
def test_an_archive_that_may_not_be_written_is_told_from_a_state_that_may_not(
    place: Place, open_store: OpenStore, hook: str
) -> None:
    store = open_store(place)
    look = begun(store)
    reads = 'while read old new ref; do case "$ref" in *-archive) exit 1 ;; esac; done'
    place.bare.hook(hook, 'case "$1" in *-archive) exit 1 ;; esac' if hook == "update" else reads)
    with pytest.raises(ArchiveRefused, match="does not accept pushes"):
        store.save(look, {"p/a": None}, "One", at=minutes(1), archiving=put("a"))
    assert (place.bare.head(), place.bare.head(SHELF)) == (look.version, None)
    store.save(look, {"p/c": b"c"}, "Without", at=minutes(1))
    assert kept(place) == {"a", "b", "c"}


def test_nothing_is_added_to_somebody_elses_branch_of_that_name(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    look = begun(store)
    tree = place.bare.git("rev-parse", "refs/heads/state^{tree}").decode().strip()
    foreign = place.bare.git("commit-tree", tree, "-m", "Mine").decode().strip()
    place.bare.git("update-ref", f"refs/heads/{SHELF}", foreign)
    with pytest.raises(ArchiveRefused, match="is not this program's: its newest commit is by COMMITTER@test"):
        store.save(look, {"p/a": None}, "One", at=minutes(1), archiving=put("a"))
    assert (place.bare.head(), place.bare.head(SHELF)) == (look.version, foreign)


def test_a_save_without_it_does_not_ask_for_it(http: Place, server: GitServer, open_store: OpenStore) -> None:
    store = open_store(http)
    look = begun(store)
    look = store.save(look, {"p/a": None}, "One", at=minutes(1), archiving=put("a"))
    server.requests.clear()
    look = store.save(store.load(), {"x": b""}, "Other", at=minutes(2))
    assert [request.method for request in server.requests] == ["GET", "POST", "POST", "GET", "POST"]
    server.requests.clear()
    store.save(look, {"p/b": None}, "Two", at=minutes(3), archiving=put("b"))
    assert [request.method for request in server.requests] == ["GET", "POST", "POST", "GET", "POST"]


def sizes(home: Path) -> int:
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize("filters", ["true", "false"])
def test_contents_of_the_archive_are_not_fetched_to_add_to_it(
    http: Place, open_store: OpenStore, tmp_path: Path, filters: str
) -> None:
    http.bare.git("config", "uploadpack.allowFilter", filters)
    store = open_store(http)
    large = {f"archive/2026-11-2{n}/p{n}.json": os.urandom(100_000) for n in range(5)}
    look = store.save(begun(store), {"p/a": None}, "One", at=minutes(1), archiving=Archiving(large, "Many"))
    home = tmp_path / "home"
    home.mkdir()
    fresh = open_store(http, directory=home)
    fresh.save(fresh.load(), {"p/b": None}, "Two", at=minutes(2), archiving=put("b"))
    assert (sizes(home) < 60_000) == (filters == "true")
    assert len(http.bare.files(str(http.bare.head(SHELF)))) == 6
    assert http.bare.is_sound()
    config = next(home.rglob("config")).read_text()
    assert "promisor" not in config
    assert not list(home.rglob("*.promisor"))
    again = fresh.save(fresh.load(), {"p/c": b"c"}, "Goes on", at=minutes(3))
    assert http.bare.head() == again.version
    assert look.version != again.version


def test_its_files_are_read_whole(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    assert store.shelf.files() == (None, {})
    look = begun(store)
    store.save(look, {"p/a": None}, "One", at=minutes(1), archiving=put("a"))
    tip, found = open_store(place).shelf.files()
    assert (tip, found) == (place.bare.head(SHELF), {"archive/2026-11-23/a.json": b"a"})


VICTIM = """
import sys
from bot.adapters.git.store import GitStore
from bot.ports.store import Archiving
from tests.store.repositories import minutes
with GitStore(sys.argv[1], nonce="victim") as store:
    look = store.load()
    changes = {"archive/2026-11-23/a.json": b"a"}
    store.save(look, {"p/a": None}, "One", at=minutes(1), archiving=Archiving(changes, "Archive"))
"""
SHIM = """\
#!/bin/sh
echo >> "{place}/$2.log"
if [ "$2 $(wc -l < "{place}/$2.log")" = "{call}" ]; then
  exec 9> "{place}/orphan"
  case {moment} in
    before) kill -9 $PPID; exit 1 ;;
    during) kill -9 $PPID; exec "{git}" "$@" ;;
    after) "{git}" "$@"; kill -9 $PPID; exit 1 ;;
  esac
fi
exec "{git}" "$@"
"""


@pytest.mark.parametrize("moment", ["before", "during", "after"])
@pytest.mark.parametrize("call", ["fast-import 1", "fetch 2", "fast-import 2", "push 1"])
def test_a_killed_process_leaves_each_project_in_one_place(
    bare: Bare, tmp_path: Path, open_store: OpenStore, moment: str, call: str
) -> None:
    place = Place(str(bare.path), bare)
    store = open_store(place)
    look = begun(store)
    store.save(look, {"p/z": None}, "Begin it", at=minutes(0), archiving=put("z"))
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(place=tmp_path, call=call, moment=moment, git=shutil.which("git")))
    shim.chmod(0o755)
    os.mkfifo(tmp_path / "orphan")
    orphan = os.open(tmp_path / "orphan", os.O_RDONLY | os.O_NONBLOCK)
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-c", VICTIM, str(bare.path)],
        env={**os.environ, "PATH": path},
        check=False,
    )
    os.set_blocking(orphan, True)
    with open(orphan, "rb") as pipe:
        assert pipe.read() == b""
    assert done.returncode == -signal.SIGKILL

    assert bare.is_sound()
    assert (kept(place), archived(place)) in [({"a", "b"}, {"z"}), ({"b"}, {"a", "z"})]
    again = store.load()
    if "p/a" in again.files:
        store.save(again, {"p/a": None}, "Again", at=minutes(2), archiving=put("a"))
    assert (kept(place), archived(place)) == ({"b"}, {"a", "z"})
    with pytest.raises(StateInvalid):
        store.files_at("0" * 40)
