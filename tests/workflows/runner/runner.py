"""A small runner: starts for an event what GitHub would start, and carries out each step as it stands.

The files are read by GitHub's own parser, conditions and expressions evaluated by its own evaluator
(``tests/workflows/github_actions.py``); scripts are run by bash. Left out: concurrency groups, matrices,
containers, reusable workflows, environments, and machines of their own; jobs follow each other.
"""

from __future__ import annotations

import io
import json
import platform
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.hub.data.records import HubEvent, Repository, Role
from bot.hub.data.world import BOT, World
from bot.hub.setup import HubInfo
from tests.e2e.repository import Bare
from tests.workflows.github_actions import GitHubActions
from tests.workflows.runner.events import Event, inputs_of, starts
from tests.workflows.runner.machine import Machine
from tests.workflows.runner.stand_ins import STAND_INS
from tests.workflows.runner.steps import Job, Shelf, Step, Steps
from tests.workflows.runner.values import Json, Scope

READER = "github-actions-reader[bot]"
"""Whose token a job without any permission to write gets: one that may only read."""


@dataclass
class JobDone:
    """A job that has had its turn."""

    result: str
    """``success``, ``failure`` or ``skipped``."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    summary: str = ""
    folder: Path | None = None
    """What its machine has left."""

    @property
    def told(self) -> Json:
        """What later jobs read of it."""
        return {"result": self.result, "outputs": dict(self.outputs)}

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    def __str__(self) -> str:
        return "\n".join(f"{step.outcome}: {step.name}\n{step.log}" for step in self.steps)


@dataclass
class Run:
    """A run of a workflow."""

    id: int
    file: str
    jobs: dict[str, JobDone] = field(default_factory=dict)

    @property
    def results(self) -> dict[str, str]:
        """Each job's result."""
        return {name: job.result for name, job in self.jobs.items()}

    def __str__(self) -> str:
        return "\n".join(f"{self.file} {name}: {job.result}\n{job}" for name, job in self.jobs.items())

    @property
    def conclusion(self) -> str:
        """What GitHub says of the run."""
        found = set(self.results.values())
        return "failure" if "failure" in found else "skipped" if found == {"skipped"} else "success"


