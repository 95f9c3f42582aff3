"""What a scaffold is worth: run on a clean clone with nothing but Python, git and make."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from bot.adapters.health import ask
from bot.domain.deploying import HealthCheck
from bot.executors.sites import served
from bot.executors.stacks import STACKS, choose
from bot.executors.template import TemplateExecutor
from tests.executors.conftest import WORKED_EXAMPLE, Attempt

EVERY_STACK = pytest.mark.parametrize("stack", [stack.name for stack in STACKS])

SERVERS = {"web": "", "service": "health"}
"""Stacks whose `make run` serves until it is stopped → the path that answers."""

PROMISED = {
    ".editorconfig", ".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/feature.yml",
    ".github/PULL_REQUEST_TEMPLATE.md", ".github/workflows/ci.yml", ".gitignore", ".pre-commit-config.yaml",
    "AGENTS.md", "LICENSE", "Makefile", "README.md", "docs/architecture.md", "docs/development.md",
    "docs/requirements.md", "ruff.toml",
}  # fmt: skip


def make(target: str, clone: Path, environment: Mapping[str, str]) -> str:
    """Output of a make target that has to succeed."""
    ran = subprocess.run(
        ["make", target], cwd=clone, env=dict(environment), text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@EVERY_STACK
def test_its_commands_work_on_a_bare_machine(
    stack: str, scaffold_of: Callable[[str], Attempt], bare_machine: Mapping[str, str], tmp_path: Path
) -> None:
    """Every target that its documents name, each on a clean checkout of its own."""
    made = scaffold_of(stack)
    assert made.finished.ok, made.finished.summary
    clone = made.clone(tmp_path / "clone")
    documented = documented_targets(clone)
    assert documented >= {"build", "clean", "deploy", "lint", "run", "test"}

    said = {}
    for target in sorted({"help", *documented}):
        clone = made.clone(tmp_path / target)
        if target == "run" and stack in SERVERS:
            said[target] = answer_of_make_run(clone, bare_machine, SERVERS[stack])
        else:
            said[target] = make(target, clone, bare_machine)
        left = subprocess.run(["git", "-C", clone, "status", "--porcelain"], capture_output=True, check=True)
        assert left.stdout == b"", target

    assert "Ran 1 test in" in said["test"]
    assert "0 findings" in said["lint"]
    assert all(target in said["help"] for target in documented)
    assert list((tmp_path / "build" / "dist").iterdir())
    assert list((tmp_path / "deploy" / "public").iterdir())
    make("clean", tmp_path / "deploy", bare_machine)
    assert not (tmp_path / "deploy" / "dist").exists()
    assert not (tmp_path / "deploy" / "public").exists()


def documented_targets(clone: Path) -> set[str]:
    """The make targets that the documents and the Makefile itself name."""
    files = [
        clone / name for name in ("README.md", "AGENTS.md", "docs/development.md", "docs/requirements.md")
    ]
    texts = [path.read_text(encoding="utf-8") for path in files]
    named = set()
    for found in re.findall(r"(?:^|`)(?:[A-Z_]+=\S+ )*make ((?:[a-z]+ ?)+)", "\n".join(texts), re.MULTILINE):
        named |= set(found.split())
    makefile = (clone / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert named <= set(phony.split())
    return named | set(phony.split()) - {"help"}


def answer_of_make_run(clone: Path, environment: Mapping[str, str], path: str) -> str:
    """Start the server, ask it once, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["make", "run"], cwd=clone, env={**environment, "PORT": str(port)}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        seen = ask(f"http://127.0.0.1:{port}/", HealthCheck(path=path, seconds=60), interval=0.1)
        assert seen.ok, seen.says
        return seen.says
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_what_a_web_project_builds_is_a_static_site(
    scaffold_of: Callable[[str], Attempt], bare_machine: Mapping[str, str], tmp_path: Path
) -> None:
    """Built and deployed folders hold the page and every file that it loads, below any address."""
    clone = scaffold_of("web").clone(tmp_path / "clone")
    make("deploy", clone, bare_machine)

    for folder in (clone / "dist", clone / "public"):
        with served(folder) as url:
            page = requests.get(url, timeout=30)
            assert page.status_code == 200
            loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
            assert sorted(loaded) == ["app.js", "style.css"]
            for name in loaded:
                assert requests.get(urljoin(url, name), timeout=30).status_code == 200


