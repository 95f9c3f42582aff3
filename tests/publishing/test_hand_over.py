"""A repository on its way to a worker that has no token, and a new one on its way to the remote."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.domain.errors import Forbidden, NotFound, OutputRefused, StoreUnavailable, TooLarge, UsageError
from bot.domain.merging import PullRequests
from tests.hub.driver import APP, git_environment
from tests.publishing.projects import FILES, TASK, Project, Tree


def git(*words: object) -> str:
    done = subprocess.run(
        ["git", *map(str, words)], env=git_environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_clone_of_it_has_the_branches_and_all_of_their_past(project: Project, tmp_path: Path) -> None:
    newer = project.work.commit({**FILES, "a.md": "x"}, project.base)
    project.land("main", newer)
    task = project.work.commit({**FILES, "b.md": "x"}, project.base)
    project.land(TASK, task)
    project.land("orchestrator/another", task)

    there = project.publisher().hand_over(project.url, ["main", TASK, "none", "main"], tmp_path / "x.bundle")

    assert there == {"main": newer, TASK: task}
    git("clone", "--quiet", tmp_path / "x.bundle", tmp_path / "clone")
    at = ("--git-dir", tmp_path / "clone" / ".git")
    assert git(*at, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(*at, "rev-list", "HEAD").split() == [newer, project.base]
    heads = git(*at, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin").split()
    assert sorted(heads) == ["HEAD", "main", TASK]
    assert (tmp_path / "clone/a.md").read_text() == "x"


def test_a_private_repository_is_handed_over_with_the_token_alone(project: Project, tmp_path: Path) -> None:
    assert project.hub.call(APP, "PATCH", "/repos/acme/hello", {"private": True}).status_code == 200
    there = project.publisher().hand_over(project.url, ["main"], tmp_path / "x.bundle")
    assert there == {"main": project.base}
    assert project.token.encode() not in (tmp_path / "x.bundle").read_bytes()
    with pytest.raises(NotFound):
        project.publisher("stan").hand_over(project.url, ["main"], tmp_path / "y.bundle")
    assert not (tmp_path / "y.bundle").exists()


def test_it_is_made_anew_over_an_older_one(project: Project, tmp_path: Path) -> None:
    for _ in range(2):
        project.publisher().hand_over(project.url, ["main"], tmp_path / "x.bundle")
    assert git("bundle", "list-heads", tmp_path / "x.bundle").split()[1::2] == ["HEAD", "refs/heads/main"]


def test_what_cannot_be_handed_over_is_told_apart(project: Project, tmp_path: Path) -> None:
    publisher, target = project.publisher(), tmp_path / "x.bundle"
    with pytest.raises(NotFound, match="no branch trunk"):
        publisher.hand_over(project.url, ["trunk", "main"], target)
    with pytest.raises(NotFound, match="no repository"):
        publisher.hand_over(project.url.replace("hello", "nothing"), ["main"], target)
    for name in ("", "--upload-pack=x", "a..b", "a b", "main:refs/heads/x", "x^"):
        with pytest.raises(UsageError, match="no name of a branch"):
            publisher.hand_over(project.url, ["main", name], target)
    with pytest.raises(UsageError, match="name the default branch first"):
        publisher.hand_over(project.url, [], target)
    project.hub.fault("POST */git-upload-pack status=401")
    with pytest.raises(Forbidden, match="refuses to let this token read the project's repository"):
        publisher.hand_over(project.url, ["main"], target)
    project.hub.control("DELETE", "/faults")
    project.hub.fault("POST */git-upload-pack drop=before")
    with pytest.raises(StoreUnavailable, match="could not read"):
        publisher.hand_over(project.url, ["main"], target)
    assert not target.exists()


def test_an_answer_that_was_lost_is_asked_for_again(project: Project, tmp_path: Path) -> None:
    project.hub.fault("POST */git-upload-pack drop=before times=2")
    assert project.publisher().hand_over(project.url, ["main"], tmp_path / "x.bundle")


def test_a_history_that_is_too_large_is_refused(project: Project, tmp_path: Path) -> None:
    project.land("main", project.work.commit({**FILES, "noise": os.urandom(2_000_000)}, project.base))
    with pytest.raises(TooLarge, match=r"more than 1 MB, .*; raise `pull_requests\.history"):
        project.publisher().hand_over(project.url, ["main"], tmp_path / "x.bundle", megabytes=1)
    assert project.publisher().hand_over(project.url, ["main"], tmp_path / "x.bundle", megabytes=3)


# A new project


def whole(project: Project, files: Tree = FILES) -> tuple[str, Path]:
    commit = project.work.commit(files, message="Scaffold")
    return commit, project.handed(commit, without=[], branch="trunk")


def test_a_new_project_is_pushed_with_its_workflows_once(project: Project) -> None:
    commit, bundle = whole(project)
    events = project.hub.told()
    assert project.publisher().push(bundle, project.url, "trunk") == commit
    count = len(events)
    assert project.publisher().push(bundle, project.url, "trunk") == commit
    assert len(events) == count
    _, other = whole(project, {"README.md": "another"})
    assert project.publisher().push(other, project.url, "trunk") == commit
    assert project.heads() == {"main": project.base, "trunk": commit}


@pytest.mark.parametrize("fault", ["drop=before", "drop=after", "status=502 acts=yes"])
def test_a_lost_answer_to_a_new_project_is_looked_up(fault: str, project: Project) -> None:
    commit, bundle = whole(project)
    project.hub.fault(f"POST */git-receive-pack {fault} times=1")
    assert project.publisher().push(bundle, project.url, "trunk") == commit


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({".git/config": "x"}, ".git/config has a part"),
        ({"sub": ("160000", "1" * 40)}, "sub is a repository of its own"),
        ({"link": ("120000", "../x")}, "link is a link that leads out"),
        (
            {"a.py": "key = 'AKIA" + "Q3EGRZ5T7WXYBNC2'"},
            "a.py holds what looks like an AWS access key (line 1)",
        ),
    ],
)
def test_a_new_project_is_inspected(files: Tree, says: str, project: Project) -> None:
    _, bundle = whole(project, {**FILES, **files})
    with pytest.raises(OutputRefused, match="the project cannot be published") as raised:
        project.publisher().push(bundle, project.url, "trunk")
    assert says in str(raised.value)
    with pytest.raises(OutputRefused, match="touches 4 files and may touch 3"):
        project.publisher().push(bundle, project.url, "trunk", PullRequests(files=3))
    assert project.heads() == {"main": project.base}


def test_no_refspec_is_made_of_a_branch_s_name(project: Project) -> None:
    _, bundle = whole(project)
    with pytest.raises(UsageError):
        project.publisher().push(bundle, project.url, "trunk:refs/heads/main")
    with (
        pytest.raises(UsageError, match="no name of a branch"),
        project.publisher().change(bundle, project.url, "trunk", "ma in"),
    ):
        pass
    assert project.heads() == {"main": project.base}


def test_no_bundle_is_no_project(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x.bundle").write_text("x")
    with pytest.raises(OutputRefused, match=r"x\.bundle cannot be published: it is no git bundle"):
        project.publisher().push(tmp_path / "x.bundle", project.url, "trunk")
