"""Agents that are stand-ins: installed on PATH under their real names, and run by the real executor."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.bootstrap.executors import executor
from bot.ports.executor import Finished
from tests.executors import stand_in
from tests.executors.conftest import order_content

KEY = "sk-ant-api03-0123456789abcdefghij"
TOKENS = {
    "GITHUB_TOKEN": "ghs_workflowworkflowworkflow00",
    "GH_TOKEN": "ghp_personalpersonalpersonal00",
    "ORCHESTRATOR_TOKEN": "ghp_orchestratororchestrator00",
    "ORCHESTRATOR_GENESIS_TOKEN": "ghp_genesisgenesisgenesis00000",
    "ACTIONS_RUNTIME_TOKEN": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl",
}
"""What stands in the environment of a workflow's run and is none of an agent's business."""
PROGRAMS = {"claude-code": "claude", "codex": "codex", "copilot": "copilot", "command": "orchestrator-agent"}
KINDS = {"claude-code": "claude", "codex": "codex", "copilot": "copilot", "command": "plain"}
KEYS = {"claude-code": "ANTHROPIC_API_KEY", "codex": "OPENAI_API_KEY", "copilot": "COPILOT_GITHUB_TOKEN"}

TEST_FILE = """import unittest


class Works(unittest.TestCase):
    def test_it(self):
        self.assertTrue(True)
"""
COMMANDS = {"test": "python3 -m unittest discover -s tests", "lint": "python3 -m tabnanny tests"}
SCAFFOLD = f"""
for name, text in {{"README.md": "# Hello", ".gitignore": "__pycache__/", "tests/test_it.py": {TEST_FILE!r},
                   ".github/workflows/ci.yml": "on: push"}}.items():
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\\n", encoding="utf-8")
"""
DRAFT: Mapping[str, Any] = {
    "title": "Hello World",
    "summary": "A page with a button.",
    "stack": "python",
    "commands": COMMANDS,
    "issues": [
        {
            "key": "button",
            "title": "A button",
            "body": "After {{issue:page}}",
            "acceptance": ["It can be pressed"],
            "specialty": "feature",
            "days": 1,
            "milestone": "MVP",
            "depends_on": ["page"],
        },
        {
            "key": "page",
            "title": "A page",
            "body": "",
            "acceptance": ["It says hello"],
            "specialty": "feature",
            "days": 1,
            "milestone": "MVP",
        },
    ],
}


def leave(name: str, value: object) -> str:
    """The act of writing a JSON file into the result."""
    return f"(result / {name!r}).write_text({json.dumps(value)!r}, encoding='utf-8')\n"


GENESIS = SCAFFOLD + leave("genesis.json", DRAFT)
"""The act of doing a Genesis task well."""


@dataclass
class Agent:
    """An executor with its stand-in, and everything that it was handed."""

    folder: Path
    name: str = "claude-code"
    settings: dict[str, Any] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def handed(self) -> Path:
        """The workspace that the phases hand on to each other."""
        return self.folder / "workspace"

    @property
    def result(self) -> Path:
        return self.handed / "result"

    @property
    def log(self) -> str:
        return (self.result / "log.txt").read_text("utf-8")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What the program saw, call by call."""
        record = self.folder / "record.jsonl"
        return [json.loads(line) for line in record.read_text("utf-8").splitlines()]

    def install(self, says: str = "success", *acts: str, kind: str = "") -> None:
        """Put the stand-in onto PATH; it does the first act, and the second one when it is resumed."""
        programs = self.folder / "bin"
        programs.mkdir(parents=True, exist_ok=True)
        scenario = {"says": says, "acts": acts or (GENESIS,), "record": str(self.folder / "record.jsonl")}
        base = self.settings.get("like", self.name if self.name in PROGRAMS else "command")
        launcher = programs / PROGRAMS[base]
        launcher.write_text(
            f"#!{sys.executable}\n"
            f"import sys\n"
            f"sys.dont_write_bytecode = True\n"
            f"sys.path.insert(0, {str(Path(stand_in.__file__).parent)!r})\n"
            f"import stand_in\n"
            f"stand_in.main({kind or KINDS[base]!r}, {scenario!r})\n",
            encoding="utf-8",
        )
        launcher.chmod(0o755)

    def order(self, **changes: Any) -> Path:
        """Write the assignment."""
        self.handed.mkdir(parents=True, exist_ok=True)
        content = order_content(executor=self.name, settings=self.settings, **changes)
        path = self.handed / "assignment.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def run(self, **changes: Any) -> Finished:
        return self._executor().run(self.order(**changes), self.result)

    def check(self) -> Finished:
        return self._executor().check(self.handed / "assignment.json", self.result)

    def _executor(self) -> Any:
        home = self.folder / "user"
        home.mkdir(exist_ok=True)
        inherited = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(home), **TOKENS}
        keys = {KEYS[self.name]: KEY} if self.name in KEYS else {}
        return executor(self.name, self.settings, {**inherited, **keys, **self.environ})


def alive(pids: Sequence[int]) -> list[int]:
    """Those that still run. What ended and was not waited for by its parent yet does not."""
    return [pid for pid in pids if _state(pid) not in ("", "Z", "X")]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
