"""A run imports what it needs and nothing else: a fresh runner compiles all of it while a person waits."""

from __future__ import annotations

import re

import pytest

from tests.e2e.stage import Stage

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
    assert found >= {"bot.decide", "bot.adapters.github", "pydantic", "requests"}
    assert found & ELSEWHERE == set()


def test_a_look_of_the_monitor_imports_what_it_needs(stage: Stage) -> None:
    done = stage.start("tick", event="schedule", payload={}, PYTHONPROFILEIMPORTTIME="1").done()
    assert done.code == 0, done.log
    assert imported(done.log) & ELSEWHERE == set()
