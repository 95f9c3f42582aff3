"""Work orders, finished scaffolds and clean clones, all real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.domain.outputs import GenesisOutput
from bot.executors.template import TemplateExecutor
from bot.ports.executor import Finished

WORKED_EXAMPLE = (
    'A web page that shows "Hello World", a button that changes the message, a counter of clicks, '
    "responsive styling, basic tests, deployable as a static site."
)

WriteOrder = Callable[..., Path]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of the executor."""

    assignment: Path
    result: Path
    finished: Finished

    @property
    def output(self) -> GenesisOutput:
        return GenesisOutput.model_validate_json((self.result / "genesis-output.json").read_bytes())

    def clone(self, target: Path) -> Path:
        subprocess.run(
            ["git", "clone", "--quiet", "--branch=main", self.result / "repository.bundle", target],
            check=True,
        )
        return target


def order_content(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "schema": 1,
        "assignment": "hello-world-7/genesis@1763880000",
        "task": "hello-world-7/genesis",
        "workflow": "genesis",
        "specialty": "standard",
        "size": "standard",
        "project": "hello-world-7",
        "title": "Hello World",
        "idea": WORKED_EXAMPLE,
        "idea_author": "alice",
        "idea_role": "write",
        "stack": "",
        "region": "eu",
        "priority": "normal",
        "attempt": 1,
        "time_limit": 120,
        "outputs": {},
        "executor": "template",
    }
    return content | changes


def attempt(folder: Path, executor: TemplateExecutor, **changes: Any) -> Attempt:
    folder.mkdir(parents=True, exist_ok=True)
    assignment = folder / "assignment.json"
    assignment.write_text(json.dumps(order_content(**changes)), encoding="utf-8")
    return Attempt(assignment, folder / "result", executor.run(assignment, folder / "result"))


@pytest.fixture(scope="session")
def scaffold_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Attempt]:
    """The finished scaffold of the worked example on a stack, made once for all tests."""
    made: dict[str, Attempt] = {}

    def scaffold(stack: str) -> Attempt:
        if stack not in made:
            made[stack] = attempt(tmp_path_factory.mktemp("scaffold"), TemplateExecutor(), stack=stack)
        return made[stack]

    return scaffold


@pytest.fixture
def run_order(tmp_path: Path) -> Callable[..., Attempt]:
    """Run the executor on the worked example with some fields changed."""

    def run(executor: TemplateExecutor | None = None, **changes: Any) -> Attempt:
        return attempt(tmp_path / "attempt", executor or TemplateExecutor(), **changes)

    return run


@pytest.fixture
def bare_machine(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a machine with Python, git and make, and with no way to the network."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "make", "sh", "cp", "mkdir", "rm"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "python3").symlink_to(os.path.realpath(sys.executable))
    return {"PATH": str(programs), "HOME": str(tmp_path), "http_proxy": "http://127.0.0.1:1"}


@pytest.fixture
def copied_result(scaffold_of: Callable[[str], Attempt], tmp_path: Path) -> Attempt:
    """A finished scaffold that a test may spoil."""
    original = scaffold_of("web")
    result = tmp_path / "copied"
    shutil.copytree(original.result, result)
    return Attempt(original.assignment, result, original.finished)


@pytest.fixture(scope="session")
def idea_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Attempt]:
    """The finished scaffold of an idea of each kind (``projects.IDEAS``), made once for all tests."""
    from tests.executors import projects  # which builds on this module

    made: dict[str, Attempt] = {}

    def scaffold(stack: str) -> Attempt:
        if stack not in made:
            made[stack] = projects.scaffold(tmp_path_factory.mktemp("idea"), stack)
        return made[stack]

    return scaffold
