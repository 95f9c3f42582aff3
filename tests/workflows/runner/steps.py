"""Carries out steps, of a job or of a composite action, one after the other and as they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workflows.github_actions import GitHubActions
from tests.workflows.runner.command_files import CommandFiles
from tests.workflows.runner.machine import BASH, Finished, Machine
from tests.workflows.runner.values import Json, Scope

Fetch = Callable[[str, str], Path]
"""(``owner/name``, commit) → the folder with that repository's files."""


@dataclass(frozen=True)
class Used:
    """One call of an action that a stand-in takes the place of."""

    machine: Machine
    inputs: Mapping[str, str]
    shelf: Shelf
    status: Callable[[], str]
    """The job's status, asked for afterwards."""


@dataclass(frozen=True)
class Shelf:
    """What outlives a job: caches for the repository, artifacts for the run, and where code comes from."""

    caches: Path
    artifacts: Path
    fetch: Fetch
    repository: str
    commit: str


StandIn = Callable[[Used], Mapping[str, str]]


@dataclass(frozen=True)
class Step:
    """A step that has had its turn."""

    name: str
    """With the names of the actions that it is part of in front."""
    outcome: str
    """``success``, ``failure`` or ``skipped``."""
    log: str = ""
    began: float = 0.0
    """In seconds of the monotonic clock."""
    seconds: float = 0.0
    processor: float = 0.0
    """Seconds of processor time."""


@dataclass
class Job:
    """What all steps of a job have in common."""

    actions: GitHubActions
    machine: Machine
    shelf: Shelf
    stand_ins: Mapping[str, StandIn]
    contexts: Json
    """``github``, ``runner``, ``vars``, ``secrets``, ``inputs``, ``needs``, ``strategy``, ``matrix``."""
    done: list[Step] = field(default_factory=list)
    summary: str = ""
    status: str = "success"


COMPOSITE = ("github", "runner", "strategy", "matrix")
"""What the steps of a composite action see of the job's contexts: neither secrets nor variables."""


@dataclass
class Steps:
    """A list of steps with what is its own: contexts, environment, results."""

    job: Job
    contexts: Json
    environment: Mapping[str, str]
    prefix: str = ""
    results: Json = field(default_factory=dict)
    status: str = "success"

    def run(self, steps: list[Json]) -> None:
        """Every step in turn."""
        for number, step in enumerate(steps, 1):
            self._turn(step, str(step.get("name") or step.get("id") or number))
            if not self.prefix:
                self.job.status = self.status

    def scope(self, environment: Mapping[str, str] | None = None) -> Scope:
        """What an expression here can see."""
        env = {**self.environment, **self.job.machine.environment, **(environment or {})}
        job = {"status": self.status}
        contexts = {**self.contexts, "env": env, "steps": self.results, "job": job}
        return Scope(self.job.actions, contexts, self.status)

    def _turn(self, step: Json, name: str) -> None:
        shown = f"{self.prefix}{name}"
        if not self.scope().holds(step["if"]):
            self.job.done.append(Step(shown, "skipped"))
            self._note(step, "skipped", {})
            return
        own = self.scope().texts(step.get("env"))
        act = self._script if "run" in step else self._action
        succeeded, outputs = act(step, own, shown)
        self._note(step, "success" if succeeded else "failure", outputs)

    def _note(self, step: Json, outcome: str, outputs: Mapping[str, str]) -> None:
        forgiven = outcome == "failure" and step.get("continue-on-error") in (True, "true")
        if "id" in step:
            conclusion = "success" if forgiven else outcome
            self.results[step["id"]] = {
                "outcome": outcome,
                "conclusion": conclusion,
                "outputs": dict(outputs),
            }
        if outcome == "failure" and not forgiven:
            self.status = "failure"

    def _script(self, step: Json, own: Mapping[str, str], shown: str) -> tuple[bool, Mapping[str, str]]:
        scope, machine = self.scope(own), self.job.machine
        files = CommandFiles(machine, len(self.job.done) + 1)
        variables = {**self.environment, **machine.environment, **own, **files.variables}
        folder = self.contexts["github"].get("action_path")
        if folder:
            variables["GITHUB_ACTION_PATH"] = folder
        cwd = machine.workspace / scope.value(step.get("working-directory", "."))
        finished = machine.bash(str(scope.value(step["run"])), _flags(step), variables, cwd)
        files.carry_out()
        self.job.summary += files.summary()
        self.job.done.append(_finished(shown, finished))
        return finished.code == 0, files.outputs()

    def _action(self, step: Json, own: Mapping[str, str], shown: str) -> tuple[bool, Mapping[str, str]]:
        given = self.scope(own).texts(step.get("with"))
        uses = str(step["uses"])
        if uses.startswith("./"):
            return self._composite(self.job.machine.workspace / uses, given, own, shown)
        place, _, commit = uses.partition("@")
        owner, name, *folder = place.split("/")
        stand_in = self.job.stand_ins.get(place)
        if stand_in is None:
            fetched = self.job.shelf.fetch(f"{owner}/{name}", commit)
            return self._composite(fetched.joinpath(*folder), given, own, shown)
        outputs = stand_in(Used(self.job.machine, given, self.job.shelf, lambda: self.job.status))
        self.job.done.append(Step(shown, "success", f"a stand-in for {place}"))
        return True, outputs

    def _composite(
        self, folder: Path, given: Mapping[str, str], own: Mapping[str, str], shown: str
    ) -> tuple[bool, Mapping[str, str]]:
        path = folder.resolve() / "action.yml"
        document = self.job.actions.read(path.read_text("utf-8"), str(path), "action")
        assert document["runs"]["using"] == "composite", f"{path}: this runner knows composite actions alone"
        declared = document.get("inputs") or {}
        assert set(given) <= set(declared), f"{path} takes no {sorted(set(given) - set(declared))}"
        seen = {name: self.contexts[name] for name in COMPOSITE}
        seen["github"] = {**seen["github"], "action_path": str(path.parent)}
        defaults = Scope(self.job.actions, seen).texts(
            {name: one.get("default") for name, one in declared.items()}
        )
        seen["inputs"] = {**defaults, **given}
        inside = Steps(self.job, seen, {**self.environment, **own}, f"{shown} / ")
        inside.run(document["runs"]["steps"])
        outputs = {name: one["value"] for name, one in (document.get("outputs") or {}).items()}
        return inside.status == "success", inside.scope().texts(outputs)


def _flags(step: Mapping[str, Any]) -> tuple[str, ...]:
    shell = step.get("shell")
    assert shell in (None, "bash"), f"this runner has no shell {shell!r}"
    return BASH if shell else ("bash", "-e")


def _finished(shown: str, finished: Finished) -> Step:
    outcome = "failure" if finished.code else "success"
    return Step(shown, outcome, finished.log, finished.began, finished.seconds, finished.processor)
