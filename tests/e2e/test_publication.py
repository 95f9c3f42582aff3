"""What Development and Content hand on, published: branches, pull requests, reviews, merges."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.domain.vocabulary import TaskStatus
from bot.hub.data.world import APP
from tests.e2e.developers import Development, scaffolded
from tests.e2e.stage import Stage

PAGE = {"site/index.html": "<h1>Hello</h1>\n", "tests/test_page.py": "import unittest\n"}
REMARK = {"path": "site/index.html", "line": 1, "text": "No title."}


@pytest.fixture
def project(stage: Stage, tmp_path: Path) -> Development:
    return scaffolded(stage, tmp_path)


def approve(project: Development, item: str = "page") -> None:
    project.do(f"{item}.review", verdict="approved", review="Short and right.")


def test_a_feature_becomes_a_pull_request_that_is_reviewed_and_merged_and_closes_its_issue(
    project: Development,
) -> None:
    stage = project.stage
    project.do("page.feature", PAGE)
    (pull,) = project.pulls()
    assert (pull["title"], pull["head"]["ref"], pull["state"]) == ("A page", "orchestrator/page", "open")
    assert pull["body"].startswith(
        f"<!-- orchestrator:pull {project.id}/page -->\nCloses #1.\n\n2 tests run, 2 passed"
    )
    assert project.task("button.feature").status is TaskStatus.WAITING

    project.do("page.review", verdict="approved", review="Short and right.", remarks=[REMARK])

    (pull,) = project.pulls()
    merged = stage.call("ada", "GET", f"/repos/{project.repository}/pulls/{pull['number']}")
    assert (merged["merged"], merged["merged_by"]["login"]) == (True, APP)
    assert project.files("main")["site/index.html"] == b"<h1>Hello</h1>\n"
    reviews = stage.every(f"/repos/{project.repository}/pulls/{pull['number']}/reviews")
    assert [(row["user"]["login"], row["state"]) for row in reviews] == [(APP, "COMMENTED")]
    assert "**Approved.** Short and right." in reviews[0]["body"]
    assert stage.call("ada", "GET", f"/repos/{project.repository}/issues/1")["state"] == "closed"
    state = stage.state()
    (feature,) = state.development[project.id].features
    assert (feature.pull_request, feature.branch, feature.state) == (
        pull["number"],
        "orchestrator/page",
        "approved",
    )
    assert project.task("button.feature").status is TaskStatus.ASSIGNED
    stage.verify()


def test_a_review_that_asks_for_changes_comes_back_to_the_feature_and_continues_the_pull_request(
    project: Development,
) -> None:
    project.do("page.feature", PAGE)
    project.do("page.review", verdict="changes", review="No title.", remarks=[REMARK])
    again = project.claim("page.feature")
    assert again.order["failure"]["summary"] == "the review asks for changes: No title."
    assert (again.checkout / "site/index.html").read_text("utf-8") == "<h1>Hello</h1>\n"
    again.leave({"site/index.html": "<title>Hello</title>\n"})
    again.report()
    approve(project)
    (pull,) = project.pulls()
    assert pull["merged_at"]
    assert project.files("main")["site/index.html"] == b"<title>Hello</title>\n"
    reviews = project.stage.every(f"/repos/{project.repository}/pulls/{pull['number']}/reviews")
    assert len(reviews) == 2


def test_by_default_a_person_merges_and_then_it_goes_on(stage: Stage, tmp_path: Path) -> None:
    project = scaffolded(stage, tmp_path, merge="person")
    project.do("page.feature", PAGE)
    approve(project)
    (pull,) = project.pulls()
    assert pull["merged_at"] is None
    issue = project.project.issue
    assert issue is not None
    assert any("**Ready to merge:**" in row["body"] for row in stage.comments(issue))
    stage.call("ada", "PUT", f"/repos/{project.repository}/pulls/{pull['number']}/merge", {})
    stage.tick()
    assert project.task("button.feature").status is TaskStatus.ASSIGNED


def test_a_conflict_comes_back_to_the_feature(stage: Stage, tmp_path: Path) -> None:
    project = scaffolded(stage, tmp_path, merge="person")
    project.do("page.feature", PAGE)
    project.land({"site/index.html": "<h1>Something else</h1>\n"})
    approve(project)
    stage.tick()
    assert (error := project.task("page.feature").error) is not None
    assert "conflicts with the default branch" in error.summary
    assert project.task("page.feature").status is TaskStatus.ASSIGNED


def test_a_red_check_comes_back_to_the_feature_with_its_name_and_link(project: Development) -> None:
    stage = project.stage
    project.do("page.feature", PAGE)
    (pull,) = project.pulls()
    status = {
        "state": "failure",
        "context": "ci",
        "description": "1 of 2 failed",
        "target_url": "http://ci/7",
    }
    stage.call(APP, "POST", f"/repos/{project.repository}/statuses/{pull['head']['sha']}", status)
    approve(project)
    stage.tick()
    assert (error := project.task("page.feature").error) is not None
    assert (error.summary, error.output) == (
        f"checks of pull request #{pull['number']} failed",
        "ci: 1 of 2 failed http://ci/7",
    )


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({".github/workflows/own.yml": "on: push\n"}, "workflow"),
        ({"key.txt": "ghp_" + "q8Zr3TfWm0Kx5YbN7cLp2HsVd9Gj4RaE6uXo" + "\n"}, "key.txt"),
    ],
)
def test_what_may_not_be_published_is_refused_before_anything_is_done_with_it(
    project: Development, files: dict[str, str], why: str
) -> None:
    project.do("page.feature", files)
    assert project.pulls() == []
    assert "orchestrator/page" not in " ".join(project.stage.repository(project.repository).refs())
    assert (error := project.task("page.feature").error) is not None
    assert error.rework
    assert why in error.summary


def test_a_report_that_is_cut_off_anywhere_is_finished_by_the_next_and_doubles_nothing(
    project: Development,
) -> None:
    stage = project.stage
    claimed = project.claim("page.feature")
    claimed.leave(PAGE)
    for fault in ("POST */git-receive-pack drop=after", "POST */acme/*/pulls drop=after"):
        with stage.faults(fault):
            claimed.phase("report")
    claimed.report()
    assert len(project.pulls()) == 1
    review = project.claim("page.review")
    review.leave(verdict="approved", review="Good.")
    with stage.faults("POST */reviews drop=after"):
        review.phase("report")
    review.report()
    (pull,) = project.pulls()
    assert len(stage.every(f"/repos/{project.repository}/pulls/{pull['number']}/reviews")) == 1
    stage.tick()
    assert project.pulls()[0]["merged_at"]


def test_an_attempt_is_not_lost_to_a_short_outage_while_it_is_published(stage: Stage, tmp_path: Path) -> None:
    project = scaffolded(stage, tmp_path, publish_seconds=60)
    claimed = project.claim("page.feature")
    claimed.leave(PAGE)
    with stage.faults("POST */acme/*/pulls status=503 header=retry-after:3600 times=2"):
        done = claimed.phase("report")
    assert (done.code, done.log.count("is published again in")) == (0, 2), done.log
    assert project.task("page.feature").status is TaskStatus.DONE
    assert len(project.pulls()) == 1


def test_work_that_comes_after_its_merge_gets_a_pull_request_and_a_review_of_its_own(
    project: Development,
) -> None:
    """A person merges while the feature is being mended."""
    stage = project.stage
    project.do("page.feature", PAGE)
    project.do("page.review", verdict="changes", review="No title.")
    again = project.claim("page.feature")
    (first,) = project.pulls()
    stage.call("ada", "PUT", f"/repos/{project.repository}/pulls/{first['number']}/merge", {})
    again.leave({"site/index.html": "<title>Hello</title>\n"})
    again.report()
    assert len(project.pulls()) == 2
    approve(project)
    second = project.pulls()[-1]
    assert second["merged_at"]
    assert project.files("main")["site/index.html"] == b"<title>Hello</title>\n"


def test_a_verdict_that_stands_there_before_the_check_is_not_believed(project: Development) -> None:
    claimed = project.claim("page.feature")
    claimed.leave(PAGE)
    assert claimed.phase("run").code == 0
    assert not (claimed.workspace / "result/checked.json").exists()
    claimed.report()
    assert project.task("page.feature").status is not TaskStatus.DONE
    assert project.pulls() == []


TRAPS = {
    "Makefile": "all test build:\n\ttouch {trace}\n",
    "setup.py": "open({trace!r}, 'w')\n",
    "conftest.py": "open({trace!r}, 'w')\n",
    "sitecustomize.py": "open({trace!r}, 'w')\n",
    "package.json": '{{"scripts": {{"preinstall": "touch {trace}", "test": "touch {trace}"}}}}\n',
    ".gitattributes": "* filter=trap diff=trap merge=trap\n",
    ".gitconfig": '[filter "trap"]\n\tclean = touch {trace}\n\tsmudge = touch {trace}\n',
    ".githooks/post-checkout": "#!/bin/sh\ntouch {trace}\n",
    ".envrc": "touch {trace}\n",
}
"""What tools would run without being asked to, in a checkout that they are used in."""


def test_the_report_runs_nothing_of_what_it_was_given(project: Development, tmp_path: Path) -> None:
    """With git alone on its path, in a directory and with a workspace full of traps."""
    trace = tmp_path / "trace"
    only_git = tmp_path / "only-git"
    only_git.mkdir()
    (only_git / "git").symlink_to(shutil.which("git") or "git")
    claimed = project.claim("page.feature")
    claimed.leave({name: text.format(trace=str(trace)) for name, text in TRAPS.items()})
    for name, text in TRAPS.items():
        target = claimed.workspace / "result" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.format(trace=str(trace)), "utf-8")
    claimed.report(PATH=str(only_git))
    assert len(project.pulls()) == 1
    project.do("page.review", verdict="approved", review="All of it only text.")
    assert project.pulls()[0]["merged_at"]
    assert not trace.exists()


def test_a_token_that_may_not_push_costs_no_further_attempt_and_the_thread_says_why(
    project: Development,
) -> None:
    claimed = project.claim("page.feature")
    claimed.leave(PAGE)
    claimed.report(ORCHESTRATOR_GENESIS_TOKEN=project.stage.token("rita"))
    task = project.task("page.feature")
    assert task.status is TaskStatus.REVIEW
    assert task.error is not None
    assert task.error.summary.startswith("the work could not be published: ")
    assert "ORCHESTRATOR_GENESIS_TOKEN" in task.error.summary
    assert not task.error.rework
    assert task.attempt == 1
    assert project.pulls() == []
    project.stage.verify()


def test_a_default_branch_that_was_renamed_is_told_before_anything_is_published(
    project: Development,
) -> None:
    claimed = project.claim("page.feature")
    claimed.leave(PAGE)
    bare = project.stage.repository(project.repository)
    bare.git("branch", "--move", "main", "trunk")
    claimed.report()
    task = project.task("page.feature")
    assert task.status is TaskStatus.REVIEW
    assert task.error is not None
    assert "no branch main" in task.error.summary
    assert project.pulls() == []


def test_a_worker_cannot_say_that_a_site_answers_already_somewhere_else(project: Development) -> None:
    project.finish()
    claimed = project.claim("deployment")
    claimed.leave(name="deployment.json", kind="address", url="https://elsewhere.example/", health="200 OK")
    claimed.report()
    task = project.task("deployment")
    assert task.status is not TaskStatus.DONE
    assert task.error is not None
    assert task.error.summary == "the deployment is said to be of kind address, and is to be pages"
    assert project.project.deployment_url == ""
