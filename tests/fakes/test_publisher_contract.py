"""What the bot relies on when it publishes commits: over git to a hub, and in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.errors import BranchMoved, NotFound, OutputRefused
from bot.domain.merging import PullRequests
from tests.fakes.publishers import Ground, HubProject, MemoryProject
from tests.hub.driver import APP, serving
from tests.publishing.projects import FILES, TASK, Work

START = {path: str(text) for path, text in FILES.items()}
MORE = {**START, "docs/new.md": "New"}


@pytest.fixture(params=["hub", "memory"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    if request.param == "memory":
        yield MemoryProject(tmp_path)
        return
    with serving(tmp_path / "hub") as hub:
        assert hub.call(APP, "POST", "/orgs/acme/repos", {"name": "hello"}).status_code == 201
        subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "work.git"], check=True)
        work = Work(tmp_path / "work.git")
        made = HubProject(hub, work, tmp_path, work.commit(FILES, message="Begin"))
        made.land("main", made.base)
        yield made


def pushed(project: Ground, bundle: Path) -> str:
    with project.publisher().change(bundle, project.url, TASK, "main") as change:
        return change.push()


def test_a_change_makes_its_branch_and_continues_it_once(project: Ground) -> None:
    one = project.commit(MORE, project.base)
    with project.publisher().change(project.handed(one), project.url, TASK, "main") as change:
        assert (change.commit, change.base_commit, change.remote_commit) == (one, project.base, "")
        assert (change.new_commits, [file.path for file in change.files]) == (1, ["docs/new.md"])
        assert change.problems(PullRequests()) == ()
        assert change.push() == one
    assert project.heads()[TASK] == one
    assert pushed(project, project.handed(one)) == one
    two = project.commit({**MORE, "docs/more.md": "More"}, one)
    with project.publisher().change(project.handed(two), project.url, TASK, "main") as change:
        assert (change.remote_commit, change.new_commits) == (one, 1)
        assert change.push() == two
    assert pushed(project, project.handed(one)) == two, "what the branch has below others is there"


def test_a_branch_that_holds_something_else_is_left_alone(project: Ground) -> None:
    theirs = project.commit({**START, "theirs.md": "x"}, project.base)
    project.land(TASK, theirs)
    with pytest.raises(BranchMoved) as refusal:
        pushed(project, project.handed(project.commit(MORE, project.base)))
    assert refusal.value.head == theirs
    assert project.heads()[TASK] == theirs


def test_a_branch_that_moves_while_a_change_is_looked_at_is_left_alone(project: Ground) -> None:
    theirs = project.commit({**START, "theirs.md": "x"}, project.base)
    bundle = project.handed(project.commit(MORE, project.base))
    with project.publisher().change(bundle, project.url, TASK, "main") as change:
        project.land(TASK, theirs)
        with pytest.raises(BranchMoved):
            change.push()


def test_a_merge_of_the_default_branch_is_no_change_of_its_files(project: Ground) -> None:
    mine = project.commit(MORE, project.base)
    project.land(TASK, mine)
    both = {".github/workflows/ci.yml": "on: pull_request"}
    theirs = project.commit({**START, **both}, project.base)
    project.land("main", theirs)
    merged = project.commit({**MORE, **both}, mine, theirs)
    bundle = project.handed(merged, without=[mine, theirs])
    with project.publisher().change(bundle, project.url, TASK, "main") as change:
        assert [file.path for file in change.files] == ["docs/new.md"]
        assert change.problems(PullRequests()) == ()
        assert change.push() == merged


def test_a_workflow_is_a_problem_also_one_that_was_taken_away_again(project: Ground) -> None:
    bad = project.commit({**START, ".github/workflows/ci.yml": "on: issues"}, project.base)
    with project.publisher().change(project.handed(bad), project.url, TASK, "main") as change:
        (problem,) = change.problems(PullRequests())
        assert "workflow" in problem
        assert change.problems(PullRequests(workflows=True)) == ()
    undone = project.commit(MORE, bad)
    with project.publisher().change(project.handed(undone), project.url, TASK, "main") as change:
        assert change.problems(PullRequests()) != ()


def test_what_is_no_bundle_for_it_is_refused(project: Ground, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.bundle"
    garbage.write_text("{}", encoding="utf-8")
    elsewhere = project.handed(project.commit(MORE, project.base), branch="elsewhere")
    alone = project.handed(project.commit({"a": "b"}), without=[])
    for bundle in (garbage, elsewhere, alone):
        with pytest.raises(OutputRefused):
            pushed(project, bundle)
    with (
        pytest.raises(NotFound),
        project.publisher().change(elsewhere, project.url, "elsewhere", "no-such-base"),
    ):
        pass


def test_a_new_project_is_pushed_where_there_is_none(project: Ground) -> None:
    first = project.commit({"README.md": "Here"})
    bundle = project.handed(first, without=[], branch="fresh")
    assert project.publisher().push(bundle, project.url, "fresh") == first
    other = project.handed(project.commit({"README.md": "There"}), without=[], branch="fresh")
    assert project.publisher().push(other, project.url, "fresh") == first


def test_what_exists_of_the_branches_is_handed_over(project: Ground, tmp_path: Path) -> None:
    bundle = tmp_path / "all.bundle"
    assert project.publisher().hand_over(project.url, ["main", TASK], bundle) == {"main": project.base}
    assert project.bundled(bundle) == {"main": project.base}
    mine = project.commit(MORE, project.base)
    project.land(TASK, mine)
    project.publisher().hand_over(project.url, ["main", TASK], bundle)
    assert project.bundled(bundle) == {"main": project.base, TASK: mine}
    with pytest.raises(NotFound):
        project.publisher().hand_over(project.url, ["no-such", TASK], bundle)


def test_a_site_has_a_commit_for_each_that_differs(project: Ground) -> None:
    def publish(text: str) -> str:
        built = project.handed(project.commit({"index.html": text}), without=[], branch="gh-pages")
        return project.publisher().site(built, project.url)

    first = publish("One")
    assert (publish("One"), project.heads()["gh-pages"]) == (first, first)
    second = publish("Two")
    assert second != first
    assert publish("Two") == second
    assert publish("One") not in (first, second)


def test_a_branch_that_somebody_else_made_is_no_site(project: Ground) -> None:
    project.land("gh-pages", project.commit({"index.html": "Mine"}, project.base))
    built = project.handed(project.commit({"index.html": "One"}), without=[], branch="gh-pages")
    with pytest.raises(OutputRefused):
        project.publisher().site(built, project.url)


def test_a_project_on_a_branch_of_another_repository_leaves_its_workflows_out(project: Ground) -> None:
    files = {"README.md": "Here", ".github/labels.yml": "x", ".github/workflows/ci.yml": "on: push"}
    bundle = project.handed(project.commit(files), without=[], branch="main")
    first = project.publisher().plant(bundle, project.url, "main", "projects/a-1")
    assert (first.head, first.left_out) == (first.commit, (".github/workflows/ci.yml",))
    assert project.tree("projects/a-1") == {"README.md": "Here", ".github/labels.yml": "x"}
    assert project.publisher().plant(bundle, project.url, "main", "projects/a-1") == first
    other = project.handed(project.commit({"README.md": "There"}), without=[], branch="main")
    second = project.publisher().plant(other, project.url, "main", "projects/a-1")
    assert second.head == first.head != second.commit
    assert project.heads() == {"main": project.base, "projects/a-1": first.commit}


def test_a_project_without_workflows_keeps_its_commits(project: Ground) -> None:
    head = project.commit({"README.md": "Here"})
    bundle = project.handed(head, without=[], branch="main")
    planted = project.publisher().plant(bundle, project.url, "main", "projects/a-1")
    assert (planted.commit, planted.head, planted.left_out) == (head, head, ())


def test_sites_of_several_projects_are_folders_of_one_branch(project: Ground) -> None:
    def publish(folder: str, text: str) -> str:
        built = project.handed(project.commit({"index.html": text}), without=[], branch="gh-pages")
        return project.publisher().site(built, project.url, folder=folder)

    publish("a-1", "One")
    second = publish("b-2", "Two")
    assert publish("a-1", "One") == second
    assert project.tree("gh-pages") == {".nojekyll": "", "a-1/index.html": "One", "b-2/index.html": "Two"}
    publish("a-1", "Three")
    assert project.tree("gh-pages")["a-1/index.html"] == "Three"
    assert project.tree("gh-pages")["b-2/index.html"] == "Two"
