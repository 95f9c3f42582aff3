"""What the demonstration came to, read back from where it was made."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.adapters.clone import environment
from bot.demo.story import Story
from bot.domain import files
from bot.domain.models import Project, Task
from bot.domain.outputs import ContentPiece
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the project, as a row of the table at the end."""

    name: str
    tasks: Sequence[Task]
    files: int
    links: Sequence[str]

    @property
    def workers(self) -> list[str]:
        """Who did its tasks."""
        return sorted({task.worker for task in self.tasks if task.worker})

    @property
    def took(self) -> timedelta:
        """From the first that was queued to the last that ended."""
        began = [task.queued_at for task in self.tasks if task.queued_at]
        ended = [task.finished_at for task in self.tasks if task.finished_at]
        return max(ended) - min(began) if began and ended else timedelta(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that is there."""

    project: Project
    state: State
    issue_url: str
    issues: Sequence[dict[str, Any]]
    pulls: Sequence[dict[str, Any]]
    repository: Path
    factory: Path
    port: int
    seconds: float
    url: str

    @property
    def stages(self) -> list[Stage]:
        """The stages that were entered."""
        return [
            Stage(workflow.value, tasks, self._files(workflow), self._links(workflow))
            for workflow in Workflow
            if (tasks := [task for task in self.project.tasks if task.workflow is workflow])
        ]

    @property
    def pieces(self) -> Sequence[ContentPiece]:
        """What Content has made."""
        content = self.state.content.get(self.project.id)
        return content.pieces if content else ()

    def missing(self, *, whole: bool) -> list[str]:
        """What should be there and is not."""
        development = self.state.development.get(self.project.id)
        wanted = {"issues": bool(self.issues), "files": bool(self.listed("main"))}
        if whole:
            features = development.features if development else ()
            open_tasks = [task for task in self.project.tasks if task.status is not TaskStatus.DONE]
            wanted |= {
                "finished tasks": not open_tasks,
                "merged features": bool(features) and all(pull["merged_at"] for pull in self.pulls),
                "a deployment": bool(self.project.deployment_url),
                "content": bool(self.pieces),
                "passed gates": all(all(piece.gates.values()) for piece in self.pieces),
            }
        return [name for name, there in wanted.items() if not there]

    def listed(self, branch: str) -> list[str]:
        """The files of a branch of the project's repository."""
        return git(self.repository, "ls-tree", "-r", "--name-only", branch).splitlines()

    def log(self, where: Path, branch: str) -> list[str]:
        """A branch's commits, newest first."""
        return git(where, "log", "--format=%h %s", branch).splitlines()

    def summary(self) -> dict[str, Any]:
        """For programs: ``summary.json``."""
        state_files = git(self.factory, "ls-tree", "-r", "--name-only", "state").splitlines()
        return {
            "project_id": self.project.id,
            "stage": self.project.stage.value,
            "issue_url": self.issue_url,
            "repository": self.project.repository,
            "repository_url": self.project.repository_url,
            "repository_path": str(self.repository),
            "deployment_url": self.project.deployment_url,
            "state_path": str(self.factory),
            "state_branch": "state",
            "port": self.port,
            "issues": [{"number": row["number"], "title": row["title"]} for row in self.issues],
            "pull_requests": [
                {"number": row["number"], "title": row["title"], "merged": bool(row["merged_at"])}
                for row in self.pulls
            ],
            "pieces": [piece.model_dump(mode="json") for piece in self.pieces],
            "stages": [
                {
                    "name": stage.name,
                    "tasks": len(stage.tasks),
                    "workers": stage.workers,
                    "seconds": stage.took.total_seconds(),
                    "files": stage.files,
                    "links": list(stage.links),
                }
                for stage in self.stages
            ],
            "state_files": state_files,
            "counts": {
                "issues": len(self.issues),
                "files": len(self.listed("main")),
                "commits": len(self.log(self.repository, "main")),
                "state_files": len(state_files),
                "state_commits": len(self.log(self.factory, "state")),
                "seconds": round(self.seconds, 1),
            },
        }

    def _files(self, workflow: Workflow) -> int:
        """Files that a stage made or changed in the default branch."""
        genesis = self.state.genesis.get(self.project.id)
        if genesis is None or not genesis.commit:
            return 0
        match workflow:
            case Workflow.GENESIS:
                return len(genesis.files)
            case Workflow.CONTENT:
                return len({piece.file for piece in self.pieces})
            case Workflow.DEVELOPMENT:
                changed = git(self.repository, "diff", "--name-only", genesis.commit, "main").splitlines()
                return len(set(changed) - {piece.file for piece in self.pieces})

    def _links(self, workflow: Workflow) -> list[str]:
        match workflow:
            case Workflow.GENESIS:
                return [link for link in (self.project.repository_url,) if link]
            case Workflow.DEVELOPMENT:
                return [
                    link
                    for link in (f"{self.project.repository_url}/pulls", self.project.deployment_url)
                    if link
                ]
            case Workflow.CONTENT:
                base = f"{self.project.repository_url}/blob/main"
                return [f"{base}/{piece.file}" for piece in self.pieces]


def outcome_of(story: Story, hub: dict[str, Any], data: Path, seconds: float) -> Outcome:
    """Read everything back, past the bot: from the repositories and the hub's API."""
    factory = data / "repositories" / f"{hub['repository']}.git"
    listed = git(factory, "ls-tree", "-r", "--name-only", "state").splitlines()
    state = files.load({path: git(factory, "show", f"state:{path}").encode() for path in listed})
    project = next(one for one in state.projects.values() if one.asked_on == story.issue["number"])
    issues, pulls = [], []
    if project.repository:
        rows = story.person.get(f"{project.repository}/issues?state=all&per_page=100")
        issues = sorted(
            (row for row in rows if "dev-ready" in str(row["labels"])), key=lambda row: row["number"]
        )
        pulls = story.person.get(f"{project.repository}/pulls?state=all&per_page=100&direction=asc")
    return Outcome(
        project=project,
        state=state,
        issue_url=story.issue["html_url"],
        issues=issues,
        pulls=pulls,
        repository=data / "repositories" / f"{project.repository}.git",
        factory=factory,
        port=int(hub["url"].rpartition(":")[2]),
        seconds=seconds,
        url=hub["url"],
    )


def git(repository: Path, *arguments: str) -> str:
    """What a git command says; it must succeed."""
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, env=environment(), check=True, capture_output=True, text=True).stdout
