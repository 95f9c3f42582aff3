"""Development on the hub: claims and reports as real processes, the work between them by hand."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.models import Project, Task
from bot.hub.data.world import APP
from tests.e2e.bot_process import Done
from tests.e2e.people import REPOSITORY, Json
from tests.e2e.stage import UNGUARDED, Stage
from tests.executors.agents import DRAFT, SCAFFOLD, Agent, leave
from tests.hub.driver import git_environment
from tests.publishing.projects import Work

RULE = (
    "pull_requests: {{merge: {merge}, checks_seconds: 0, look_seconds: 5}}\n"
    "delivery: {{publish_seconds: {publish_seconds}}}\n"
)
SITE = {"index.html": "<h1>Hello</h1>", ".nojekyll": ""}
_ROSTER = ", ".join(f"{{id: dev-{number:02}}}" for number in range(1, 31))
POOLS = (
    "pools:\n  genesis: {executor: command}\n  content: {executor: command}\n"
    f"  development: {{executor: command, minimum: 2, maximum: 30, roster: [{_ROSTER}]}}\n"
)
"""Room for tests that leave workers at their tasks."""


def git(where: Path, *words: str) -> str:
    moment = {"GIT_AUTHOR_DATE": "@1763880000 +0000", "GIT_COMMITTER_DATE": "@1763880000 +0000"}
    done = subprocess.run(
        ["git", *words],
        cwd=where,
        env={**git_environment(), **moment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(checkout: Path, files: Mapping[str, str], message: str) -> None:
    for path, text in files.items():
        target = checkout / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", message)


@dataclass
class Development:
    """A project whose Genesis is done: issues `page`, and `button` that depends on it."""

    stage: Stage
    folder: Path
    id: str
    runs: Iterator[int] = field(default_factory=lambda: itertools.count(7_001))

    @property
    def project(self) -> Project:
        return self.stage.state().projects[self.id]

    @property
    def repository(self) -> str:
        return self.project.repository

    @property
    def base(self) -> str:
        """The branch that everything is merged into."""
        return self.stage.state().genesis[self.id].default_branch

    def task(self, name: str) -> Task:
        found = self.project.task(f"{self.id}.{name}")
        assert found is not None
        return found

    def pulls(self) -> list[Json]:
        return sorted(
            self.stage.every(f"/repos/{self.repository}/pulls", state="all"), key=lambda one: one["number"]
        )

    def files(self, branch: str) -> dict[str, bytes]:
        return self.stage.repository(self.repository).files(branch)

    def land(self, files: Mapping[str, str]) -> None:
        """Somebody else pushes to the default branch."""
        where = self.folder / "somebody-else"
        address = self.stage.info.url.replace("://", f"://x:{self.stage.token(APP)}@")
        git(self.folder, "clone", "--quiet", f"{address}/{self.repository}.git", str(where))
        commit(where, files, "Something else")
        git(where, "push", "--quiet", "origin", "HEAD:main")

    def claim(self, name: str) -> Claimed:
        """A worker's run claims its assignment and is handed the repository."""
        task = self.task(name)
        claimed = Claimed(self, f"{task.id}@{task.lease}", next(self.runs), self.folder / f"w-{task.lease}")
        done = claimed.phase("claim")
        assert done.code == 0, done.log
        return claimed

    def do(self, name: str, files: Mapping[str, str] | None = None, **output: Any) -> Done:
        """A whole assignment that ends well."""
        claimed = self.claim(name)
        claimed.leave(files, **output)
        return claimed.report()

    def finish(self) -> None:
        """Both features, up to their merging."""
        for key in ("page", "button"):
            self.do(f"{key}.feature", {f"site/{key}.html": f"<h1>{key}</h1>\n"})
            self.do(f"{key}.review", verdict="approved", review="Good.")

    def deploy(self) -> Done:
        """The deployment's assignment, with a site that was built from the default branch."""
        claimed = self.claim("deployment")
        work = Work(claimed.workspace / "work.git")
        git(claimed.workspace, "init", "--quiet", "--bare", "work.git")
        source = self.stage.repository(self.repository).head(self.base)
        files = {**SITE, "deployment.json": f'{{"commit": "{source}"}}'}
        claimed.leave(name="deployment.json", kind="pages", commit=source)
        bundle = claimed.workspace / "result" / "site.bundle"
        work.bundle(bundle, "gh-pages", work.commit(files, message=f"Site of {source}"))
        return claimed.report()


