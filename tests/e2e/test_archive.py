"""Finished projects move to the archive branch: real git over HTTP, real processes, one of them killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.git.store import GitStore
from bot.domain import files
from bot.domain.retention import LEAST, Retention
from bot.domain.state import State
from tests.core.test_archiving import Fleet
from tests.e2e.bot_process import Done
from tests.e2e.stage import Stage, staged

SHELF = "refs/heads/state-archive"
DAY = 86_400


@pytest.fixture(scope="module")
def dropped() -> State:
    """Three more finished projects than stay."""
    fleet = Fleet(Retention(finished_days=1))
    fleet.full(LEAST + 3)
    return fleet.state


@pytest.fixture
def old(tmp_path: Path, dropped: State) -> Iterator[Stage]:
    """A repository with these, two days later."""
    with staged(tmp_path / "stage") as stage:
        stage.issue("The first one's")
        stage.configure("retention:\n  finished_days: 1\nscaling:\n  enabled: false\n")
        begin(stage, dropped)
        yield stage


def begin(stage: Stage, state: State) -> None:
    """Make it the branch's newest state, as if decided two days ago."""
    now = stage.state()
    assert state.events is not None
    with GitStore(str(stage.bare.path), nonce="begin") as store:
        look = store.load()
        ledger = replace(now, projects={}).ledger
        made = replace(state, ledger=ledger, config=now.config, events=now.events, usage=now.usage)
        wanted = files.tree(made)
        gone = dict.fromkeys(
            path for path in look.files if path.startswith(files.ROOT) and path not in wanted
        )
        store.save(look, {**wanted, **gone}, "a test's state", at=datetime.now(UTC))


def tick(stage: Stage, **variables: str) -> Done:
    return stage.start("tick", event="schedule", payload={}, **variables).done()


def call(stage: Stage, *words: str) -> Done:
    return stage.start(*words, event="schedule", payload={}).done()


def archived(stage: Stage) -> set[str]:
    if not stage.bare.head("state-archive"):
        return set()
    names = stage.bare.git("ls-tree", "-r", "--name-only", SHELF).decode().split()
    return {name.rpartition("/")[2].removesuffix(".json") for name in names}


def everywhere(stage: Stage) -> None:
    """Each project is in exactly one place."""
    here, there = set(stage.state().projects), archived(stage)
    assert not here & there
    assert here | there >= {f"idea-{number}" for number in range(1, LEAST + 4)}
    assert stage.state().archived.count == len(there)


