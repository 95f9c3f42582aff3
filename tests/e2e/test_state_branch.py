"""The state branch as a whole: exported, imported, and its history shortened, while the bot goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.bot_process import Done
from tests.e2e.stage import Stage

DAY = 86_400


def state(stage: Stage, *words: str) -> Done:
    return stage.start("state", *words, event="schedule", payload={}).done()


@pytest.fixture
def weeks(stage: Stage) -> Stage:
    """A branch with some commits on each of three days."""
    for day in range(3):
        stage.say(stage.issue(f"Day {day}"), f"/dispatch-genesis A page of day {day}")
        stage.say(stage.issue(), "/status")
        stage.forward(DAY)
    stage.tick()
    return stage


def commits(stage: Stage) -> list[str]:
    return stage.bare.git("rev-list", "--reverse", "refs/heads/state").decode().split()


def tree(stage: Stage) -> str:
    return stage.bare.git("rev-parse", "refs/heads/state^{tree}").decode().strip()


def test_a_shortened_history_has_the_same_state_and_re_derives_and_the_bot_goes_on(weeks: Stage) -> None:
    before, whole = commits(weeks), tree(weeks)

    done = state(weeks, "compact", "--keep-days", "2")

    after = commits(weeks)
    assert done.code == 0, done.log
    assert f"{len(before)} commits became {len(after)}" in done.log
    assert (len(after) < len(before), tree(weeks)) == (True, whole)
    messages = weeks.bare.git("log", "--format=%B", "refs/heads/state").decode()
    days = messages.count("Compacted-By: orchestrator")
    assert days >= 1
    weeks.verify()
    replayed = weeks.start("replay", event="schedule", payload={}).done()
    assert replayed.code == 0, replayed.log
    assert "0 differs" in replayed.log
    assert f"{days - 1} standing for a day" in replayed.log, "the first has no parent to be compared with"
    weeks.bare.git("fsck", "--strict", "--full")

    head = weeks.bare.head()
    again = state(weeks, "compact", "--keep-days", "2")
    assert (again.code, weeks.bare.head()) == (0, head), again.log
    assert "nothing to shorten" in again.log
    payload = weeks.say(weeks.issue(), "/status")
    assert len(weeks.replies(payload)) == 1
    assert head in commits(weeks)
    weeks.verify()


def test_who_loads_before_and_saves_after_it_loses_no_command(weeks: Stage) -> None:
    """A handle waits for its commenter's role while the history is rewritten under it."""
    payload = weeks.comment(weeks.issue(), "/dispatch-genesis A page meanwhile")
    with weeks.faults("GET */collaborators/*/permission delay=3s"):
        handling = weeks.start_handle(payload)
        done = state(weeks, "compact", "--keep-days", "2")
        assert handling.done().code == 0
    assert done.code == 0, done.log
    weeks.tick()
    assert len(weeks.replies(payload)) == 1
    assert len(weeks.projects_of(payload["issue"]["number"])) == 1
    weeks.verify()


def test_what_is_exported_can_be_imported_where_the_branch_is_lost(weeks: Stage, tmp_path: Path) -> None:
    target, head = tmp_path / "state.bundle", weeks.bare.head()
    assert state(weeks, "export", str(target)).code == 0
    weeks.bare.git("update-ref", "-d", "refs/heads/state")
    lost = weeks.handle(weeks.comment(weeks.issue(), "/status"))
    assert lost.code == 2
    assert "state import" in lost.log

    done = state(weeks, "import", str(target))

    assert (done.code, weeks.bare.head()) == (0, head), done.log
    weeks.say(weeks.issue(), "/pause genesis", login="max")
    moved = weeks.bare.head()
    refused = state(weeks, "import", str(target))
    assert (refused.code, weeks.bare.head()) == (2, moved), "it is replaced only when that is said"
    assert "--replace" in refused.log
    assert state(weeks, "import", str(target), "--replace").code == 0
    assert weeks.bare.head() == head
    weeks.verify()


@pytest.mark.parametrize(
    ("content", "told"), [(None, "there is no file"), (b"no bundle at all", "no bundle with one branch")]
)
def test_what_is_no_bundle_is_refused(stage: Stage, tmp_path: Path, content: bytes | None, told: str) -> None:
    source = tmp_path / "what.bundle"
    if content is not None:
        source.write_bytes(content)
    head = stage.bare.head()
    done = state(stage, "import", str(source), "--replace")
    assert (done.code, stage.bare.head()) == (2, head)
    assert told in done.log
    assert "Traceback" not in done.log


def test_a_state_that_does_not_hold_together_is_not_imported(weeks: Stage, tmp_path: Path) -> None:
    whole, target = weeks.bare.head(), tmp_path / "state.bundle"
    weeks.bare.commit_file(
        "state", "shared-state/queues/genesis-queue/items.json", '{"items": [], "schema": 7}'
    )
    assert state(weeks, "export", str(target)).code == 0
    weeks.bare.git("update-ref", "refs/heads/state", str(whole))
    done = state(weeks, "import", str(target), "--replace")
    assert (done.code, weeks.bare.head()) == (2, whole), done.log
    assert "schema" in done.log


def test_a_person_needs_nothing_but_a_clone_and_a_token(stage: Stage, tmp_path: Path) -> None:
    """No variable of Actions: the repository is the clone's origin."""
    clone = tmp_path / "clone"
    url = f"{stage.info.url}/acme/factory.git"
    subprocess.run(["git", "init", "--quiet", str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "remote", "add", "origin", url], check=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {"GITHUB_SERVER_URL": stage.info.url, "GH_TOKEN": stage.token("ada"), "LANG": "C.UTF-8"}
    for words, expected in (
        (["verify"], "0 problems"),
        (["status"], "Bottleneck"),
        (["replay"], "0 differs"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=clone,
            env={**kept, **told},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert expected in done.stdout
