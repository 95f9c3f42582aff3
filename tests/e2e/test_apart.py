"""With a token that may make repositories: what Genesis leaves there, and what Development closes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.hub.data.world import APP
from tests.e2e.developers import Development, scaffolded
from tests.e2e.people import REPOSITORY
from tests.e2e.stage import GRACE, Stage, staged
from tests.executors.agents import DRAFT

DEPLOYMENT = {
    "key": "deploy",
    "title": "Make it deployable",
    "body": "After {{issue:page}} and {{issue:button}}",
    "acceptance": ["It answers"],
    "specialty": "deployment",
    "days": 1,
    "milestone": "MVP",
    "depends_on": ["page", "button"],
}
PLAN = {**DRAFT, "issues": [*DRAFT["issues"], DEPLOYMENT]}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path / "stage") as stage:
        yield stage


def told(project: Development) -> str:
    """Everything that its thread was told."""
    issue = project.project.issue
    assert issue is not None
    return "\n".join(row["body"] for row in project.stage.comments(issue))


def test_issues_name_each_other_and_the_default_branch_is_protected(stage: Stage, tmp_path: Path) -> None:
    project = scaffolded(stage, tmp_path, plan=PLAN)
    where = f"/repos/{project.repository}"
    found = {one["title"]: one for one in stage.every(f"{where}/issues", state="all")}
    page, button = found["A page"]["number"], found["A button"]["number"]
    assert found["A button"]["body"].endswith(f"After #{page}")
    assert found["Make it deployable"]["body"].endswith(f"After #{page} and #{button}")
    assert {one["milestone"]["title"] for one in found.values()} == {"MVP"}
    assert not any("project:" in label["name"] for one in found.values() for label in one["labels"])
    rules = stage.call(APP, "GET", f"{where}/branches/main/protection")
    assert rules["allow_force_pushes"]["enabled"] is False
    assert rules["allow_deletions"]["enabled"] is False
    assert stage.call(APP, "GET", where)["private"] is False  # as the repository of the bot
    assert "could not be protected" not in told(project)
    assert set(project.files("main")) >= {".github/workflows/ci.yml"}


def test_what_the_configuration_says_of_repositories(stage: Stage, tmp_path: Path) -> None:
    more = "repositories: {owner: acme, visibility: private, protect: false}\n"
    project = scaffolded(stage, tmp_path, more=more)
    where = f"/repos/{project.repository}"
    assert stage.call(APP, "GET", where)["private"] is True
    assert stage.call(APP, "GET", f"{where}/branches/main")["protected"] is False


def test_a_private_repository_makes_private_ones(stage: Stage, tmp_path: Path) -> None:
    stage.call("ada", "PATCH", f"/repos/{REPOSITORY}", {"private": True})
    project = scaffolded(stage, tmp_path)
    assert stage.call(APP, "GET", f"/repos/{project.repository}")["private"] is True


def test_a_token_that_may_not_protect_is_told_of(stage: Stage, tmp_path: Path) -> None:
    with stage.faults("PUT */protection status=403"):
        project = scaffolded(stage, tmp_path)
    assert "The branch `main` could not be protected" in told(project)


def test_a_deployment_closes_its_issue_once(stage: Stage, tmp_path: Path) -> None:
    project = scaffolded(stage, tmp_path, plan=PLAN)
    project.finish()
    where = f"/repos/{project.repository}/issues"
    (issue,) = (one for one in stage.every(where) if one["title"] == "Make it deployable")
    with stage.faults(f"PATCH {'/api/v3' + where}/* drop=before times=3"):
        project.deploy()
    assert project.project.deployment_url
    stage.forward(GRACE)
    stage.tick()  # what the report could not deliver is delivered by the next tick that finds it undone
    assert stage.call("ada", "GET", f"{where}/{issue['number']}")["state"] == "closed"
    filed = [one for one in stage.every(where, state="all") if "pull_request" not in one]
    assert [one["state"] for one in filed] == ["closed"] * 3

    stage.forward(GRACE)
    stage.tick()
    assert not [one for one in stage.state().outbox.entries if one.effect.kind == "close-issue"]
    stage.call("ada", "PATCH", f"{where}/{issue['number']}", {"state": "open"})
    stage.forward(GRACE)
    stage.tick()
    assert stage.call("ada", "GET", f"{where}/{issue['number']}")["state"] == "open"
    stage.verify()