@dataclass
class Claimed:
    """An assignment that was granted, with its workspace."""

    owner: Development
    assignment: str
    run: int
    workspace: Path

    @property
    def order(self) -> Json:
        value: Json = json.loads((self.workspace / "assignment.json").read_text("utf-8"))
        return value

    @property
    def checkout(self) -> Path:
        """What the executor would begin at: a clone of what was handed over."""
        where = self.workspace / "checkout"
        if not where.exists():
            bundle = self.workspace / "repository.bundle"
            git(self.workspace, "clone", "--quiet", str(bundle), str(where))
            branch = self.order["branch"]
            known = git(where, "branch", "--remotes", "--list", f"origin/{branch}")
            git(where, "checkout", "--quiet", "-B", branch, f"origin/{branch}" if known else "HEAD")
        return where

    def leave(self, files: Mapping[str, str] | None = None, **output: Any) -> None:
        """What an executor leaves: a commit of these files on the task's branch, and the output."""
        result = self.workspace / "result"
        result.mkdir(exist_ok=True)
        for name in ("run.json", "checked.json"):
            (result / name).write_text('{"ok": true, "summary": "done"}', "utf-8")
        if files:
            base = git(self.checkout, "rev-parse", "HEAD")
            commit(self.checkout, files, f"Work on {self.order['task']}")
            bundle = str(result / "change.bundle")
            git(self.checkout, "bundle", "create", "--quiet", bundle, self.order["branch"], f"^{base}")
        name = output.pop("name", "feature.json")
        counted = {"key": self.order["item"] or "x", "branch": self.order["branch"]}
        content = (
            {**counted, "tests_run": 2, "tests_passed": 2, **output} if name == "feature.json" else output
        )
        (result / name).write_text(json.dumps(content), "utf-8")

    def phase(self, name: str, **variables: str) -> Done:
        return self.owner.stage.work(name, self.workspace, self.assignment, self.run, **variables)

    def report(self, **variables: str) -> Done:
        done = self.phase("report", **variables)
        assert done.code == 0, done.log
        return done


def scaffolded(
    stage: Stage,
    folder: Path,
    *,
    merge: str = "auto",
    publish_seconds: int = 0,
    more: str = "",
    plan: Mapping[str, Any] = DRAFT,
    report: Callable[[str, Path, int], None] | None = None,
) -> Development:
    """A project with two issues, one after the other, in a configuration of its own.

    ``report`` is what is done in the place of Genesis' last phase: with assignment, workspace and run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rule = RULE.format(merge=merge, publish_seconds=publish_seconds)
    stage.configure(POOLS + rule + UNGUARDED + more)
    stage.tick()
    agent = Agent(folder, "command")
    agent.install("success", SCAFFOLD + leave("genesis.json", plan))
    before, stage.path = stage.path, f"{folder / 'bin'}{os.pathsep}{stage.path}"
    try:
        payload = stage.say(stage.issue("A page"), "/dispatch-genesis A page")
        (project,) = stage.projects_of(payload["issue"]["number"])
        assignment, workspace = stage.assignment(project), folder / "genesis"
        for phase in ("claim", "run", "check", "report"):
            if phase == "report" and report is not None:
                report(assignment, workspace, 6_999)
                continue
            done = stage.work(phase, workspace, assignment, 6_999)
            assert done.code == 0, done.log
    finally:
        stage.path = before
    made = Development(stage, folder, project)
    where = f"acme/{project}" if stage.makes_repositories else REPOSITORY
    assert made.repository == where, made.project
    return made
