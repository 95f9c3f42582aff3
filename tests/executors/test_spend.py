"""What a report says of the agent's cost: what its executor wrote into ``run.json``, if it makes sense."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bot.app.process import App
from bot.app.work import reported
from bot.app.workspace import Claimant, Workspace
from bot.domain.events.worked import WorkReported
from bot.domain.failures import FailureKind
from bot.ports.executor import Finished
from tests.core.worlds import START

WHO = Claimant(assignment="idea-1.genesis@7", run_id=1, run_attempt=1, run_url="")


class Clock:
    """All that a report needs of the program around it."""

    def now(self) -> datetime:
        return START


def told(workspace: Workspace) -> WorkReported:
    return reported(WHO, workspace, cast(App, Clock()))


def spend(workspace: Workspace) -> float:
    return reported(WHO, workspace, cast(App, Clock())).spend


def test_it_is_what_the_executor_says(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("run", Finished(ok=False, summary="it broke", spend=1.25))
    assert spend(workspace) == 1.25


@pytest.mark.parametrize("said", ["-1", '"5"', "true", "null", "1e999", "NaN", "2000000"])
def test_what_makes_no_sense_is_nothing(tmp_path: Path, said: Any) -> None:
    workspace = Workspace(tmp_path)
    workspace.result.mkdir()
    (workspace.result / "run.json").write_text(f'{{"ok": false, "spend": {said}}}')
    assert spend(workspace) == 0


def test_turns_and_tokens_are_told_as_well(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("run", Finished(ok=False, summary="it broke", spend=1, turns=7, tokens=12_345))
    found = told(workspace)
    assert (found.spend, found.turns, found.tokens) == (1, 7, 12_345)


def test_what_an_executor_does_not_tell_is_not_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("run", Finished(ok=False, summary="it broke"))
    found = told(workspace)
    assert (found.turns, found.tokens) == (None, None)


@pytest.mark.parametrize("name", ["spend", "turns", "tokens"])
@pytest.mark.parametrize("said", ["-1", '"5"', "true", "1e999", "NaN", "99999999999999", "[1]", "{}"])
def test_figures_that_make_no_sense_are_dropped_and_the_log_says_so(
    name: str, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = Workspace(tmp_path)
    workspace.result.mkdir()
    (workspace.result / "run.json").write_text(f'{{"ok": false, "{name}": {said}}}')
    found = told(workspace)
    assert (found.spend, found.turns, found.tokens) == (0, None, None)
    assert f"idea-1.genesis@7: {name} is said to be" in caplog.text


@pytest.mark.parametrize("kind", list(FailureKind))
def test_the_kind_of_failure_goes_along(kind: FailureKind, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("run", Finished(ok=False, summary="it broke", failure=kind))
    assert told(workspace).failure is kind


def test_the_checks_kind_counts_where_the_work_was_well(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("run", Finished(ok=True, summary="done"))
    workspace.note("checked", Finished(ok=False, summary="no", failure=FailureKind.OUTSIDE))
    assert told(workspace).failure is FailureKind.OUTSIDE


def test_work_without_what_it_hands_on_is_invalid(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("run", Finished(ok=True, summary="done"))
    workspace.note("checked", Finished(ok=True, summary="done"))
    assert told(workspace).failure is FailureKind.INVALID


@pytest.mark.parametrize("said", ['"nonsense"', "7", "[]", "{}", "null", "true"])
def test_a_kind_that_nobody_knows_is_none(said: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.result.mkdir()
    (workspace.result / "run.json").write_text(f'{{"ok": false, "failure": {said}}}')
    assert told(workspace).failure is None
