"""What a hostile worker leaves for the report: too deep, too long, no text, of another kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from bot.app.process import App
from bot.app.work import Claimant, Workspace, reported
from bot.domain.events.worked import WorkReported
from bot.domain.outputs import Size
from bot.domain.work import WorkOrder
from tests.core.worlds import START, output

WHO = Claimant(assignment="idea-1.x.feature@7", run_id=1, run_attempt=1, run_url="")


class Clock:
    """All that a report needs of the program around it."""

    def now(self) -> Any:
        return START


def told(
    folder: Path, workflow: str = "development", specialty: str = "feature", **files: str
) -> WorkReported:
    workspace = Workspace(folder)
    workspace.result.mkdir(parents=True)
    order = WorkOrder.model_construct(
        assignment=WHO.assignment, task=WHO.task, workflow=workflow, specialty=specialty, size=Size.QUICK,
        project="idea-1", title="A", idea="A", idea_author="wendy", stack="", region="", priority="normal",
        attempt=1, time_limit=60, outputs={}, executor="command",
    )  # fmt: skip
    workspace.order.write_text(order.model_dump_json(warnings=False), "utf-8")
    said = {"run": '{"ok": true}', "checked": '{"ok": true}', **files}
    for name, text in said.items():
        (workspace.result / f"{name.replace('_', '-')}.json").write_text(text, "utf-8")
    return reported(WHO, workspace, cast(App, Clock()))


def test_json_that_is_nested_too_deeply_is_no_result(tmp_path: Path) -> None:
    found = told(tmp_path, run="[" * 200_000, feature='{"key": "x"}')
    assert not found.ok
    assert found.summary.startswith("the run ended without a result")


@pytest.mark.parametrize("where", ["run", "checked"])
def test_halves_of_characters_are_told_as_what_they_are(where: str, tmp_path: Path) -> None:
    found = told(tmp_path, **{where: r'{"ok": false, "summary": "no \ud800 way"}'})
    assert not found.ok
    assert found.summary == "no \ufffd way"


def test_halves_of_characters_in_the_check(tmp_path: Path) -> None:
    commands = r'{"commands": [{"command": "a\udfff", "exit_code": 1, "tail": "b\udfff"}]}'
    found = told(tmp_path, checked='{"ok": false, "summary": "no"}', check=commands)
    assert (found.command, found.exit_code, found.output) == ("a\ufffd", 1, "b\ufffd")


def test_an_assignment_of_a_workflow_that_there_is_not(tmp_path: Path) -> None:
    found = told(tmp_path, workflow="world-domination", feature='{"key": "x"}')
    assert not found.ok
    assert "no work of this kind" in found.summary


@pytest.mark.parametrize(
    "content",
    [
        {"branch": "b" * 1_000},
        {"key": "k" * 1_000},
        {"tests_run": 10**30},
        {"tests_passed": 10**30},
        {"number": 10**30},
        {"coverage": 1e300},
        {"review": "r" * 5_000},
    ],
)
def test_a_feature_beyond_all_measure_does_not_reach_the_state(
    content: dict[str, Any], tmp_path: Path
) -> None:
    found = told(tmp_path, feature=json.dumps({"key": "x", **content}))
    assert not found.ok
    assert "feature.json does not validate" in found.summary


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "s" * 1_000_000},
        {"title": "s" * 1_000_000},
        {"stack": "s" * 1_000_000},
        {"executor": "s" * 1_000_000},
        {"default_branch": "s" * 1_000_000},
        {"files": ("f" * 100_000,)},
        {"files": tuple(f"file-{number}" for number in range(30_000))},
        {"risks": ("r" * 100_000,)},
        {"open_questions": ("r" * 100_000,)},
        {"issues": tuple(range(300))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_plan_beyond_all_measure_does_not_reach_the_state(change: dict[str, Any], tmp_path: Path) -> None:
    made = output()
    if "issues" in change:
        (one,) = made.issues
        change = {"issues": tuple(one.model_copy(update={"key": f"k-{at}"}) for at in change["issues"])}
    text = made.model_copy(update=change).model_dump_json()
    found = told(tmp_path, workflow="genesis", specialty="standard", genesis_output=text)
    assert not found.ok
    assert "genesis-output.json does not validate" in found.summary


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../../etc/passwd"},
        {"file": "/etc/passwd"},
        {"file": "f" * 2_000},
        {"channel": "c" * 10_000},
        {"facts": ["f" * 10_000]},
        {"gates": {"g" * 10_000: True}},
        {"gates": {f"gate-{number}": True for number in range(1_000)}},
        {"words": 10**30},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_piece_beyond_all_measure_does_not_reach_the_state(change: dict[str, Any], tmp_path: Path) -> None:
    piece = {"kind": "guide", "specialty": "documentation", "file": "docs/guide.md", "words": 9, **change}
    text = json.dumps({"pieces": [piece]})
    found = told(tmp_path, workflow="content", specialty="documentation", content_output=text)
    assert not found.ok
    assert "content-output.json does not validate" in found.summary


def test_more_pieces_than_anybody_writes(tmp_path: Path) -> None:
    piece = {"kind": "guide", "specialty": "documentation", "file": "docs/guide.md", "words": 9}
    text = json.dumps({"pieces": [piece] * 101})
    assert not told(tmp_path, workflow="content", specialty="documentation", content_output=text).ok


@pytest.mark.parametrize(
    ("needs", "keys", "problem"),
    [
        (("b",), ("a", "b"), "a circle"),
        (("nobody",), ("a",), "does not exist"),
        ((), ("a", "a"), "occurs 2 times"),
        ((), ("documentation",), "that of a later task"),
        ((), ("deployment",), "that of a later task"),
    ],
)
def test_a_plan_that_cannot_be_worked_off(
    needs: tuple[str, ...], keys: tuple[str, ...], problem: str, tmp_path: Path
) -> None:
    (one,) = output().issues
    issues = [one.model_copy(update={"key": key}) for key in keys]
    issues[0] = issues[0].model_copy(update={"depends_on": needs})
    if keys == ("a", "b"):
        issues[1] = issues[1].model_copy(update={"depends_on": ("a",)})
    text = output().model_copy(update={"issues": tuple(issues)}).model_dump_json()
    found = told(tmp_path, workflow="genesis", specialty="standard", genesis_output=text)
    assert not found.ok
    assert problem in found.summary
