"""The workflows as GitHub's own parser reads them, and each condition as GitHub evaluates it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.setup.action import Action
from bot.setup.workflow_files import FOLDER, made
from tests.workflows.conditions import CONDITIONS
from tests.workflows.documents import ACTIONS, ROOT, WORKFLOWS, Document, jobs, read, workflow
from tests.workflows.github_actions import GitHubActions, find

FILES = [*WORKFLOWS, *ACTIONS]
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


@pytest.fixture(scope="module")
def actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubActions]:
    with find(tmp_path_factory.mktemp("actions")) as found:
        yield found


@pytest.fixture(scope="module")
def parsed(actions: GitHubActions) -> dict[str, Any]:
    return actions.parse(FILES)


@pytest.fixture(scope="module")
def conditions(parsed: dict[str, Any]) -> dict[str, str]:
    """``FILE JOB/STEP`` → its condition with what GitHub adds."""
    return {
        f"{file} {place}": condition
        for file, found in parsed.items()
        for place, condition in found["conditions"].items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_githubs_parser_finds_nothing_wrong(parsed: dict[str, Any], name: str) -> None:
    assert parsed[name]["errors"] == []


THIN = {
    path: text
    for path, text in made(Action("acme/orchestrator", "a" * 40, "v1")).items()
    if path.startswith(FOLDER)
}


@pytest.mark.parametrize("path", THIN)
def test_githubs_parser_finds_nothing_wrong_with_what_init_writes(actions: GitHubActions, path: str) -> None:
    assert actions.errors(THIN[path]) == []


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ("if: secrets.KEY != ''", "Unrecognized named-value: 'secrets'"),
        ("if: contains(github.ref)", "Too few parameters supplied"),
        ("when: always()", "Unexpected value 'when'"),
        ("needs: two", "at least one job with no dependencies"),
    ],
)
def test_githubs_parser_would_find_something(actions: GitHubActions, job: str, told: str) -> None:
    text = f"on: push\njobs:\n  one:\n    {job}\n    runs-on: x\n    steps: [{{run: x}}]\n"
    assert told in " ".join(actions.errors(text))


def test_every_condition_is_in_the_table(conditions: dict[str, str]) -> None:
    written = {place for place, condition in conditions.items() if condition != "success()"}
    assert set(CONDITIONS) == written


@pytest.mark.parametrize("place", CONDITIONS)
def test_a_condition_says_what_the_table_says(
    actions: GitHubActions, conditions: dict[str, str], place: str
) -> None:
    rows = CONDITIONS[place]
    values = actions.evaluate([(conditions[place], given, status) for _, given, status, _ in rows])
    found = {what: bool(value) for (what, *_), value in zip(rows, values, strict=True)}
    assert found == {what: expected for what, _, _, expected in rows}
    if conditions[place] != "always()":
        assert set(found.values()) == {True, False}, "a table of one answer shows nothing"


@pytest.mark.parametrize("place", CONDITIONS)
def test_a_cancelled_run_does_nothing_more_but_report(
    actions: GitHubActions, conditions: dict[str, str], place: str
) -> None:
    contexts = [given for _, given, _, _ in CONDITIONS[place]]
    values = actions.evaluate([(conditions[place], given, "cancelled") for given in contexts])
    assert any(values) == ("always()" in conditions[place])


RUNNERS = [
    ({"inputs": {"runner": ""}, "vars": {}}, "ubuntu-24.04"),
    ({"inputs": {"runner": ""}, "vars": {"ORCHESTRATOR_RUNNER": "linux"}}, "linux"),
    ({"inputs": {"runner": "big"}, "vars": {"ORCHESTRATOR_RUNNER": "linux"}}, "big"),
    ({"inputs": {"runner": '["self-hosted", "gpu"]'}, "vars": {}}, ["self-hosted", "gpu"]),
]


@pytest.mark.parametrize("job", ["run", "check"])
def test_the_runner_is_the_one_that_was_asked_for(actions: GitHubActions, job: str) -> None:
    expression = _expression(workflow("worker")["jobs"][job]["runs-on"])
    assert actions.evaluate([(expression, given, "success") for given, _ in RUNNERS]) == [
        runner for _, runner in RUNNERS
    ]


def test_every_other_job_runs_where_the_variable_says(actions: GitHubActions) -> None:
    own = {"audit", "ci", "release"}  # of this repository alone
    texts = {str(job["runs-on"]) for path in WORKFLOWS if path.stem not in own for _, job in jobs(path)}
    asked = [
        (_expression(text), {"vars": {"ORCHESTRATOR_RUNNER": "linux"}, "inputs": {"runner": ""}}, "success")
        for text in texts
    ]
    assert set(actions.evaluate(asked)) == {"linux"}


@pytest.mark.parametrize(("mode", "told"), [("events", "events"), ("cron", "cron"), ("", "cron")])
def test_a_tick_is_told_its_mode(actions: GitHubActions, mode: str, told: str) -> None:
    command = workflow("monitor")["jobs"]["tick"]["steps"][-1]["with"]["command"]
    found = actions.evaluate([(_expression(command), {"vars": {"ORCHESTRATOR_MONITOR": mode}}, "success")])
    assert found == [told]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_is_read_of_a_step_is_what_its_action_hands_on(path: Path) -> None:
    """GitHub reads an output that an action does not declare as nothing, and says nothing of it."""
    for name, job in read(path)["jobs"].items():
        ids = {step["id"]: step for step in job["steps"] if "id" in step}
        for step, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", str(job)):
            if "@" in ids[step].get("uses", ""):
                continue  # somebody else's action, which is not here
            assert output in _handed_on(ids[step]), f"{name}: {step} hands on no {output}"
        for needed, output in re.findall(r"needs\.([\w-]+)\.outputs\.([\w-]+)", str(job)):
            assert output in read(path)["jobs"][needed]["outputs"], f"{name}: {needed} hands on no {output}"
            assert needed in job["needs"], f"{name} does not wait for {needed}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_is_given_to_an_action_is_what_it_takes(path: Path) -> None:
    for _, job in jobs(path):
        for step in job["steps"]:
            if step.get("uses", "").startswith("./"):
                assert set(step.get("with", {})) <= set(_own_action(step).get("inputs", {}))


def _expression(text: str) -> str:
    (found,) = re.findall(r"\$\{\{(.*?)\}\}", text)
    return str(found).strip()


def _own_action(step: Document) -> Document:
    return read(ROOT / step["uses"].removeprefix("./") / "action.yml")


def _handed_on(step: Document) -> set[str]:
    if step.get("uses", "").startswith("./"):
        return set(_own_action(step).get("outputs", {}))
    return {name for line in step.get("run", "").splitlines() for name in re.findall(r"(\w+)=", line)}