@EVERY_STACK
def test_the_output_says_what_is_there(stack: str, scaffold_of: Callable[[str], Attempt]) -> None:
    made = scaffold_of(stack)

    assert made.output.stack == stack
    assert made.output.tests_run == 1
    assert made.output.executor == "template"
    assert set(made.output.files) >= PROMISED
    assert list(made.output.files) == sorted(made.output.files)


@EVERY_STACK
def test_a_fresh_check_agrees(stack: str, scaffold_of: Callable[[str], Attempt]) -> None:
    made = scaffold_of(stack)

    checked = TemplateExecutor().check(made.assignment, made.result)

    report = json.loads((made.result / "check.json").read_text(encoding="utf-8"))
    assert checked.ok, checked.summary
    assert checked.output == "check.json"
    assert report["ok"] is True
    assert [(ran["command"], ran["exit_code"], ran["tests"], ran["tail"]) for ran in report["commands"]] == [
        ("make test", 0, 1, ""),
        ("make lint", 0, 0, ""),
    ]


@EVERY_STACK
def test_it_passes_the_checks_that_its_own_ci_runs(
    stack: str, scaffold_of: Callable[[str], Attempt], tmp_path: Path
) -> None:
    clone = scaffold_of(stack).clone(tmp_path / "clone")

    for check in (["check"], ["format", "--check"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *check, "--no-cache", "."],
            cwd=clone, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_same_order_gives_the_same_commits(
    scaffold_of: Callable[[str], Attempt], run_order: Callable[..., Attempt]
) -> None:
    first, again = scaffold_of("web"), run_order(stack="web")

    assert again.output == first.output
    other = run_order(stack="web", title="Another")
    assert other.output.commit != first.output.commit


def test_its_history_tells_the_steps(scaffold_of: Callable[[str], Attempt], tmp_path: Path) -> None:
    clone = scaffold_of("web").clone(tmp_path / "clone")
    log = subprocess.run(
        ["git", "-C", clone, "log", "--reverse", "--format=%an <%ae> %ad %s", "--date=iso-strict"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    author = "orchestrator template executor <noreply>"
    assert log.stdout.splitlines() == [
        f"{author} 2026-01-01T00:00:00+00:00 Record the idea and the requirements derived from it",
        f"{author} 2026-01-01T00:01:00+00:00 Plan the architecture and how the project is worked on",
        f"{author} 2026-01-01T00:02:00+00:00 Scaffold the project: skeleton, one test, checks and CI",
    ]


def test_an_unknown_stack_falls_back_and_says_so(run_order: Callable[..., Attempt], tmp_path: Path) -> None:
    made = run_order(stack="COBOL on Rails")

    assert made.output.stack == "service"
    assert "“COBOL on Rails” was asked for; there is no template for it" in made.output.open_questions[0]
    readme = (made.clone(tmp_path / "clone") / "README.md").read_text(encoding="utf-8")
    assert "“COBOL on Rails” was asked for" in readme


@pytest.mark.parametrize(
    ("idea", "wanted", "stack"),
    [
        (WORKED_EXAMPLE, "", "web"),
        ("A REST API that returns the weather as JSON", "", "service"),
        ("A command line tool that renames photos", "", "python"),
        ("A Python library to parse dates", "", "library"),
        ("An ETL job: nightly CSV files into one report", "", "pipeline"),
        ("Something nice", "", "web"),
        ("A REST API", "web", "web"),
        ("A REST API", " Library ", "library"),
        ("A web page", "react", "web"),
        ("A web page", "fastapi", "service"),
        ("A web page", "pipline", "pipeline"),
        ("A REST API", "cobol", "service"),
    ],
)
def test_the_stack_follows_from_words(idea: str, wanted: str, stack: str) -> None:
    assert choose(idea, wanted).stack.name == stack


def test_the_reason_for_the_stack_is_written_down(run_order: Callable[..., Attempt], tmp_path: Path) -> None:
    clone = run_order().clone(tmp_path / "clone")

    assert "the idea speaks of “web page”, “static site”" in (clone / "docs/architecture.md").read_text(
        "utf-8"
    )
