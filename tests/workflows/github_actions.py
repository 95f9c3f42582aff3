"""GitHub's own parser of workflows and its evaluator of expressions, as they are published on npm.

They run in Node from one script that comes with the project (``make contracts``); nothing is installed. It is
started with the first question and answers until the block ends.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.published import text
from tests.workflows.documents import ACTIONS, ROOT

Json = dict[str, Any]


@dataclass
class GitHubActions:
    """Asks the script, many questions at a time."""

    node: str
    script: Path
    _started: subprocess.Popen[str] | None = field(default=None, init=False)

    def parse(self, paths: Sequence[Path]) -> dict[str, Json]:
        """Each file's ``errors``, and its jobs' and steps' ``conditions`` with what GitHub adds to them."""
        names = [str(path.relative_to(ROOT)) for path in paths]
        asked = [
            {"action" if path in ACTIONS else "parse": path.read_text("utf-8"), "file": name}
            for path, name in zip(paths, names, strict=True)
        ]
        return dict(zip(names, self._ask(asked), strict=True))

    def read(self, text: str, file: str, kind: str = "workflow") -> Json:
        """A workflow's or an action's tree; ``{"expression": TEXT}`` stands for what is to be evaluated."""
        (answer,) = self._ask([{"read": text, "file": file, "kind": kind}])
        assert answer["errors"] == [], f"{file}: {answer['errors']}"
        return dict(answer["document"])

    def evaluate(self, asked: Sequence[tuple[str, Json, str]]) -> list[Any]:
        """The values of expressions, each with its contexts and the status of what went before."""
        return [each["value"] for each in self._evaluated(asked)]

    def is_true(self, condition: str, contexts: Json, status: str) -> bool:
        """Whether a condition lets its job or step run."""
        (answer,) = self._evaluated([(condition, contexts, status)])
        return bool(answer["truthy"])

    def errors(self, workflow: str) -> list[str]:
        """What is wrong with the text of a workflow."""
        (answer,) = self._ask([{"parse": workflow, "file": ".github/workflows/one.yml"}])
        return list(answer["errors"])

    def _evaluated(self, asked: Sequence[tuple[str, Json, str]]) -> list[Json]:
        questions = [{"evaluate": text, "contexts": given, "status": status} for text, given, status in asked]
        answers = self._ask(questions)
        told = [
            f"{text}: {each['error']}"
            for (text, *_), each in zip(asked, answers, strict=True)
            if "error" in each
        ]
        assert told == []
        return answers

    def _ask(self, questions: Sequence[Json]) -> list[Json]:
        if self._started is None:
            command = [self.node, str(self.script)]
            pipe = subprocess.PIPE
            self._started = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._started.stdin is not None
        assert self._started.stdout is not None
        self._started.stdin.write(json.dumps(questions) + "\n")
        self._started.stdin.flush()
        line = self._started.stdout.readline()
        assert line, "the script ended; what it said is among this test's output"
        answers: list[Json] = json.loads(line)
        return answers

    def close(self) -> None:
        """End the script."""
        if self._started is not None:
            self._started.communicate(timeout=30)
            self._started = None


@contextmanager
def find(folder: Path) -> Iterator[GitHubActions]:
    """The script, unpacked; the test is skipped, and says so, where there is no Node."""
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        pytest.skip(
            "no Node on this machine, which GitHub's parser of workflows runs in: `.ci/run` installs it"
        )
    script = folder / "actions.js"
    script.write_text(text("actions.js"), encoding="utf-8")
    found = GitHubActions(node, script)
    try:
        yield found
    finally:
        found.close()
