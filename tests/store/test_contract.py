"""What every user of the store relies on: over every transport, and of the store in memory (``anywhere``)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.git.store import GitStore, inbox_ref
from bot.domain.errors import Conflict
from bot.ports.store import Look, Store
from tests.store.conftest import OpenStore, Place
from tests.store.repositories import minutes

LEDGER = "shared-state/ledger.json"


def test_each_is_a_store(anywhere: Place, open_store: OpenStore) -> None:
    store: Store = open_store(anywhere)
    assert store.peek().version is None


def test_an_empty_remote_loads_as_nothing(anywhere: Place, open_store: OpenStore) -> None:
    assert open_store(anywhere).load() == Look(version=None, files={})


def test_the_first_save_creates_an_orphan(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    saved = store.save(store.load(), {LEDGER: b"{}\n", "README": b""}, "Begin", at=minutes(0))
    assert saved.version == place.bare.head() == store.peek().version
    assert place.bare.files(str(saved.version)) == {LEDGER: b"{}\n", "README": b""} == saved.files
    commit = place.bare.git("cat-file", "commit", "refs/heads/state").decode()
    who = "orchestrator <orchestrator@users.noreply.github.com> 1795435200 +0000"
    assert commit.split("\n", 1)[1] == f"author {who}\ncommitter {who}\n\nBegin\n\nNonce: test-0-1\n"


def test_a_save_returns_what_a_load_gives(anywhere: Place, open_store: OpenStore) -> None:
    store = open_store(anywhere)
    store.publish("worker-1.report", "one")
    store.publish("worker-2.report", "two")
    first = store.save(store.load(), {"a": b"1", "b/c": b"2"}, "One", at=minutes(0))
    assert first == store.load() == open_store(anywhere).load()
    second = store.save(
        first, {"a": None, "d": b"4"}, "Two\n\nNow: x\n", at=minutes(1), settled=["worker-1.report"]
    )
    assert second == store.load() == open_store(anywhere).load()
    assert second.inbox == {"worker-2.report": "two"}
    assert second.message == "Two\n\nNow: x\nNonce: test-0-2\n"
    assert second.files == {"b/c": b"2", "d": b"4"}


def test_a_store_whose_load_was_broken_off_begins_anew(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    saved = store.save(store.load(), {LEDGER: b"{}\n"}, "Begin", at=minutes(0))
    store.start_load()
    store.start_afresh()
    again = store.load()
    assert again == saved
    more = store.save(again, {"a": b"1"}, "More", at=minutes(1))
    assert place.bare.head() == more.version


def test_a_stale_base_conflicts_and_changes_nothing(anywhere: Place, open_store: OpenStore) -> None:
    slow, quick = open_store(anywhere), open_store(anywhere)
    base = slow.save(slow.load(), {"a": b"0"}, "Begin", at=minutes(0))
    slow.publish("e.1", "event")
    base = slow.load()
    won = quick.save(quick.load(), {"a": b"quick"}, "Quick", at=minutes(1))
    with pytest.raises(Conflict, match="moved on"):
        slow.save(base, {"a": b"slow"}, "Slow", at=minutes(1), settled=["e.1"])
    assert anywhere.bare.head() == won.version
    assert anywhere.bare.inbox() == {"e.1"}
    again = slow.load()
    assert again.files == {"a": b"quick"}
    slow.save(again, {"a": b"slow"}, "Slow", at=minutes(2), settled=["e.1"])
    assert (anywhere.bare.head(), anywhere.bare.inbox()) == (slow.load().version, set())


def test_one_of_two_creators_wins(anywhere: Place, open_store: OpenStore) -> None:
    together = threading.Barrier(2)

    def create(store: GitStore) -> Look | Conflict:
        base = store.load()
        together.wait()
        try:
            return store.save(base, {"a": b"same"}, "Begin", at=minutes(0))
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(create, [open_store(anywhere), open_store(anywhere)]))
    winners = [result for result in ended if isinstance(result, Look)]
    assert [winner.version for winner in winners] == [anywhere.bare.head()]


def test_no_change_is_lost_among_many_writers(anywhere: Place, open_store: OpenStore) -> None:
    def count_up(store: GitStore) -> None:
        look = store.load()
        for _ in range(3):
            while True:
                value = int(look.files.get("count", b"0")) + 1
                try:
                    look = store.save(look, {"count": b"%d" % value}, "Count", at=minutes(value))
                    break
                except Conflict:
                    look = store.load()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, [open_store(anywhere) for _ in range(4)]))
    assert open_store(anywhere).load().files == {"count": b"12"}
    assert len(open_store(anywhere).history()) == 12


def test_a_settled_event_that_is_gone_stops_the_save(anywhere: Place, open_store: OpenStore) -> None:
    store, other = open_store(anywhere), open_store(anywhere)
    store.save(store.load(), {"a": b"0"}, "Begin", at=minutes(0))
    store.publish("e.1", "one")
    store.publish("e.2", "two")
    base = store.load()
    other.discard(other.load(), ["e.1"])
    with pytest.raises(Conflict):
        store.save(base, {"a": b"1"}, "Late", at=minutes(1), settled=["e.1", "e.2"])
    assert (anywhere.bare.head(), anywhere.bare.inbox()) == (base.version, {"e.2"})


def test_discarding_tolerates_what_is_gone(anywhere: Place, open_store: OpenStore) -> None:
    store, other = open_store(anywhere), open_store(anywhere)
    for name in ("e.1", "e.2", "e.3"):
        store.publish(name, name)
    base = store.load()
    other.discard(other.load(), ["e.2"])
    store.discard(base, ["e.1", "e.2", "unknown"])
    store.discard(base, ["e.1"])
    store.discard(base, [])
    assert anywhere.bare.inbox() == {"e.3"}


def test_publishing_twice_is_publishing_once(anywhere: Place, open_store: OpenStore) -> None:
    message = 'Worker reports\n\n{"text": "naïve ☃"}\n\n'
    open_store(anywhere).publish("worker-1.report", message)
    first = open_store(anywhere).load()
    open_store(anywhere, nonce="another").publish("worker-1.report", message)
    assert open_store(anywhere).load() == first
    assert first.inbox == {"worker-1.report": message}
    assert len(first.inbox_commits) == 1


def test_an_event_id_holds_one_content(anywhere: Place, open_store: OpenStore) -> None:
    store = open_store(anywhere)
    store.publish("e.1", "one")
    with pytest.raises(Conflict, match=r"e\.1"):
        store.publish("e.1", "another")
    assert store.load().inbox == {"e.1": "one"}


@pytest.mark.parametrize(
    "name", ["", "A", "a/b", "a..b", ".a", "-a", "a.", "a.lock", "a b", "a\n", "ä", "a*", "a:b"]
)
def test_ids_that_are_no_part_of_a_ref_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="event id"):
        inbox_ref(name)


def test_only_changed_files_are_written(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    many = {
        f"shared-state/projects/p-{number}/status.json": b'{"n": %d}\n' % number for number in range(1000)
    }
    base = store.save(store.load(), many, "Many", at=minutes(0))
    assert open_store(place).load().files == many
    path, same = (f"shared-state/projects/p-{number}/status.json" for number in (7, 8))
    changed = store.save(base, {path: b"new", same: many[same]}, "One", at=minutes(1))
    before, after = place.bare.object_ids(str(base.version)), place.bare.object_ids(str(changed.version))
    assert {name for name in after if before[name] != after[name]} == {path}
    new = place.bare.git("rev-list", "--objects", str(changed.version), f"^{base.version}").split(b"\n")[:-1]
    assert len(new) == 1 + 4 + 1  # the commit; the trees of /, shared-state, projects, p-7; the blob


def test_any_bytes_and_any_names_survive(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    odd = {
        "bytes": bytes(range(256)) * 3,
        "empty": b"",
        "no final newline": b"x",
        'quote " and \\ backslash': b"1",
        "line\nbreak/tab\t": b"2",
        "ünïcödé/☃/𝒳": "☃".encode(),
        "-option": b"3",
        "data 5\nM 100644": b"data 3\nabc\ndone\n",
        "not utf-8 \udcff": b"4",
    }
    saved = store.save(store.load(), odd, "Odd ☃", at=minutes(0))
    assert open_store(place).load() == saved
    assert place.bare.files(str(saved.version)) == odd
    assert place.bare.is_sound()


def test_a_folder_may_become_a_file_and_back(anywhere: Place, open_store: OpenStore) -> None:
    store = open_store(anywhere)
    look = store.save(store.load(), {"a/b": b"1", "a/c/d": b"2", "z": b"3"}, "Folder", at=minutes(0))
    look = store.save(look, {"a": b"file", "a/b": None, "a/c/d": None}, "File", at=minutes(1))
    assert anywhere.bare.files(str(look.version)) == {"a": b"file", "z": b"3"}
    look = store.save(look, {"a/b": b"again", "a": None}, "Folder", at=minutes(2))
    assert open_store(anywhere).load().files == {"a/b": b"again", "z": b"3"} == look.files
    look = store.save(look, {"a/b": None, "z": None, "never": None}, "Empty", at=minutes(3))
    assert open_store(anywhere).load() == look


NO_PATHS = ["/a", "a//b", "../a", "a/.git/hooks", "a\0", "", "./a", "a/"]
BOTH_FILE_AND_FOLDER = [{"x": b"", "x/y": b""}, {"a/b/c": b""}, {"a": b""}]


@pytest.mark.parametrize("changes", [*({path: b""} for path in NO_PATHS), *BOTH_FILE_AND_FOLDER])
def test_paths_that_git_cannot_hold_are_refused(
    anywhere: Place, open_store: OpenStore, changes: dict[str, bytes]
) -> None:
    store = open_store(anywhere)
    base = store.save(store.load(), {"a/b": b"file"}, "Begin", at=minutes(0))
    with pytest.raises(ValueError, match="file"):
        store.save(base, changes, "Bad", at=minutes(1))
    assert anywhere.bare.head() == base.version


def test_other_branches_are_left_alone(anywhere: Place, open_store: OpenStore) -> None:
    archive, store = open_store(anywhere, branch="state-archive"), open_store(anywhere)
    kept = archive.save(archive.load(), {"old": b"1"}, "Archive", at=minutes(0))
    assert store.load().version is None
    store.save(store.load(), {"new": b"1"}, "Begin", at=minutes(0))
    assert anywhere.bare.head("state-archive") == kept.version
    assert store.load().files == {"new": b"1"}


def test_history_and_any_version_of_it(anywhere: Place, open_store: OpenStore) -> None:
    store = open_store(anywhere)
    assert store.history() == []
    looks: list[Any] = [store.load()]
    for number in range(5):
        looks.append(store.save(looks[-1], {"n": b"%d" % number}, f"Step {number}", at=minutes(number)))
    fresh = open_store(anywhere)
    newest = fresh.history(2)
    assert [commit.version for commit in newest] == [looks[5].version, looks[4].version]
    assert [commit.parents for commit in newest] == [(looks[4].version,), (looks[3].version,)]
    assert fresh.files_at(looks[1].version) == {"n": b"0"}
    everything = fresh.history()
    assert [commit.message.split("\n")[0] for commit in everything] == [f"Step {n}" for n in (4, 3, 2, 1, 0)]
    assert [commit.at for commit in everything] == [minutes(n) for n in (4, 3, 2, 1, 0)]
    assert fresh.load() == looks[-1]
    saved = fresh.save(looks[-1], {"n": b"5"}, "On", at=minutes(9))
    assert store.load() == saved


def test_a_store_in_long_use_renews_its_directory(
    place: Place, open_store: OpenStore, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    store = open_store(place, directory=home, fresh_after=2)
    look = old = store.save(store.load(), {"n": b"0"}, "Begin", at=minutes(0))
    before = list(home.iterdir())
    for number in range(1, 4):
        look = store.save(store.load(), {"n": b"%d" % number}, "Change", at=minutes(number))
        assert store.load() == look
    assert len(before) == len(list(home.iterdir())) == 1
    assert before != list(home.iterdir())
    with pytest.raises(Conflict):
        store.save(old, {"n": b"9"}, "Late", at=minutes(9))
    assert place.bare.head() == look.version


def test_a_load_overlaps_with_other_work(place: Place, open_store: OpenStore) -> None:
    store = open_store(place)
    saved = store.save(store.load(), {"a": b"1"}, "Begin", at=minutes(0))
    pending = open_store(place).start_load()
    assert pending.result() == saved
