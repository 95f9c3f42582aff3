"""A task's branch that is behind the default branch: merged by the executor, conflicts given to the agent."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.failures import FailureKind
from tests.executors.agents import TEST_FILE, Agent, leave
from tests.executors.test_handing import CHANGE, OUTPUTS, add_test, git
from tests.store.http_git import serving

BRANCH = "orchestrator/hello-world-7/button"
RESOLVE = "(project / 'README.md').write_text('# Hello from both\\n')\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose default branch is ``trunk``, with a task's branch."""
    folder = tmp_path / "upstream"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests/test_it.py").write_text(TEST_FILE, "utf-8")
    (folder / "README.md").write_text("# Hello\n", "utf-8")
    git(folder, "init", "--quiet", "--initial-branch=trunk")
    save(folder, "Begin")
    git(folder, "checkout", "--quiet", "-b", BRANCH)
    (folder / "button.html").write_text("<button>\n", "utf-8")
    save(folder, "Button")
    git(folder, "checkout", "--quiet", "trunk")
    return folder


def save(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)


def write(folder: Path, branch: str, name: str, text: str | None) -> None:
    """Somebody commits to a branch."""
    git(folder, "checkout", "--quiet", branch)
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text, "utf-8")
    save(folder, f"{name} on {branch}")
    git(folder, "checkout", "--quiet", "trunk")


def conflict(folder: Path) -> None:
    write(folder, "trunk", "README.md", "# Hello from trunk\n")
    write(folder, BRANCH, "README.md", "# Hello from the button\n")


@pytest.fixture
def worker(tmp_path: Path, project: Path) -> Callable[..., Agent]:
    def make(*acts: str) -> Agent:
        agent = Agent(tmp_path, "claude-code")
        agent.install("success", *acts)
        agent.handed.mkdir(exist_ok=True)
        git(project, "bundle", "create", "--quiet", str(agent.handed / "repository.bundle"),
            "HEAD", "--branches")  # fmt: skip
        return agent

    return make


def develop(agent: Agent, specialty: str = "feature", **changes: Any) -> Any:
    settings = {"branch": BRANCH, "default_branch": "trunk", "outputs": OUTPUTS, **changes}
    return agent.run(workflow="development", specialty=specialty, item="button", **settings)


def parents(project: Path, agent: Agent) -> list[str]:
    """Of the commit that was handed on."""
    git(project, "fetch", "--quiet", str(agent.result / "change.bundle"), f"+{BRANCH}:took")
    return git(project, "rev-list", "--parents", "-1", "took").split()[1:]


def test_a_branch_that_is_behind_is_merged_with_the_default_branch(
    worker: Callable[..., Agent], project: Path
) -> None:
    write(project, "trunk", "new.txt", "new")
    agent = worker("assert (project / 'new.txt').exists() and (project / 'button.html').exists()\n"
                   + add_test(True) + CHANGE)  # fmt: skip

    finished = develop(agent)

    assert finished.ok, finished.summary + agent.log
    assert agent.check().ok
    (merge,) = parents(project, agent)
    assert git(project, "rev-list", "--parents", "-1", merge).split()[1:] == [
        git(project, "rev-parse", BRANCH),
        git(project, "rev-parse", "trunk"),
    ]
    assert git(project, "log", "-1", "--format=%s", merge) == f"Merge trunk into {BRANCH}"
    assert git(project, "diff", "--name-only", "trunk", "took").split() == ["button.html", "tests/test_it.py"]
    assert "conflict" not in agent.calls[0]["prompt"]


def test_the_merge_is_the_same_commit_each_time(worker: Callable[..., Agent], project: Path) -> None:
    write(project, "trunk", "new.txt", "new")
    first, second = (
        (develop(agent).ok, parents(project, agent))
        for agent in (worker(add_test(True) + CHANGE), worker(add_test(True) + CHANGE))
    )
    assert first == second
    assert first[0]


def test_a_branch_that_is_up_to_date_is_begun_at(worker: Callable[..., Agent], project: Path) -> None:
    agent = worker(add_test(True) + CHANGE)

    assert develop(agent).ok
    assert parents(project, agent) == [git(project, "rev-parse", BRANCH)]


def test_a_branch_that_was_merged_begins_at_the_default_branch(
    worker: Callable[..., Agent], project: Path
) -> None:
    git(project, "merge", "--quiet", "--no-ff", "-m", "Merged", BRANCH)
    agent = worker(add_test(True) + CHANGE)

    assert develop(agent).ok
    assert parents(project, agent) == [git(project, "rev-parse", "trunk")]


@pytest.mark.parametrize("specialty", ["feature", "tests", "performance"])
def test_a_conflict_is_the_first_thing_to_do(
    specialty: str, worker: Callable[..., Agent], project: Path
) -> None:
    conflict(project)
    look = "assert '<<<<<<< ' in (project / 'README.md').read_text()\n"
    agent = worker(look + RESOLVE + add_test(True) + CHANGE)

    finished = develop(agent, specialty)

    assert finished.ok, finished.summary + agent.log
    assert agent.check().ok
    assert parents(project, agent) == [git(project, "rev-parse", BRANCH), git(project, "rev-parse", "trunk")]
    assert git(project, "show", "took:README.md") == "# Hello from both"
    call = agent.calls[0]
    assert json.loads(call["files"]["conflict.json"])["content"] == ["README.md"]
    assert "Resolve all of them before anything else" in call["prompt"]
    assert "README.md" not in call["prompt"]


