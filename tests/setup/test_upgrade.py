"""``orchestrator upgrade``: the files of this version by the same pull request, and what the state needs."""

from __future__ import annotations

import json

from bot.domain.files import ROOT as STATE_ROOT
from bot.setup.action import Action
from bot.setup.plan import CONFIG
from bot.setup.workflow_files import FOLDER, WORKFLOWS, made, source, thin
from tests.setup.shop import SETUP, Shop


def upgrade(shop: Shop, *words: str, action: str = "") -> object:
    done = shop.run("upgrade", "--yes", "--action", action or shop.action(), *words)
    assert done.code == 0, done
    return done.out


def test_the_files_come_to_the_new_version_of_the_action(healthy: Shop) -> None:
    kept = healthy.file(CONFIG)
    action = healthy.release()
    assert f"- {FOLDER}/worker.yml\n" in str(upgrade(healthy))
    (pull,) = healthy.pulls()
    assert pull["head"]["ref"] == SETUP
    assert pull["title"] == "Bring orchestrator's workflows up to date"
    healthy.merge()
    for path, text in made(Action(*action.split("@"))).items():
        assert healthy.file(path) == text
    assert healthy.file(CONFIG) == kept
    mark = healthy.mark()
    assert "nothing to do" in str(upgrade(healthy))
    assert healthy.writes(mark) == []


def test_a_file_of_an_older_version_is_replaced_and_an_edited_one_keeps_its_edits(healthy: Shop) -> None:
    old = healthy.action()
    monitor, labels = f"{FOLDER}/monitor.yml", f"{FOLDER}/labels.yml"
    before = source(monitor).replace("timeout-minutes: 350", "timeout-minutes: 300")
    healthy.bare.commit_file("main", monitor, thin(before, Action(*old.split("@"))))
    edited = healthy.file(labels).replace("timeout-minutes: 10", "timeout-minutes: 5")
    healthy.bare.commit_file("main", labels, edited)
    new = healthy.release()
    assert f"{labels} was edited by hand" in str(upgrade(healthy))
    assert "timeout-minutes: 350" in healthy.file(monitor, SETUP)
    assert healthy.file(labels, SETUP) == edited.replace(old.split("@")[1], new.split("@")[1])
    (pull,) = healthy.pulls()
    assert f"{labels} was edited by hand" in pull["body"]


def test_a_file_that_is_missing_comes_back(healthy: Shop) -> None:
    healthy.bare.commit_file("main", f"{FOLDER}/worker.yml", None)
    upgrade(healthy)
    healthy.merge()
    assert all(f"{FOLDER}/{name}" in healthy.bare.files("main") for name in WORKFLOWS)


def test_a_state_of_a_newer_version_is_refused_before_the_first_write(healthy: Shop) -> None:
    path = f"{STATE_ROOT}ledger.json"
    newer = json.loads(healthy.file(path, "state")) | {"schema": 2}
    healthy.bare.commit_file("state", path, json.dumps(newer))
    healthy.release()
    mark = healthy.mark()
    done = healthy.run("upgrade", "--yes", "--action", healthy.action())
    assert (done.code, healthy.writes(mark)) == (2, [])
    assert "Use the version of orchestrator that wrote the state, or a newer one" in done.error


def test_the_states_schema_is_told(healthy: Shop) -> None:
    assert "The state has schema 1, the one of this version" in str(upgrade(healthy, "--dry-run"))


def test_a_dry_run_shows_the_files_and_writes_nothing(healthy: Shop) -> None:
    action = healthy.release()
    mark = healthy.mark()
    assert f"uses: {action}" in str(upgrade(healthy, "--dry-run"))
    assert healthy.writes(mark) == []


def test_what_is_not_set_up_is_not_upgraded(shop: Shop) -> None:
    done = shop.run("upgrade", "--yes", "--action", shop.action())
    assert (done.code, "orchestrator init acme/factory" in done.error) == (2, True)
