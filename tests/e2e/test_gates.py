"""Gates with real processes: a stranger's idea and the stage after Genesis each wait for somebody who may."""

from __future__ import annotations

import json
from pathlib import Path

from bot.hub.data.world import BOT
from tests.e2e.stage import UNGUARDED, Stage

GATED = f"approve: [development]\ntexts:\n  role: triage\n{UNGUARDED}"


def last(stage: Stage, issue: int) -> str:
    told = stage.comments(issue)[-1]
    assert told["user"]["login"] == BOT
    return str(told["body"])


def test_an_idea_and_a_stage_wait_and_go_on_when_they_are_approved(stage: Stage, tmp_path: Path) -> None:
    stage.configure(GATED)
    stage.tick()
    issue = stage.issue("A page of greetings", "It says hello, and counts clicks.", login="rita")

    stage.say(issue, "/dispatch-genesis")
    (project_id,) = stage.projects_of(issue)
    assert stage.labels(issue) == {"stage:genesis", "status:waiting", "priority:normal"}
    assert "idea is by `rita`, whose role is **read**" in last(stage, issue)
    assert not [name for name in stage.runs() if name.startswith(project_id)]

    refused = stage.say(issue, "/approve")
    assert "needs the role **maintain**" in stage.reply(refused)
    assert not [name for name in stage.runs() if name.startswith(project_id)]

    approved = stage.say(issue, "/approve", login="ada")
    assignment = stage.assignment(project_id)
    assert f"`{project_id}.genesis`: with `genesis-" in stage.reply(approved)
    assert [name for name in stage.runs() if name.startswith(project_id)] == [assignment]

    run = 4_242
    phases = [
        stage.work(phase, tmp_path / "work", assignment, run) for phase in ("claim", "run", "check", "report")
    ]
    assert [done.code for done in phases] == [0, 0, 0, 0], [done.log for done in phases]
    order = json.loads((tmp_path / "work" / "assignment.json").read_text())
    assert (order["idea_author"], order["idea_role"]) == ("rita", "read")
    assert "**Waits for approval:**" in last(stage, issue)
    assert stage.labels(issue) == {"stage:genesis", "status:waiting", "priority:normal"}
    assert len(stage.state().projects[project_id].tasks) == 1

    stage.tick()
    assert len(stage.state().projects[project_id].tasks) == 1
    stage.say(issue, f"/approve {project_id}", login="ada")
    assert "stage:development" in stage.labels(issue)
    assert [one.stage for one in stage.state().projects[project_id].approvals] == ["genesis", "development"]
    asked = [one for one in stage.comments(issue) if "**Waits for approval:**" in one["body"]]
    assert len(asked) == 2
    stage.verify()
