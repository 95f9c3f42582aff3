"""What a report says of the agent's cost: what its executor wrote into ``run.json``, if it makes sense."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bot.app.process import App
from bot.app.work import Claimant, Workspace, reported
from bot.ports import Finished
from tests.core.worlds import START

WHO = Claimant(assignment="idea-1.genesis@7", run_id=1, run_attempt=1, run_url="")


class Clock:
    """All that a report needs of the program around it."""

    def now(self) -> datetime:
        return START


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