def test_a_tick_archives_people_are_told_verify_holds_and_one_comes_back(old: Stage) -> None:
    assert tick(old).code == 0
    assert archived(old) == {"idea-1", "idea-2", "idea-3"}
    everywhere(old)
    assert old.bare.text("log", "-1", "--format=%s", SHELF) == "3 projects leave the state"

    reply = old.reply(old.say(old.issue(), "/status idea-1"))
    path = old.state().archived.items[0].path
    url = f"{old.info.url}/acme/factory/blob/state-archive/{path}"
    assert f"[`{path}`]({url})" in reply
    assert old.call("ada", "GET", "/repos/acme/factory/contents/" + path, params={"ref": "state-archive"})

    done = call(old, "verify", "--last", "2")
    assert (done.code, "0 problems" in done.log) == (0, True), done.log
    replayed = call(old, "replay")
    assert replayed.code in (0, 1)

    done = call(old, "state", "restore", "idea-1")
    assert done.code == 0, done.log
    assert "idea-1 is back" in done.log
    assert archived(old) == {"idea-2", "idea-3"}
    everywhere(old)
    again = call(old, "state", "restore", "idea-1")
    assert (again.code, "is in the state" in again.log) == (2, True)
    unknown = call(old, "state", "restore", "nothing-7")
    assert (unknown.code, "has no project 'nothing-7'" in unknown.log) == (2, True)
    done = call(old, "verify", "--last", "3")
    assert (done.code, "0 problems" in done.log) == (0, True), done.log
    assert tick(old).code == 0
    everywhere(old)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_tick_that_is_killed_at_its_push_loses_and_doubles_nothing(
    old: Stage, tmp_path: Path, moment: str
) -> None:
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    push = {
        "before": "kill -9 $PPID; exit 1",
        "after": f'"{shutil.which("git")}" "$@"; kill -9 $PPID; exit 1',
    }[moment]
    shim.write_text(
        f'#!/bin/sh\ncase "$*" in *push*state-archive*) {push} ;; esac\nexec "{shutil.which("git")}" "$@"\n'
    )
    shim.chmod(0o755)
    killed = tick(old, PATH=f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    assert killed.code == -9
    assert archived(old) == (set() if moment == "before" else {"idea-1", "idea-2", "idea-3"})
    everywhere(old)
    assert tick(old).code == 0
    assert archived(old) == {"idea-1", "idea-2", "idea-3"}
    everywhere(old)


def test_a_protected_archive_branch_keeps_no_tick_from_its_work(old: Stage) -> None:
    hook = old.bare.path / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$1" in *-archive) echo "protected branch" >&2; exit 1 ;; esac\n')
    hook.chmod(0o755)
    before = old.bare.head()
    done = tick(old)
    assert (done.code, "finished projects stay in the state" in done.log) == (0, True), done.log
    assert old.bare.head() != before, "whatever else was due is saved"
    payload = old.comment(old.issue(), "/pause genesis", "max")
    assert tick(old).code == 0
    assert len(old.replies(payload)) == 1
    assert archived(old) == set()
    hook.unlink()
    assert tick(old).code == 0
    assert archived(old) == {"idea-1", "idea-2", "idea-3"}


def test_verify_names_what_is_wrong_with_the_archive(old: Stage) -> None:
    assert tick(old).code == 0
    tip, paths = old.bare.head("state-archive"), [one.path for one in old.state().archived.items]

    def told(stream: str) -> str:
        old.bare.git("update-ref", SHELF, str(tip))
        head = f"commit {SHELF}\ncommitter a <a@b> 1 +0000\ndata 1\nx\nfrom {tip}\n"
        old.bare.git("fast-import", "--quiet", "--force", "--done", stdin=f"{head}{stream}\ndone\n".encode())
        done = call(old, "verify", "--last", "1")
        assert done.code == 1
        return done.log

    assert f"archive: {paths[0]} is not there, although its project has left the state" in told(
        f"D {paths[0]}\n"
    )
    edited = told(f"M 100644 inline {paths[1]}\ndata 2\n{{}}\n")
    assert f"archive: {paths[1]} is not what the state held when the project left" in edited
    assert "archive: it holds 4 projects, and archived.json counts 3" in told(
        "M 100644 inline archive/2026-11-23/x-1.json\ndata 2\n{}\n"
    )
    old.bare.git("update-ref", "-d", SHELF)
    assert call(old, "verify", "--last", "1").code == 1


def test_an_export_takes_the_archive_along_and_an_import_brings_both_back(old: Stage, tmp_path: Path) -> None:
    assert tick(old).code == 0
    heads = old.bare.head(), old.bare.head("state-archive")
    alone, both = tmp_path / "alone.bundle", tmp_path / "both.bundle"
    assert call(old, "state", "export", str(alone)).code == 0
    assert call(old, "state", "export", "--archive", str(both)).code == 0
    for branch in ("state", "state-archive"):
        old.bare.git("update-ref", "-d", f"refs/heads/{branch}")
    done = call(old, "state", "import", str(both))
    assert (done.code, old.bare.head(), old.bare.head("state-archive")) == (0, *heads), done.log
    old.bare.git("update-ref", "-d", "refs/heads/state")
    assert call(old, "state", "import", str(alone)).code == 0
    assert (old.bare.head(), old.bare.head("state-archive")) == heads
    everywhere(old)
