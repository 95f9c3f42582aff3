"""The commands of a project that exist, with what its README says that they do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.executors.gates import tools
from bot.executors.gates.project import Project
from bot.executors.writing.facts import Fact, at
from bot.executors.writing.words import harmless

_PURPOSES = {
    "run": "starts it",
    "build": "builds it",
    "test": "runs the tests",
    "lint": "checks the source code",
    "deploy": "deploys it",
}
"""What a command of that name does, in the order in which the pieces tell them."""
_ADDRESS = re.compile(r"(?:\s+(?:on|at))?\s+https?://\S+")


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the project that exists."""

    key: str
    call: Fact
    does: Fact
    """In the third person: ``runs the tests``."""


def commands_of(genesis: Mapping[str, Any], project: Project) -> Iterator[Command]:
    """The commands that Genesis handed on, as far as they are there."""
    known = genesis.get("commands")
    for key, does in _PURPOSES.items():
        call = known.get(key) if isinstance(known, Mapping) else None
        if not isinstance(call, str) or not re.fullmatch(r"[\w ./=:@-]{1,200}", call):
            continue
        if place := _defined(call, project):
            told = _told(call, project) or Fact(does, f"what `{call}` does", place)
            yield Command(key, Fact(f"`{call}`", "command", place), told)


def _told(call: str, project: Project) -> Fact | None:
    """What the README says behind a command, as in ``make test  # runs the tests``."""
    for number, line in enumerate(project.text("README.md").splitlines(), 1):
        named, _, comment = line.partition("#")
        if named.strip().removeprefix("$ ") != call:
            continue
        words = harmless(_ADDRESS.sub("", comment.replace("`", "")), 160).rstrip(". ")
        if re.match(r"[a-z]+s\b", words):
            return Fact(words, f"what `{call}` does", at("README.md", number))
    return None


def _defined(call: str, project: Project) -> str:
    """Where a command is defined; empty where it is not known to exist."""
    words = shlex.split(call)
    if words[0] == "make" and len(words) == 2:
        for name in tools.MAKEFILES:
            for number, line in enumerate(project.text(name).splitlines(), 1):
                if re.match(rf"{re.escape(words[1])}\s*:(?!=)", line):
                    return at(name, number)
        return ""
    scripts = tools.npm_scripts(project) or ()
    if words[0] in ("npm", "pnpm", "yarn"):
        return at("package.json") if words[-1] in scripts else ""
    if words[:2] in (["python3", "-m"], ["python", "-m"]) and len(words) > 2:
        return "genesis-output.json, commands" if tools.modules(project, words[2]) else ""
    return ""