@dataclass
class Runner:
    """The runs of one repository of the hub."""

    world: World
    info: HubInfo
    actions: GitHubActions
    folder: Path
    repository: str
    caches: Path
    waiting: list[Event] = field(default_factory=list)

    def next(self) -> list[Run]:
        """The runs that the event which has waited longest starts, to their ends."""
        return list(self._started_by(self.waiting.pop(0)))

    def schedule(self, cron: str) -> None:
        """The schedule comes round."""
        self.waiting.append(Event("schedule", {"schedule": cron}, self._record.owner))

    def hear(self, event: HubEvent) -> None:
        """What the hub tells: nothing of what a workflow's own token does, but for its dispatches."""
        if event.repository != self.repository:
            return
        dispatched = event.name == "workflow_dispatch"
        payload = json.loads(json.dumps(event.payload))
        workflow = payload["workflow"].rpartition("/")[2] if dispatched else ""
        self.waiting.append(Event(event.name, payload, event.actor, event.run_id or 0, workflow))

    @property
    def _record(self) -> Repository:
        owner, _, name = self.repository.partition("/")
        return self.world.repositories.find(owner, name)

    def _bare(self, repository: str) -> Bare:
        return Bare(Path(self.info.data) / "repositories" / f"{repository}.git")

    def _started_by(self, event: Event) -> Iterator[Run]:
        bare = self._bare(self.repository)
        head = bare.head(self._record.default_branch)
        paths = bare.text("ls-tree", "--name-only", head, ".github/workflows/").splitlines()
        for path in paths:
            file = path.rpartition("/")[2]
            if event.workflow not in ("", file):
                continue
            document = self.actions.read(bare.text("show", f"{head}:{path}") + "\n", path)
            if starts(document["on"], event):
                yield self._run(document, file, event, head)

    def _run(self, document: Json, file: str, event: Event, head: str) -> Run:
        run_id = event.run_id
        if not run_id:
            actor = self.world.users.find(event.actor)
            run_id = self.world.runs.create(self._record, file, event.name, actor).id
        self.world.runs.start(run_id)
        run = Run(run_id, file)
        contexts = self._contexts(document, file, event, head, run_id)
        for name in _in_order(document["jobs"]):
            run.jobs[name] = self._job(document, name, run, contexts)
        self.world.runs.finish(run_id, run.conclusion)
        return run

    def _contexts(self, document: Json, file: str, event: Event, head: str, run_id: int) -> Json:
        owner, name = self.repository.split("/")
        ref = f"refs/heads/{self._record.default_branch}"
        github = {
            "actor": event.actor,
            "api_url": self.info.api_url,
            "event": event.payload,
            "event_name": event.name,
            "graphql_url": f"{self.info.url}/api/graphql",
            "ref": ref,
            "ref_name": self._record.default_branch,
            "repository": self.repository,
            "repository_owner": owner,
            "run_attempt": "1",
            "run_id": str(run_id),
            "server_url": self.info.url,
            "sha": head,
            "workflow": document.get("name") or file,
            "workflow_ref": f"{self.repository}/.github/workflows/{file}@{ref}",
        }
        store, record = self.world.secrets, self.world.repositories.find(owner, name)
        boss = self.world.users.find(owner)
        secrets = {row["name"]: store.value(record, row["name"]) for row in store.secrets(record, boss)}
        variables = {row["name"]: row["value"] for row in store.variables(record, boss)}
        inputs = inputs_of(document["on"], event)
        return {"github": github, "secrets": secrets, "vars": variables, "inputs": inputs}

    def _job(self, document: Json, name: str, run: Run, contexts: Json) -> JobDone:
        job = document["jobs"][name]
        assert "strategy" not in job, f"{name}: this runner knows no matrix"
        needs = {one: run.jobs[one].told for one in _needs(job)}
        before = {run.jobs[one].result for one in _all_needed(document["jobs"], name)}
        status = "failure" if "failure" in before else "success" if before <= {"success"} else "skipped"
        contexts = {**contexts, "needs": needs}
        if not Scope(self.actions, contexts, status).holds(job["if"]):
            return JobDone("skipped")
        permissions = job.get("permissions", document.get("permissions"))
        with self._token(permissions) as token:
            contexts["github"] = {**contexts["github"], "token": token}
            return self._perform(document, job, name, run, contexts)

    def _perform(self, document: Json, job: Json, name: str, run: Run, contexts: Json) -> JobDone:
        folder = self.folder / f"{run.id}-{run.file}-{name}"
        github = {**contexts["github"], "job": name}
        machine = Machine(folder, _variables(github, folder / "event.json"))
        (folder / "event.json").write_text(json.dumps(github["event"]), encoding="utf-8")
        shelf = Shelf(
            self.caches, self.folder / f"{run.id}-artifacts", lambda *at: self._fetched(machine, *at),
            self.repository, str(github["sha"]),
        )  # fmt: skip
        github["workspace"] = str(machine.workspace)
        around = {"os": "Linux", "temp": str(machine.temp)}
        contexts = {**contexts, "github": github, "runner": around, "strategy": {}, "matrix": {}}
        common = Job(self.actions, machine, shelf, STAND_INS, contexts)
        outer = Scope(self.actions, contexts)
        environment = {**outer.texts(document.get("env")), **outer.texts(job.get("env"))}
        steps = Steps(common, contexts, environment)
        steps.run(job["steps"])
        for afterwards in machine.afterwards:
            afterwards(steps.status)
        outputs = steps.scope().texts(job.get("outputs"))
        return JobDone(steps.status, outputs, common.done, common.summary, folder)

    @contextmanager
    def _token(self, permissions: object) -> Iterator[str]:
        """The job's own token, which ends with it. Of permissions the hub knows reading and writing."""
        writes = isinstance(permissions, dict) and "write" in permissions.values()
        login = self.world.users.create(BOT if writes else READER, "Bot").login
        self.world.users.set_role(self._record, login, Role.WRITE if writes else Role.READ)
        token = self.world.users.add_token(login)
        try:
            yield token
        finally:
            self.world.db.execute("DELETE FROM tokens WHERE token = ?", token)

    def _fetched(self, machine: Machine, repository: str, commit: str) -> Path:
        """A repository's files at a commit, on this job's machine."""
        folder = machine.folder / "actions" / repository / commit
        if not folder.is_dir():
            packed = self._bare(repository).git("archive", "--format=tar", commit)
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(folder, filter="tar")
        return folder


def _variables(github: Json, event: Path) -> dict[str, str]:
    names = ("actor", "api_url", "event_name", "graphql_url", "job", "ref", "ref_name", "repository")
    names += ("repository_owner", "run_attempt", "run_id", "server_url", "sha", "workflow", "workflow_ref")
    told = {f"GITHUB_{name.upper()}": str(github[name]) for name in names}
    here = {"RUNNER_OS": "Linux", "RUNNER_ARCH": platform.machine(), "RUNNER_ENVIRONMENT": "github-hosted"}
    return {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event), **told, **here}


def _needs(job: Json) -> list[str]:
    needs = job.get("needs") or []
    return [needs] if isinstance(needs, str) else list(needs)


def _all_needed(jobs: Json, name: str) -> set[str]:
    direct = _needs(jobs[name])
    return set(direct).union(*(_all_needed(jobs, one) for one in direct))


def _in_order(jobs: Json) -> list[str]:
    order: list[str] = []
    while len(order) < len(jobs):
        ready = [name for name in jobs if name not in order and set(_needs(jobs[name])) <= set(order)]
        assert ready, "jobs that wait for each other"
        order += ready
    return order


@contextmanager
def listening(runner: Runner) -> Iterator[Runner]:
    """A runner that hears what happens at the hub."""
    unsubscribe = runner.world.subscribe(runner.hear)
    try:
        yield runner
    finally:
        unsubscribe()
