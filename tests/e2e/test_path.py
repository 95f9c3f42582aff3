"""The whole path: from a comment to a scaffolded repository with its issues, and what each step costs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.hub.data.world import BOT
from tests.e2e.stage import GRACE, REPOSITORY, Stage

IDEA = (
    'A web page that shows "Hello World", a button that changes the message, a counter of clicks, '
    "responsive styling and basic tests."
)


def test_a_comment_becomes_a_scaffolded_repository_with_its_issues(stage: Stage, tmp_path: Path) -> None:
    payload = stage.say(stage.issue("A greeting"), f"/dispatch-genesis {IDEA}")
    issue = payload["issue"]["number"]
    (project_id,) = stage.projects_of(issue)
    stage.assert_done_once(payload)
    assert stage.labels(issue) == {"stage:genesis", "status:active", "priority:normal"}
    assert f"`{project_id}`" in stage.reply(payload)

    phases = stage.work_through(stage.assignment(project_id))

    assert [done.code for done in phases] == [0, 0, 0, 0], [done.log for done in phases]
    assert "granted" in phases[0].outputs
    project = stage.state().projects[project_id]
    assert (project.stage, project.repository) == ("development", f"acme/{project_id}")
    assert "stage:development" in stage.labels(issue)
    told = stage.comments(issue)[-1]
    assert told["user"]["login"] == BOT
    assert "**Scaffolded:**" in told["body"]
    _assert_scaffolded(stage, project_id, tmp_path)
    stage.verify()


def _assert_scaffolded(stage: Stage, project_id: str, tmp_path: Path) -> None:
    output = stage.state().genesis[project_id]
    clone = tmp_path / "clone"
    made = stage.repository(output.repository)
    made.git("clone", "-q", str(made.path), str(clone))
    assert {"README.md", "docs/requirements.md", ".gitignore"} <= set(output.files)
    assert all((clone / name).is_file() for name in output.files)
    tested = subprocess.run(["make", "test"], cwd=clone, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    filed = stage.every(f"/repos/{output.repository}/issues", state="all")
    assert {(row["number"], row["title"]) for row in filed} == {(i.number, i.title) for i in output.issues}
    assert len(filed) >= 4
    for row in filed:
        assert "dev-ready" in {label["name"] for label in row["labels"]}
        assert "- [ ] " in row["body"]
        assert "{{issue:" not in row["body"]


def test_dispatch_genesis_costs_six_requests_and_one_push(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), "/dispatch-genesis A clock that shows the tides")
    mark = stage.mark()
    assert stage.handle(payload).code == 0
    traffic = stage.since(mark)
    assert len(traffic.api) <= 6, traffic.api
    assert len(traffic.pushes) == 1
    assert traffic.logins == {BOT}


@pytest.mark.parametrize("command", ["/status", "/queues", "/instances", "/help", "/help status"])
def test_a_reading_command_costs_three_requests_and_one_push(stage: Stage, command: str) -> None:
    payload = stage.comment(stage.issue(), command, "tim")
    mark = stage.mark()
    assert stage.handle(payload).code == 0
    traffic = stage.since(mark)
    assert len(traffic.api) <= 3, traffic.api
    assert len(traffic.pushes) == 1
    assert stage.reactions(payload) == [(BOT, "rocket")]
    assert stage.reply(payload)


@pytest.mark.parametrize(
    "body",
    [
        "Nice idea!",
        "See /etc/passwd and https://example.org/status.",
        "> /status",
        "    /status",
        "```\n/status\n```",
        "<!--\n/status\n-->",
        "",
    ],
)
def test_a_comment_without_a_command_costs_no_request_of_any_kind(stage: Stage, body: str) -> None:
    payload = stage.comment(stage.issue(), "text")
    payload["comment"]["body"] = body
    head, mark = stage.bare.head(), stage.mark()
    assert stage.handle(payload).code == 0
    assert list(stage.since(mark).requests) == []
    assert stage.bare.head() == head


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_only_created_comments_cost_anything(stage: Stage, action: str) -> None:
    payload = {**stage.comment(stage.issue(), "/dispatch-genesis A diary"), "action": action}
    mark = stage.mark()
    done = stage.handle(payload)
    assert done.code == 0, done.log
    assert list(stage.since(mark).requests) == []


def test_an_event_that_is_no_comment_costs_nothing(stage: Stage) -> None:
    number = stage.issue("/dispatch-genesis A diary")
    payload = {
        "action": "opened",
        "issue": stage.call("ada", "GET", f"/repos/{REPOSITORY}/issues/{number}"),
        "sender": {"login": "wendy", "type": "User"},
    }
    mark = stage.mark()
    assert stage.start("handle", event="issues", payload=payload).done().code == 0
    assert list(stage.since(mark).requests) == []


def test_a_second_project_on_an_issue_gets_an_issue_of_its_own(stage: Stage) -> None:
    issue = stage.issue("Two ideas")
    stage.say(issue, "/dispatch-genesis A first idea")
    payload = stage.say(issue, "/dispatch-genesis A second idea")
    assert "an issue of its own" in stage.reply(payload)
    stage.tick()

    first, second = (stage.state().projects[id_] for id_ in stage.projects_of(issue))
    assert first.issue == issue
    assert second.issue not in (None, issue)
    filed = stage.call("ada", "GET", f"/repos/{REPOSITORY}/issues/{second.issue}")
    assert filed["title"] == "A second idea"
    assert filed["user"]["login"] == BOT
    assert f"in #{issue}" in filed["body"]
    stage.forward(GRACE)
    stage.tick()
    assert {"stage:genesis", "priority:normal"} <= stage.labels(second.issue or 0)
    marked = [row for row in stage.every(f"/repos/{REPOSITORY}/issues") if row["title"] == "A second idea"]
    assert len(marked) == 1
    stage.verify()
