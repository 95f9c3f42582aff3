"""Without a token that may make repositories: projects on branches of the bot's own repository."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.vocabulary import TaskStatus
from bot.hub.data.world import APP, BOT
from tests.e2e.developers import Development, scaffolded
from tests.e2e.door import opened
from tests.e2e.people import REPOSITORY, Json
from tests.e2e.stage import Stage, staged

PAGE = {"site/index.html": "<h1>Hello</h1>\n", "tests/test_page.py": "import unittest\n"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path / "stage") as stage:
        stage.makes_repositories = False
        yield stage


def issues_of(stage: Stage, project: str) -> list[Json]:
    """What was filed of a project, by its label, oldest first."""
    found = stage.every(f"/repos/{REPOSITORY}/issues", state="all", labels=f"project:{project}")
    return sorted(found, key=lambda one: one["number"])


def told(project: Development) -> str:
    """Everything that its thread was told."""
    issue = project.project.issue
    assert issue is not None
    return "\n".join(row["body"] for row in project.stage.comments(issue))


def test_a_project_goes_to_a_branch_and_its_work_is_merged_into_that(stage: Stage, tmp_path: Path) -> None:
    before = stage.bare.head("main")
    project = scaffolded(stage, tmp_path)
    branch = f"projects/{project.id}"

    state = project.project
    assert (state.repository, state.branch, state.shared) == (REPOSITORY, branch, True)
    assert stage.state().genesis[project.id].default_branch == branch
    assert set(project.files(branch)) == {"README.md", ".gitignore", "tests/test_it.py"}
    assert stage.state().genesis[project.id].commit == stage.bare.head(branch)
    page, button = issues_of(stage, project.id)
    assert [page["user"]["login"], page["title"], button["title"]] == [BOT, "A page", "A button"]
    assert button["body"].endswith(f"After #{page['number']}")
    assert f"An issue of the project `{project.id}` (#{state.issue})" in button["body"]
    assert page["milestone"]["title"] == f"MVP of {project.id}"
    assert {label["name"] for label in page["labels"]} == {
        "dev-ready", "feature", "priority:normal", f"project:{project.id}",
    }  # fmt: skip
    notice = told(project)
    assert f"branch [`{branch}`]({stage.info.url}/{REPOSITORY}/tree/{branch}) of `acme/factory`" in notice
    assert "Left out: `.github/workflows/ci.yml`, because" in notice
    assert "`ORCHESTRATOR_GENESIS_TOKEN` a token that may make repositories under `acme`" in notice

    project.do("page.feature", PAGE)
    (pull,) = project.pulls()
    assert (pull["head"]["ref"], pull["base"]["ref"]) == (f"orchestrator/{project.id}/page", branch)
    project.do("page.review", verdict="approved", review="Short and right.")
    (pull,) = project.pulls()
    assert pull["merged_at"]
    assert project.files(branch)["site/index.html"] == b"<h1>Hello</h1>\n"
    assert [one["state"] for one in issues_of(stage, project.id)] == ["closed", "open"]
    assert project.task("button.feature").status is TaskStatus.ASSIGNED
    assert stage.bare.history("main")[0].id == stage.bare.history(before)[0].id
    assert not {name for name in stage.bare.files("main") if name.startswith(("site/", "tests/"))}
    stage.tick()
    stage.verify()


def test_two_projects_with_the_same_issues_live_side_by_side(stage: Stage, tmp_path: Path) -> None:
    one = scaffolded(stage, tmp_path / "one")
    two = scaffolded(stage, tmp_path / "two")
    assert one.id != two.id
    one.do("page.feature", PAGE)
    two.do("page.feature", {"site/index.html": "<h1>Two</h1>\n"})
    assert {(pull["head"]["ref"], pull["base"]["ref"]) for pull in one.pulls()} == {
        (f"orchestrator/{each.id}/page", f"projects/{each.id}") for each in (one, two)
    }
    two.do("page.review", verdict="approved", review="Good.")
    assert two.files(f"projects/{two.id}")["site/index.html"] == b"<h1>Two</h1>\n"
    assert "site/index.html" not in one.files(f"projects/{one.id}")
    assert [each["state"] for each in issues_of(stage, one.id)] == ["open", "open"]
    assert [each["state"] for each in issues_of(stage, two.id)] == ["closed", "open"]

    # a further issue of one of them, and one of nobody's
    fields = {"title": "A footer", "labels": ["dev-ready", f"project:{one.id}"]}
    footer = stage.call("ada", "POST", f"/repos/{REPOSITORY}/issues", fields)["number"]
    own = stage.call("ada", "POST", f"/repos/{REPOSITORY}/issues", {"title": "X", "labels": ["dev-ready"]})
    payload = stage.say(stage.issue("Mine"), f"/trigger-development {REPOSITORY}")
    reply = stage.reply(payload)
    assert f"**1 issue added** to `{one.id}`" in reply
    assert "**`acme/factory`** is project" in reply
    assert one.project.task(f"{one.id}.issue-{footer}.feature") is not None
    (adopted,) = stage.projects_of(payload["issue"]["number"])
    found = stage.state().projects[adopted]
    assert (found.branch, found.shared) == ("", True)
    assert {task.item for task in found.tasks} == {f"issue-{own['number']}", ""}
    again = stage.say(stage.issue("Again"), f"/trigger-development {REPOSITORY}")
    assert "Nothing to add" in stage.reply(again)
    stage.verify()


def test_its_pull_requests_may_never_hold_a_workflow(stage: Stage, tmp_path: Path) -> None:
    project = scaffolded(stage, tmp_path, more="")
    stage.configure(
        (stage.bare.files("main")[".github/orchestrator.yml"].decode()).replace(
            "pull_requests: {", "pull_requests: {workflows: true, "
        )
    )
    stage.tick()
    project.do("page.feature", {".github/workflows/own.yml": "on: push\n"})
    assert project.pulls() == []
    assert (error := project.task("page.feature").error) is not None
    assert "workflow" in error.summary


def test_a_branch_that_is_somebody_elses_is_left_alone(stage: Stage, tmp_path: Path) -> None:
    stage.bare.commit_file("projects/a-page-2", "mine.txt", "mine")
    with pytest.raises(AssertionError):
        scaffolded(stage, tmp_path)
    assert set(stage.bare.files("projects/a-page-2")) == {"mine.txt"}
    task = stage.state().projects["a-page-2"].tasks[0]
    assert (task.status, task.error is not None) == (TaskStatus.REVIEW, True)
    assert task.error is not None
    assert "acme/factory has another projects/a-page-2 already" in task.error.summary
    assert issues_of(stage, "a-page-2") == []


def test_a_report_that_is_killed_everywhere_makes_everything_once(stage: Stage, tmp_path: Path) -> None:
    fallen: list[str] = []
    with opened(stage.info.url) as door:
        behind = replace(stage, server_url=door.url)

        def report(assignment: str, workspace: Path, run: int) -> None:
            point = 1
            while True:
                door.lie_in_wait(point, "after")
                words = ("work", "report", "--workspace", str(workspace), "--assignment", assignment)
                process = behind.start(*words, event="workflow_dispatch", payload={}, GITHUB_RUN_ID=str(run))
                door.aim(process.pid)
                done = process.done()
                assert done.code == (-signal.SIGKILL if door.fell else 0), done.log
                if not door.fell:
                    return
                fallen.append(door.fell)
                assert len(fallen) < 100, "it makes the same things again and again"
                # What was written is not written again: the next request takes its place.
                point += door.fell.startswith("GET") or "git-" in door.fell or "graphql" in door.fell

        project = scaffolded(stage, tmp_path, report=report)
    written = Counter(request for request in fallen if request.startswith("POST /api/v3/"))
    api = f"POST /api/v3/repos/{REPOSITORY}"
    assert (written[f"{api}/issues"], written[f"{api}/milestones"]) == (2, 3), fallen
    assert written[f"{api}/labels"] >= 2, fallen
    page, button = issues_of(stage, project.id)
    assert button["body"].endswith(f"After #{page['number']}")
    titles = [one["title"] for one in stage.every(f"/repos/{REPOSITORY}/milestones", state="all")]
    assert sorted(titles) == [f"{name} of {project.id}" for name in ("MVP", "V1", "V2")]
    assert len(stage.bare.history(f"projects/{project.id}")) == 1
    stage.verify()


def test_its_site_is_a_folder_of_the_repositorys_own(stage: Stage, tmp_path: Path) -> None:
    project = scaffolded(stage, tmp_path)
    project.finish()
    project.deploy()
    error = project.task("deployment").error
    assert error is not None
    assert "An administrator of acme/factory can choose that branch in its settings" in error.summary
    assert project.task("deployment").status is TaskStatus.REVIEW

    source = {"source": {"branch": "gh-pages", "path": "/"}, "build_type": "legacy"}
    stage.call("ada", "POST", f"/repos/{REPOSITORY}/pages", source)
    assert project.project.issue is not None
    stage.say(project.project.issue, f"/retry {project.id}.deployment")
    project.deploy()
    assert project.project.deployment_url == f"{stage.info.url}/pages/acme/factory/{project.id}/"
    shown = stage.bare.files("gh-pages")
    assert {f"{project.id}/index.html", f"{project.id}/deployment.json", ".nojekyll"} <= set(shown)
    assert project.task("deployment").status is TaskStatus.DONE
    assert stage.state().projects[project.id].stage == "content"
    assert stage.token(APP) not in told(project)
    stage.verify()
