"""A run imports what it needs and nothing else: a fresh runner compiles all of it while a person waits."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.stage import Stage
from tests.workflows.documents import ROOT

ELSEWHERE = {
    "apprise",  # with the first message to outside
    "copier",
    "cryptography",  # for an App's key
    "github",  # PyGithub: 176 modules, for an App's token
    "githubkit",
    "graphql",
    "jinja2",
    "jwt",
    "nacl",
    "prometheus_client",
    "psutil",
    "rich",
    "starlette",
    "uvicorn",
    "bot.dashboard",
    "bot.demo",
    "bot.executors",
    "bot.hub",
    "bot.setup.doctor",
}


def imported(log: str) -> set[str]:
    """Modules and the packages that they are in, from what the interpreter says of its imports."""
    names = re.findall(r"(?m)^import time: +\d+ \| +\d+ \| +(\S+)$", log)
    return {".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 2)}


@pytest.mark.parametrize("command", ["/status", "/dispatch-genesis A page with the tides", "/help"])
def test_a_comments_run_imports_what_it_needs(stage: Stage, command: str) -> None:
    done = stage.handle(stage.comment(stage.issue(), command), PYTHONPROFILEIMPORTTIME="1")
    assert done.code == 0, done.log
    found = imported(done.log)
    assert found >= {"bot.decide", "bot.adapters.github.forge", "pydantic", "requests"}
    assert found & ELSEWHERE == set()


def test_a_look_of_the_monitor_imports_what_it_needs(stage: Stage) -> None:
    done = stage.start("tick", event="schedule", payload={}, PYTHONPROFILEIMPORTTIME="1").done()
    assert done.code == 0, done.log
    assert imported(done.log) & ELSEWHERE == set()


@pytest.mark.parametrize("command", ["/status", "/dispatch-genesis A page with the tides", "/help"])
def test_what_a_comments_run_imports_is_compiled_by_the_action(stage: Stage, command: str) -> None:
    listed = set((ROOT / "requirements/compiled.txt").read_text("utf-8").split())
    done = stage.handle(stage.comment(stage.issue(), command), PYTHONPROFILEIMPORTTIME="1")
    assert done.code == 0, done.log
    own = {name.replace(".", "/") for name in imported(done.log) if name.startswith("bot.")}
    assert len(own) > 200
    assert {name for name in own if not {f"{name}.py", f"{name}/__init__.py"} & listed} == set()
    assert {"click/core.py", "pydantic/main.py", "requests/sessions.py", "typing_extensions.py"} <= listed


def test_a_status_takes_four_commands_of_git_and_three_requests(stage: Stage, tmp_path: Path) -> None:
    counting, log = tmp_path / "git", tmp_path / "commands.txt"
    counting.write_text(f'#!/bin/sh\necho "$2" >> {log}\nexec {shutil.which("git")} "$@"\n', "utf-8")
    counting.chmod(0o755)
    done = stage.handle(stage.comment(stage.issue(), "/status"), PATH=f"{tmp_path}:{stage.path}")
    assert sorted(log.read_text("utf-8").split()) == ["cat-file", "fast-import", "fetch", "push"]
    assert "saved, 3 API requests" in done.log  # the commander's role, the reaction, the reply


@pytest.mark.parametrize("words", [[], ["status"], ["worker"], ["tick"]])
def test_help_on_the_command_line_needs_no_model_and_no_network(words: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "bot", *words, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("Usage: ")
    found = imported(done.stderr)
    assert found >= {"bot.cli", "click"}
    assert found & {"pydantic", "requests", "ssl", "bot.decide", "bot.adapters", "yaml"} == set()
