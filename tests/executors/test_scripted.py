"""The replay of the worked example: every task, in every order that the plan allows; refused elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.health import ask
from bot.bootstrap.executors import executor
from bot.demo import EXAMPLE
from bot.executors.recorded import RECORDINGS
from bot.executors.requirements import derive
from bot.executors.scripted import ScriptedExecutor
from bot.executors.template import TemplateExecutor
from tests.executors.conftest import WORKED_EXAMPLE, Attempt, attempt
from tests.executors.replayed import Task, Upstream, git

FOUNDATION, PAGE, LAST = "foundation", "web-page-that-shows-hello-world", "basic-tests"
PARTS = ("button-that-changes-message", "counter-of-clicks", "responsive-styling")


@pytest.fixture(scope="session")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    """What `template` makes of the demonstration's own idea, under the demonstration's own name."""
    folder = tmp_path_factory.mktemp("hello")
    return attempt(folder, TemplateExecutor(), idea=EXAMPLE, project="a-new-project-1", title="A new project")


@pytest.fixture(scope="session")
def worked_through(
    tmp_path_factory: pytest.TempPathFactory, scaffold: Attempt
) -> tuple[Upstream, list[Task]]:
    """The project with every task done and merged, one issue after the other."""
    upstream = Upstream(tmp_path_factory.mktemp("through"), scaffold)
    tasks = []
    for issue in upstream.features():
        tasks += [upstream.do(issue, specialty) for specialty in ("feature", "review")]
        upstream.merge(issue)
    return upstream, tasks


@pytest.fixture
def upstream(tmp_path: Path, scaffold: Attempt) -> Upstream:
    """The project as Genesis made it."""
    return Upstream(tmp_path, scaffold)


@pytest.fixture
def with_page(worked_through: tuple[Upstream, list[Task]], tmp_path: Path) -> Upstream:
    """The project with its page merged, and nothing that comes after."""
    made = worked_through[0].copy(tmp_path / "page")
    page = git(made.repository, "log", "--format=%H", f"--grep={PAGE} (squashed)", "--fixed-strings", "main")
    git(made.repository, "reset", "--quiet", "--hard", page)
    for issue in (*PARTS, LAST):
        git(made.repository, "branch", "--quiet", "-D", f"orchestrator/{issue}")
    return made


def test_the_recording_is_of_what_the_idea_becomes(scaffold: Attempt) -> None:
    about = json.loads((RECORDINGS / "hello-world" / "recording.json").read_text("utf-8"))

    assert EXAMPLE == WORKED_EXAMPLE
    assert about["issues"] == [issue.key for issue in derive(EXAMPLE).issues]
    assert (about["stack"], about["scaffold"]) == (scaffold.output.stack, scaffold.output.executor)


def test_every_task_is_done_and_holds_where_it_is_checked(
    worked_through: tuple[Upstream, list[Task]],
) -> None:
    upstream, tasks = worked_through

    assert len(tasks) == 2 * len(upstream.features()) == 12
    for task in tasks:
        assert task.finished.ok, task.finished.summary
        assert task.checked is not None
        assert task.checked.ok, task.checked.summary
        assert task.feature.tests_run == task.feature.tests_passed > 1
    assert [task.feature.tests_run for task in tasks[1::2]] == sorted(
        {task.feature.tests_run for task in tasks[1::2]}
    )


def test_it_says_everywhere_that_it_is_a_replay(worked_through: tuple[Upstream, list[Task]]) -> None:
    _, tasks = worked_through

    for task in tasks:
        assert task.finished.summary.startswith("Replayed from a recording, by no agent: ")
        assert "This is a replay of the recorded solution hello-world; no agent works here." in task.log
    for review in tasks[1::2]:
        assert "Replay of a recorded review, by no agent" in review.feature.review
        assert all("replay of a recorded solution" in remark.text for remark in review.feature.remarks)


def test_failing_tests_are_a_commit_of_their_own(
    worked_through: tuple[Upstream, list[Task]], tmp_path: Path
) -> None:
    """They really fail there, and pass one commit later: looked at with nothing but git and make."""
    upstream, _ = worked_through

    for issue in upstream.features():
        clone = tmp_path / issue
        git(
            tmp_path,
            "clone",
            "--quiet",
            f"--branch=orchestrator/{issue}",
            str(upstream.repository),
            str(clone),
        )
        assert git(clone, "log", "-2", "--format=%s").splitlines() == [
            f"Feature: {issue} (replay of a recorded solution)",
            f"Tests: {issue} (replay of a recorded solution)",
        ]
        assert _tested(clone) == 0
        git(clone, "checkout", "--quiet", "HEAD^")
        assert _tested(clone) != 0
        assert all("test" in name for name in git(clone, "diff", "--name-only", "HEAD^").splitlines())


def _tested(clone: Path) -> int:
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        ["make", "test"], cwd=clone, env=environment, capture_output=True, check=False
    ).returncode


def test_a_review_says_what_is_true_of_the_code(worked_through: tuple[Upstream, list[Task]]) -> None:
    _, tasks = worked_through

    for review in tasks[1::2]:
        assert review.feature.verdict == "approved"
        assert len(review.feature.remarks) >= 2
        recorded = json.loads(
            (RECORDINGS / "hello-world" / review.feature.key / "review.json").read_text("utf-8")
        )
        for command in ("make build", "make test", "make lint"):
            assert f"$ {command}\n" in review.log
        assert [remark.path for remark in review.feature.remarks] == [
            one["path"] for one in recorded["remarks"]
        ]


def test_a_remark_names_the_line_that_it_speaks_of(with_page: Upstream) -> None:
    """Also where another issue was merged first and has moved it."""
    for issue in ("button-that-changes-message", "counter-of-clicks"):
        with_page.do(issue, "feature", check=False)
        review = with_page.do(issue, "review")
        recorded = json.loads((RECORDINGS / "hello-world" / issue / "review.json").read_text("utf-8"))
        for remark, one in zip(review.feature.remarks, recorded["remarks"], strict=True):
            lines = git(with_page.repository, "show", f"orchestrator/{issue}:{remark.path}").splitlines()
            assert lines[(remark.line or 0) - 1] == one["at"].rstrip()


def merge_orders() -> Iterator[tuple[str, ...]]:
    """Every order in which the dependencies allow the issues to be merged."""
    issues = {issue.key: issue.depends_on for issue in derive(EXAMPLE).issues}
    del issues["deployable-as-static-site"]
    for order in permutations(issues):
        if all(order.index(needed) < order.index(key) for key in issues for needed in issues[key]):
            yield order


def tree(upstream: Upstream, commit: str) -> str:
    return git(upstream.repository, "rev-parse", f"{commit}^{{tree}}")


def test_what_is_worked_on_side_by_side_merges_in_every_order(
    with_page: Upstream, worked_through: tuple[Upstream, list[Task]]
) -> None:
    """All three parts begin at the page, and are squashed one after the other: the same project every time.

    That project's tests ran when its last issue was done.
    """
    orders = list(merge_orders())
    assert [order[:2] + order[-1:] for order in orders] == [(FOUNDATION, PAGE, LAST)] * 6
    expected = tree(worked_through[0], "main^")
    page = git(with_page.repository, "rev-parse", "main")
    for issue in PARTS:
        assert with_page.do(issue, "feature", check=False).finished.ok

    for order in orders:
        git(with_page.repository, "reset", "--quiet", "--hard", page)
        for issue in order[2:-1]:
            with_page.merge(issue)
        assert tree(with_page, "main") == expected


def test_what_begins_after_others_were_merged_ends_in_the_same_project(
    with_page: Upstream, worked_through: tuple[Upstream, list[Task]]
) -> None:
    """The second begins when the first is merged, the third began before."""
    expected = tree(worked_through[0], "main^")
    page = git(with_page.repository, "rev-parse", "main")

    for first, second, third in permutations(PARTS):
        git(with_page.repository, "reset", "--quiet", "--hard", page)
        for issue in (first, third):
            if not git(with_page.repository, "branch", "--list", f"orchestrator/early/{issue}"):
                branch = f"orchestrator/early/{issue}"
                assert with_page.do(issue, "feature", check=False, branch=branch).finished.ok
        with_page.merge(first, f"orchestrator/early/{first}")
        late = f"orchestrator/late/{first}/{second}"
        assert with_page.do(second, "feature", check=False, branch=late).finished.ok
        with_page.merge(second, late)
        with_page.merge(third, f"orchestrator/early/{third}")
        assert tree(with_page, "main") == expected


def test_the_finished_project_works_on_a_bare_machine(
    worked_through: tuple[Upstream, list[Task]], bare_machine: Mapping[str, str]
) -> None:
    """With Python, git and make: without Node.js, what needs it is skipped and says so."""
    upstream, _ = worked_through

    tested = upstream.make("test", bare_machine)
    assert "Ran 52 tests" in tested
    assert "OK (skipped=10)" in tested
    assert "0 findings" in upstream.make("lint", bare_machine)


def test_the_finished_project_passes_the_checks_that_its_own_ci_runs(
    worked_through: tuple[Upstream, list[Task]], tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch=main", str(worked_through[0].repository), str(clone))

    for check in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *check, "--no-cache", "."]
        ran = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_finished_pages_scripts_were_really_run(worked_through: tuple[Upstream, list[Task]]) -> None:
    """Where there is Node.js: else the tests of behaviour are skipped, which the log says."""
    _, tasks = worked_through

    assert ("skipped" in tasks[-1].log) == (shutil.which("node") is None)


def test_tests_and_feature_may_be_tasks_of_their_own(with_page: Upstream) -> None:
    """As for an issue of more than a day: the tests fail until the feature is there."""
    tests = with_page.do("counter-of-clicks", "tests")
    assert tests.finished.ok, tests.finished.summary
    assert tests.checked is not None
    assert tests.checked.ok, tests.checked.summary
    assert (tests.feature.tests_run, tests.feature.tests_passed) == (15, 0)

    feature = with_page.do("counter-of-clicks", "feature")
    assert feature.checked is not None
    assert feature.checked.ok, feature.checked.summary
    assert (feature.feature.tests_run, feature.feature.tests_passed) == (15, 15)
    subjects = git(with_page.repository, "log", "--format=%s", "main..orchestrator/counter-of-clicks")
    assert [subject.split()[0] for subject in subjects.splitlines()] == ["Feature:", "Tests:"]


def test_the_branch_is_the_one_that_the_order_names(with_page: Upstream) -> None:
    task = with_page.do("counter-of-clicks", "feature", branch="orchestrator/x-7/counter")

    assert task.feature.branch == "orchestrator/x-7/counter"
    assert git(with_page.repository, "rev-parse", "--verify", "orchestrator/x-7/counter")


def test_the_same_again_has_nothing_to_add(with_page: Upstream) -> None:
    assert with_page.do("counter-of-clicks", "feature", check=False).finished.ok

    again = with_page.do("counter-of-clicks", "feature", attempt=2)

    assert (again.finished.ok, again.finished.retry) == (False, False)
    assert "the branch holds the recorded change already, and a replay has no other" in again.finished.summary


def _break_tests(folder: Path) -> None:
    path = folder / "site" / "counter.js"
    path.write_text(path.read_text("utf-8").replace("const MOST = 999999;", "const MOST = 9;"), "utf-8")


def _move_a_remark(folder: Path) -> None:
    path = folder / "site" / "counter.js"
    path.write_text(path.read_text("utf-8").replace("button !== reset", "button != reset"), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_break_tests, "`make test` ended with exit code 2"),
        (_move_a_remark, "site/counter.js does not hold what the recorded remark on it speaks of"),
        (_move_a_remark, "the branch does not hold the recorded feature"),
    ],
)
def test_a_review_asks_for_changes_where_the_code_is_not_as_recorded(
    spoil: Callable[[Path], None], says: str, with_page: Upstream
) -> None:
    assert with_page.do("counter-of-clicks", "feature", check=False).finished.ok
    git(with_page.repository, "checkout", "--quiet", "orchestrator/counter-of-clicks")
    spoil(with_page.repository)
    git(with_page.repository, "commit", "--quiet", "--all", "-m", "Spoil it")
    git(with_page.repository, "checkout", "--quiet", "main")

    review = with_page.do("counter-of-clicks", "review")

    assert review.finished.ok, review.finished.summary
    assert review.checked is not None
    assert review.checked.ok, review.checked.summary
    assert review.feature.verdict == "changes"
    assert says in review.feature.review
    assert "Replay of a recorded review, by no agent" in review.feature.review


def _another_scaffold(outputs: dict[str, Any]) -> None:
    outputs["genesis"]["executor"] = "claude-code"


def _another_stack(outputs: dict[str, Any]) -> None:
    outputs["genesis"]["stack"] = "service"


def _another_issue(outputs: dict[str, Any]) -> None:
    outputs["genesis"]["issues"][3]["key"] = "counter-of-visitors"


def _one_issue_more(outputs: dict[str, Any]) -> None:
    issues = outputs["genesis"]["issues"]
    issues.append(issues[1] | {"key": "more"})


def _nothing_known(outputs: dict[str, Any]) -> None:
    outputs.clear()


@pytest.mark.parametrize(
    "change", [_another_scaffold, _another_stack, _another_issue, _one_issue_more, _nothing_known]
)
def test_another_project_is_refused_with_what_to_configure(
    change: Callable[[dict[str, Any]], None], upstream: Upstream
) -> None:
    outputs = upstream.outputs
    change(outputs)

    task = upstream.do(FOUNDATION, "feature", outputs=outputs)

    assert (task.finished.ok, task.finished.retry, task.finished.rework) == (False, False, False)
    assert "this is another project" in task.finished.summary
    assert "`pools.development.executor`" in task.finished.summary
    assert not (task.result / "feature.json").exists()


def test_tests_that_do_not_fail_first_are_no_recording(upstream: Upstream, tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, recordings)
    test = recordings / "hello-world" / FOUNDATION / "tests" / "tests" / "test_foundation.py"
    test.write_text(
        "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_it(self):\n        pass\n"
    )

    task = upstream.do(FOUNDATION, "feature", by=ScriptedExecutor(ask, recordings))

    assert (task.finished.ok, task.finished.retry) == (False, False)
    assert "the recorded tests had to fail before the code that they are for; 2 ran, 2 passed" in (
        task.finished.summary
    )


def test_a_project_that_others_have_changed_is_refused(upstream: Upstream) -> None:
    path = upstream.repository / "docs" / "architecture.md"
    path.write_text("# Rewritten\n", "utf-8")
    git(upstream.repository, "commit", "--quiet", "--all", "-m", "Rewrite")

    task = upstream.do(FOUNDATION, "feature")

    assert (task.finished.ok, task.finished.retry) == (False, False)
    assert "does not fit: the project was changed by other hands" in task.finished.summary


def test_nothing_is_written_through_a_link_that_leads_out(upstream: Upstream, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(upstream.repository / "tests")
    (upstream.repository / "tests").symlink_to(outside)
    git(upstream.repository, "add", "--all")
    git(upstream.repository, "commit", "--quiet", "-m", "Link")

    task = upstream.do(FOUNDATION, "feature")

    assert not task.finished.ok
    assert "would be written outside of it" in task.finished.summary
    assert not list(outside.iterdir())


@pytest.mark.parametrize(
    ("workflow", "specialty"),
    [("genesis", "standard"), ("content", "social"), ("development", "deployment")],
)
def test_what_was_not_recorded_is_refused(workflow: str, specialty: str, upstream: Upstream) -> None:
    task = upstream.do(FOUNDATION, specialty, workflow=workflow)

    assert (task.finished.ok, task.finished.retry) == (False, False)
    assert "it replays tests, features and reviews" in task.finished.summary


def test_performance_that_was_not_recorded_is_refused(upstream: Upstream) -> None:
    task = upstream.do("", "performance")

    assert (task.finished.ok, task.finished.retry) == (False, False)
    assert "nothing was recorded of performance" in task.finished.summary


def test_no_recorded_text_speaks_of_a_machine_or_loads_anything(tmp_path: Path) -> None:
    for path in RECORDINGS.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            text = path.read_text("utf-8")
            assert not re.search(r"/(home|tmp|root|Users)/", text), path
            assert "https://" not in text, path


def test_its_name_is_known(tmp_path: Path) -> None:
    assert executor("scripted").name == "scripted"