def test_content_resolves_conflicts_too(worker: Callable[..., Agent], project: Path) -> None:
    conflict(project)
    pieces = [{"kind": "user guide", "file": "guide.md"}]
    act = RESOLVE + "(project / 'guide.md').write_text('# Guide\\n\\n' + 'Press it again. ' * 30)\n"
    agent = worker(act + leave("content.json", {"summary": "A guide", "pieces": pieces}))

    finished = agent.run(workflow="content", specialty="documentation", item="documentation",
                         branch=BRANCH, default_branch="trunk", outputs=OUTPUTS)  # fmt: skip

    assert finished.ok, finished.summary
    assert agent.check().ok
    assert len(parents(project, agent)) == 2


def test_a_file_that_one_side_deleted_is_in_conflict(worker: Callable[..., Agent], project: Path) -> None:
    write(project, "trunk", "README.md", None)
    write(project, BRANCH, "README.md", "# Hello from the button\n")
    agent = worker("(project / 'README.md').unlink()\n" + add_test(True) + CHANGE)

    assert develop(agent).ok
    assert json.loads(agent.calls[0]["files"]["conflict.json"])["content"] == ["README.md"]
    assert len(parents(project, agent)) == 2


def test_markers_that_are_left_are_rework(worker: Callable[..., Agent], project: Path) -> None:
    conflict(project)
    agent = worker(add_test(True) + CHANGE)

    finished = develop(agent)

    assert (finished.ok, finished.rework, finished.failure) == (False, True, FailureKind.INVALID)
    assert "conflict markers are left in README.md" in finished.summary
    assert len(agent.calls) == 2  # it was given back once
    assert not (agent.result / "change.bundle").exists()


def test_the_check_sees_markers_that_the_run_did_not(worker: Callable[..., Agent], project: Path) -> None:
    """What the run says is not believed: a bundle that was made in another way is judged by its commits."""
    agent = worker(add_test(True) + CHANGE)
    assert develop(agent).ok  # without a conflict
    conflict(project)
    head = git(project, "rev-parse", BRANCH)
    subprocess.run(
        ["git", "merge", "--quiet", "trunk"], cwd=switch(project), check=False, capture_output=True
    )
    git(project, "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--all", "-m", "Merged badly")
    git(
        project,
        "bundle",
        "create",
        "--quiet",
        str(agent.result / "change.bundle"),
        BRANCH,
        f"^{head}",
        "^trunk",
    )
    git(project, "update-ref", f"refs/heads/{BRANCH}", head)
    git(
        project, "bundle", "create", "--quiet", str(agent.handed / "repository.bundle"), "trunk", "--branches"
    )

    checked = agent.check()

    assert not checked.ok
    assert "conflict markers are left in README.md" in checked.summary


def switch(project: Path) -> Path:
    git(project, "checkout", "--quiet", BRANCH)
    return project


def test_a_review_of_a_conflict_is_rework_without_an_agent(
    worker: Callable[..., Agent], project: Path, tmp_path: Path
) -> None:
    conflict(project)
    agent = worker(leave("review.json", {"verdict": "approve", "summary": "Fine"}))

    finished = develop(agent, "review")

    assert (finished.ok, finished.rework, finished.failure) == (False, True, FailureKind.INVALID)
    assert finished.summary == (
        f"claude-code: {BRANCH} conflicts with trunk in README.md; resolve that before it is reviewed."
    )
    assert not (tmp_path / "record.jsonl").exists()


def test_a_review_sees_the_branch_as_it_will_be_merged(worker: Callable[..., Agent], project: Path) -> None:
    write(project, "trunk", "new.txt", "new")
    look = "assert (project / 'new.txt').exists() and (project / 'button.html').exists()\n"
    agent = worker(look + leave("review.json", {"verdict": "approve", "summary": "Fine"}))

    assert develop(agent, "review").ok
    assert agent.check().ok


def test_a_branch_is_merged_over_the_network_too(project: Path, tmp_path: Path) -> None:
    """With fifty commits of a longer past."""
    for number in range(60):
        git(project, "commit", "--quiet", "--allow-empty", "-m", str(number))
    git(project, "checkout", "--quiet", "-B", BRANCH)
    write(project, "trunk", "new.txt", "new")
    write(project, BRANCH, "button.html", "<button>\n")
    root = tmp_path / "served"
    git(tmp_path, "clone", "--quiet", "--bare", str(project), str(root / "hello.git"))
    agent = Agent(tmp_path, "claude-code")
    agent.install("success", add_test(True) + CHANGE)
    with serving(root) as server:
        genesis = {"genesis": {**OUTPUTS["genesis"], "repository_url": f"{server.url}/hello.git"}}
        finished = develop(agent, outputs=genesis)
        assert finished.ok, finished.summary + agent.log
        assert agent.check().ok
    assert len(git(project, "rev-list", "--parents", "-1", *parents(project, agent)).split()) == 3


@pytest.mark.parametrize(
    "branch",
    ["main", "orchestrator", "orchestrator/", "orchestrator//x", "orchestrator/x/", "orchestrator/-x",
     "orchestrator/../main", "orchestrator/X", "refs/heads/orchestrator/x", "orchestrator/x\n",
     f"orchestrator/{'x' * 152}", "orchestrator/x.lock", "--upload-pack=x"],
)  # fmt: skip
def test_a_branch_of_people_is_never_worked_on(branch: str, worker: Callable[..., Agent]) -> None:
    finished = develop(worker(CHANGE), branch=branch)

    assert (finished.ok, finished.retry) == (False, False)
    assert "names a branch that is not the program's" in finished.summary


def test_a_default_branch_that_is_not_there_is_told(worker: Callable[..., Agent]) -> None:
    finished = develop(worker(CHANGE), default_branch="main")

    assert not finished.ok
    assert "has no branch 'main'" in finished.summary
