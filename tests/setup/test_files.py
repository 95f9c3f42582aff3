"""The files that are made: the same as this repository's own, but for where the bot comes from."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.config_file import parse
from bot.domain.config import Config
from bot.executors.catalogue import built_in
from bot.setup.action import Action
from bot.setup.config_text import config_text, executors
from bot.setup.plan import CONFIG, to_write
from bot.setup.prices import A_MINUTE, MINUTES
from bot.setup.workflow_files import EXTRAS, FOLDER, PATHS, WORKFLOWS, made, read, repinned, thin
from tests.workflows.documents import ROOT, Document
from tests.workflows.documents import read as read_own

ACTION = Action("acme/orchestrator", "a" * 40, "v1.0.0")
OTHER = Action("else/fleet", "b" * 40)
MADE = made(ACTION)
NAMES = (*WORKFLOWS, *EXTRAS)


def thinned(document: Document) -> Document:
    """A workflow of this repository as it has to be elsewhere, from its data, not from its text."""
    for job in document["jobs"].values():
        works = any(step.get("with", {}).get("command") == "work run" for step in job["steps"])
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        for step in checkouts:
            if works:
                step["name"] = "Check out this repository, for its own prompts"
            else:
                job["steps"].remove(step)
        if checkouts and not works and job["permissions"] == {"contents": "read"}:
            job["permissions"] = {}
        for step in job["steps"]:
            if step.get("uses", "").startswith("./"):
                folder = step["uses"].removeprefix("./")
                step["uses"] = f"{ACTION.repository}{'/' if folder else ''}{folder}@{ACTION.commit}"
    return document


def parsed(text: str) -> Document:
    document: dict[Any, Any] = yaml.safe_load(text)
    return {"on" if key is True else key: value for key, value in document.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_made_workflow_is_this_repositorys_own_but_for_where_the_bot_comes_from(name: str) -> None:
    own = read_own(ROOT / FOLDER / name)
    assert parsed(MADE[f"{FOLDER}/{name}"]) == thinned(own)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_a_made_workflow_needs_a_file_of_the_checkout(name: str) -> None:
    text = MADE[f"{FOLDER}/{name}"]
    assert re.findall(r"uses: \./|Check out the bot|requirements/", text) == []
    assert text.count("actions/checkout@") == (1 if name == "worker.yml" else 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_comments_come_along(name: str) -> None:
    own = (ROOT / FOLDER / name).read_text("utf-8")
    comments = set(re.findall(r"(?m)^ *# .*$", own))
    assert comments <= set(re.findall(r"(?m)^ *# .*$", MADE[f"{FOLDER}/{name}"]))


def test_the_issue_template_is_the_same() -> None:
    own = (ROOT / ".github/ISSUE_TEMPLATE/new-project.yml").read_text("utf-8")
    assert yaml.safe_load(MADE[".github/ISSUE_TEMPLATE/new-project.yml"]) == yaml.safe_load(own)


def test_every_action_that_the_files_name_is_in_this_repository() -> None:
    named = set(re.findall(r"orchestrator/(\.github/actions/\w+)@", "".join(MADE.values())))
    assert named
    assert all((ROOT / folder / "action.yml").is_file() for folder in named)


@pytest.mark.parametrize("path", PATHS)
def test_a_made_file_knows_itself_whatever_it_is_pinned_to(path: str) -> None:
    text = MADE[path]
    known, moved = read(text), read(repinned(text, OTHER))
    assert known is not None
    assert moved is not None
    assert (known.is_edited, moved.is_edited, moved.says(known)) == (False, False, True)
    assert repinned(text, OTHER) == made(OTHER)[path]


@given(
    path=st.sampled_from(PATHS),
    at=st.integers(0, 400),
    line=st.text(st.characters(codec="ascii"), min_size=1),
)
def test_no_edit_of_a_made_file_is_ever_lost(path: str, at: int, line: str) -> None:
    head, *lines = MADE[path].splitlines(keepends=True)
    at = min(at, len(lines))
    added = "# " + re.sub(r"[\r\n\x0b\x0c\x1c-\x1e]", "", line) + "\n"
    edited = "".join([head, *lines[:at], added, *lines[at:]])
    known = read(edited)
    assert known is not None
    assert known.is_edited
    plan = to_write({path: made(OTHER)[path]}, {path: edited}, OTHER)
    assert added in (plan.changes.get(path) or edited)
    assert plan.notes


@given(text=st.text(max_size=200))
def test_a_configuration_is_never_written_over(text: str) -> None:
    plan = to_write({CONFIG: "new"}, {CONFIG: text}, ACTION)
    assert plan.changes == {}


def test_the_configuration_says_what_was_chosen_and_shows_every_other_key() -> None:
    for agent in ("template", *built_in()):
        config = parse(config_text(executors(agent)))
        assert {pool.executor for pool in (config.pools.genesis, config.pools.content)} == {agent}
    assert parse(config_text({})) == Config()
    shown = re.sub(r"(?m)^(\s*)#(?=\S)", r"\1", config_text({}))
    assert parse(shown) == Config(), "a key counts once its # is taken away"
    given_keys = json.dumps(yaml.safe_load(shown))
    for key in ("max_age_hours", "stuck_minutes", "wait_above_minutes", "most_per_report", "worker_workflow"):
        assert f'"{key}"' in given_keys


def test_the_prices_are_those_of_the_monitors_page() -> None:
    page = (ROOT / "docs/monitor.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)` \| [^|]*month[^|]*\| (?:about )?([\d,]+) \| \$([\d.]+) \|", page) or (
        re.findall(r"(?m)^\| `(\w+)` \| [^|]+ \| (?:about )?([\d,]+) \| \$([\d.]+) \|", page)
    )
    assert {name: int(minutes.replace(",", "")) for name, minutes, _ in rows} == MINUTES
    for name, _, dollars in rows:
        minutes = next(minutes for mode, minutes in MINUTES.items() if mode == name)
        assert float(dollars) == pytest.approx(minutes * A_MINUTE, abs=0.6)


def test_an_installed_package_carries_the_files(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for path in PATHS:
            assert archive.read(f"bot/setup/files/{path}") == (ROOT / path).read_bytes()


def test_a_workflow_of_another_action_keeps_its_pin() -> None:
    text = MADE[f"{FOLDER}/commands.yml"]
    other = text.replace("      - name: Handle", "      - uses: docker/login@v3 # v3\n\n      - name: Handle")
    assert "uses: docker/login@v3 # v3\n" in repinned(other, OTHER)


def test_a_workflow_without_jobs_to_change_is_left_as_it_is() -> None:
    assert thin("name: x\n", ACTION).endswith("\nname: x\n")
