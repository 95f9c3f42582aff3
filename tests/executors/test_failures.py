"""What cannot be done is said in one line, and what was tampered with is noticed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.executors.scaffold import TEMPLATES
from bot.executors.template import TemplateExecutor
from tests.executors.conftest import Attempt


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"idea": ""}, "the idea is empty; say in a sentence"),
        ({"idea": " \n\t\u200b…"}, "the idea is empty; say in a sentence"),
        ({"idea": "x" * 65_537}, "the idea has 65,537 characters and may have 65,536"),
        ({"workflow": "development"}, "development needs a coding agent, and the template executor is none"),
        ({"project": "🎉"}, "has no letter or digit"),
        ({"size": "huge"}, "assignment.json is no work order: size:"),
        ({"surprise": 1}, "assignment.json is no work order: surprise:"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    changes: dict[str, Any], reason: str, run_order: Callable[..., Attempt]
) -> None:
    made = run_order(**changes)

    assert not made.finished.ok
    assert made.finished.output == ""
    assert reason in made.finished.summary
    assert "\n" not in made.finished.summary
    assert made.finished.summary in (made.result / "log.txt").read_text(encoding="utf-8")
    assert not (made.result / "genesis-output.json").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"idea": "\\ud800"}'])
def test_a_file_that_is_no_order_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "order.json").write_bytes(content)

    finished = TemplateExecutor().run(tmp_path / "order.json", tmp_path / "result")

    assert not finished.ok
    assert "order.json is no work order" in finished.summary


def test_a_missing_order_is_refused(tmp_path: Path) -> None:
    executor = TemplateExecutor()

    for finished in (executor.run(tmp_path / "none", tmp_path), executor.check(tmp_path / "none", tmp_path)):
        assert not finished.ok
        assert "cannot be read: No such file or directory" in finished.summary


def test_a_result_that_cannot_be_written_is_said(
    scaffold_of: Callable[[str], Attempt], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    finished = TemplateExecutor().run(scaffold_of("web").assignment, tmp_path / "file")

    assert not finished.ok
    assert "could not work with its files" in finished.summary


def template_with(tmp_path: Path, layer_file: str, content: str) -> TemplateExecutor:
    """An executor whose template has one more file."""
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    (templates / layer_file).write_text(content, encoding="utf-8")
    return TemplateExecutor(templates)


CASE = "import threading\nimport unittest\n\n\nclass More(unittest.TestCase):\n    def test(self):\n        "
FAILING = f"{CASE}self.fail('broken on purpose')\n"
SLOW = f"{CASE}threading.Event().wait()\n"


def test_a_scaffold_whose_test_fails_is_not_handed_on(
    run_order: Callable[..., Attempt], tmp_path: Path
) -> None:
    made = run_order(template_with(tmp_path, "web/tests/test_more.py.jinja", FAILING))

    assert not made.finished.ok
    assert made.finished.summary.startswith(
        "The scaffold was not handed on: `make test` ended with exit code 2"
    )
    assert not (made.result / "repository.bundle").exists()
    assert "broken on purpose" in (made.result / "log.txt").read_text(encoding="utf-8")


def test_a_scaffold_that_lint_refuses_is_not_handed_on(
    run_order: Callable[..., Attempt], tmp_path: Path
) -> None:
    made = run_order(template_with(tmp_path, "web/site/more.js.jinja", "let a = 1;  \n"))

    assert not made.finished.ok
    assert "`make lint` ended with exit code" in made.finished.summary
    assert "site/more.js: line 1 ends in blanks" in (made.result / "log.txt").read_text(encoding="utf-8")


def test_a_test_that_never_ends_is_stopped_in_time(run_order: Callable[..., Attempt], tmp_path: Path) -> None:
    made = run_order(template_with(tmp_path, "web/tests/test_more.py.jinja", SLOW), time_limit=1)

    assert not made.finished.ok
    assert "`make test` did not end within its 1 s and was stopped" in made.finished.summary


def test_a_broken_template_is_said(run_order: Callable[..., Attempt], tmp_path: Path) -> None:
    made = run_order(template_with(tmp_path, "base/more.md.jinja", "{% if %}"))

    assert not made.finished.ok
    assert "the template templates cannot be rendered" in made.finished.summary


def test_a_new_attempt_leaves_nothing_of_the_last(run_order: Callable[..., Attempt]) -> None:
    assert run_order().finished.ok

    again = run_order(idea="")

    assert {path.name for path in again.result.iterdir()} == {"log.txt"}


Spoil = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda output: output.update(commit="0" * 40), "the output says 0000000"),
        (lambda output: output["files"].append("zzz.py"), "1 missing (zzz.py), 0 not listed (none)"),
        (lambda output: output["files"].remove("README.md"), "0 missing (none), 1 not listed (README.md)"),
        (lambda output: output.update(tests_run=12), "`make test` ran 1 tests, the output says 12"),
        (lambda output: output["issues"].append(output["issues"][1]), "occurs 2 times"),
        (
            lambda output: output["issues"][1].update(depends_on=["ghost"]),
            "depends on ghost, which does not exist",
        ),
        (lambda output: output["issues"][0].update(depends_on=["basic-tests"]), "in a circle"),
        (lambda output: output.update(default_branch="other"), "cannot be cloned with the branch other"),
        (lambda output: output["commands"].update(test="make nothing-there"), "ended with exit code 2"),
        (
            lambda output: output["commands"].update(test="no-such-program"),
            "the program is not installed here",
        ),
        (lambda output: output["commands"].update(test='make "test'), "cannot be read as a command"),
        (lambda output: output.pop("stack"), "genesis-output.json is not valid: stack"),
    ],
)
def test_an_output_that_does_not_agree_with_its_bundle_is_refused(
    spoil: Spoil, problem: str, copied_result: Attempt
) -> None:
    output_file = copied_result.result / "genesis-output.json"
    output = json.loads(output_file.read_text(encoding="utf-8"))
    spoil(output)
    output_file.write_text(json.dumps(output), encoding="utf-8")

    checked = TemplateExecutor().check(copied_result.assignment, copied_result.result)

    report = json.loads((copied_result.result / "check.json").read_text(encoding="utf-8"))
    assert not checked.ok
    assert problem in checked.summary
    assert report["ok"] is False
    assert any(problem in found for found in report["problems"])


def test_a_commit_that_breaks_the_tests_is_refused_with_the_end_of_their_output(
    copied_result: Attempt, tmp_path: Path
) -> None:
    clone = copied_result.clone(tmp_path / "clone")
    (clone / "tests/test_page.py").write_text(f"print('x' * 5000)\n{FAILING}", encoding="utf-8")
    identity = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"]
    subprocess.run(["git", "-C", clone, *identity, "commit", "--quiet", "-am", "break it"], check=True)
    bundle = copied_result.result / "repository.bundle"
    subprocess.run(["git", "-C", clone, "bundle", "create", "--quiet", bundle, "main"], check=True)

    checked = TemplateExecutor().check(copied_result.assignment, copied_result.result)

    report = json.loads((copied_result.result / "check.json").read_text(encoding="utf-8"))
    assert not checked.ok
    assert report["commands"][0]["exit_code"] == 2
    assert "broken on purpose" in report["commands"][0]["tail"]
    assert len(report["commands"][0]["tail"]) == 4_000
    assert "`make test` ended with exit code 2" in report["problems"]


def test_a_missing_bundle_is_refused(copied_result: Attempt) -> None:
    (copied_result.result / "repository.bundle").unlink()

    checked = TemplateExecutor().check(copied_result.assignment, copied_result.result)

    assert not checked.ok
    assert "repository.bundle cannot be cloned" in checked.summary
