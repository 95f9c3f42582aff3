"""The worked example's project as GitHub would hold it, and its tasks done by the replaying executor."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.bootstrap.executors import executor
from bot.domain.outputs import FeatureProgress, GenesisOutput, PlannedIssue
from bot.ports.executor import Executor, Finished
from tests.executors.conftest import Attempt, order_content


def git(folder: Path, *words: str) -> str:
    """What git prints; an error where it fails."""
    identity = ["-c", "user.name=t", "-c", "user.email=t", "-c", "core.hooksPath=/dev/null"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass
class Task:
    """One task that was done, and what it left."""

    result: Path
    finished: Finished
    checked: Finished | None

    @property
    def feature(self) -> FeatureProgress:
        return FeatureProgress.model_validate_json((self.result / "feature.json").read_bytes())

    @property
    def log(self) -> str:
        return (self.result / "log.txt").read_text("utf-8")


@dataclass
class Upstream:
    """The project's repository, with a branch for each issue that is worked on."""

    folder: Path
    made: Attempt
    changes: dict[str, Any] = field(default_factory=dict)
    """What is different in each order."""
    done: int = 0

    def __post_init__(self) -> None:
        self.made.clone(self.repository)
        git(self.repository, "remote", "remove", "origin")

    @property
    def repository(self) -> Path:
        return self.folder / "upstream"

    @property
    def genesis(self) -> GenesisOutput:
        return self.made.output

    @property
    def outputs(self) -> dict[str, Any]:
        return {"genesis": self.genesis.model_dump(mode="json")}

    def features(self) -> dict[str, PlannedIssue]:
        """The issues that are done by features' tasks, by their keys."""
        once = ("deployment", "performance")
        return {issue.key: issue for issue in self.genesis.issues if issue.specialty not in once}

    def handed(self) -> Path:
        """A workspace with the repository in it."""
        self.done += 1
        workspace = self.folder / f"workspace-{self.done}"
        workspace.mkdir()
        git(self.repository, "bundle", "create", "--quiet", str(workspace / "repository.bundle"), "--all")
        return workspace

    def do(
        self, issue: str, specialty: str, *, check: bool = True, by: Executor | None = None, **changes: Any
    ) -> Task:
        """Do a task, and push its branch."""
        workspace = self.handed()
        content = order_content(
            task=f"hello-world-7.{issue}.{specialty}",
            workflow="development",
            specialty=specialty,
            item=issue,
            outputs=self.outputs,
            executor="scripted",
        )
        assignment = workspace / "assignment.json"
        assignment.write_text(json.dumps(content | self.changes | changes), encoding="utf-8")
        result = workspace / "result"
        scripted = by or executor("scripted")
        finished = scripted.run(assignment, result)
        checked = scripted.check(assignment, result) if check and finished.ok else None
        if finished.ok and (result / "change.bundle").exists():
            branch = json.loads((result / "feature.json").read_text("utf-8"))["branch"]
            bundle = str(result / "change.bundle")
            git(self.repository, "fetch", "--quiet", bundle, f"refs/heads/{branch}:refs/heads/{branch}")
        return Task(result, finished, checked)

    def merge(self, issue: str, branch: str = "") -> None:
        """Squash the issue's branch into the default branch, as a merge by the button would."""
        git(self.repository, "merge", "--quiet", "--squash", branch or f"orchestrator/{issue}")
        git(self.repository, "commit", "--quiet", "-m", f"{issue} (squashed)")

    def copy(self, folder: Path) -> Upstream:
        """The same again, elsewhere."""
        folder.mkdir(parents=True)
        other = Upstream.__new__(Upstream)
        other.folder, other.made, other.changes, other.done = folder, self.made, dict(self.changes), 0
        shutil.copytree(self.repository, other.repository)
        return other

    def make(self, target: str, environment: Mapping[str, str]) -> str:
        """What a make target prints on a clean clone of the default branch; an error where it fails."""
        self.done += 1
        clone = self.folder / f"clone-{self.done}"
        git(self.folder, "clone", "--quiet", "--branch=main", str(self.repository), str(clone))
        ran = subprocess.run(
            ["make", target], cwd=clone, env=dict(environment), text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout
        return ran.stdout
