"""GitHub's own parser of workflows and its evaluator of expressions, as they are published on npm.

They run in Node from one script that comes with the project (``make contracts``); nothing is installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.published import text
from tests.workflows.documents import ACTIONS, ROOT

Json = dict[str, Any]


@dataclass(frozen=True)
class GitHubActions:
    """Asks the script, many questions at a time: each start of Node takes a moment."""

    node: str
    script: Path

    def parse(self, paths: Sequence[Path]) -> dict[str, Json]:
        """Each file's ``errors``, and its jobs' and steps' ``conditions`` with what GitHub adds to them."""
        names = [str(path.relative_to(ROOT)) for path in paths]
        asked = [
            {"action" if path in ACTIONS else "parse": path.read_text("utf-8"), "file": name}
            for path, name in zip(paths, names, strict=True)
        ]
        return dict(zip(names, self._ask(asked), strict=True))

    def evaluate(self, asked: Sequence[tuple[str, Json, str]]) -> list[Any]:
        """The values of expressions, each with its contexts and the status of what went before."""
        questions = [{"evaluate": text, "contexts": given, "status": status} for text, given, status in asked]
        answers = self._ask(questions)
        assert [each["error"] for each in answers if "error" in each] == []
        return [each["value"] for each in answers]

    def errors(self, workflow: str) -> list[str]:
        """What is wrong with the text of a workflow."""
        (answer,) = self._ask([{"parse": workflow, "file": ".github/workflows/one.yml"}])
        return list(answer["errors"])

    def _ask(self, questions: Sequence[Json]) -> list[Json]:
        command = [self.node, str(self.script)]
        done = subprocess.run(
            command, input=json.dumps(questions), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answers: list[Json] = json.loads(done.stdout)
        return answers


def find(folder: Path) -> GitHubActions:
    """The script, unpacked; the test is skipped, and says so, where there is no Node."""
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        pytest.skip(
            "no Node on this machine, which GitHub's parser of workflows runs in: `.ci/run` installs it"
        )
    script = folder / "actions.js"
    script.write_text(text("actions.js"), encoding="utf-8")
    return GitHubActions(node, script)
