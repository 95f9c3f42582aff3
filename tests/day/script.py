"""One day of a fleet on the hub, its clock replaced: twelve projects, and workers that stand in for agents.

The bot is the real one over real HTTP and git (``tests.commands.desk``). Only the workers are played: each
takes the run that was dispatched for it, needs a time that follows from its task's id, and says how it
went. Three things go wrong on purpose, so that retries, review and a person's help belong to the day.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.instances import Assignment
from bot.domain.models import Project, Task
from bot.domain.outputs import (
    ContentPiece,
    Deployment,
    FeatureProgress,
    GenesisOutput,
    PlannedIssue,
    Priority,
    Size,
)
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from tests.commands.desk import Desk
from tests.core.worlds import output
from tests.e2e.people import REPOSITORY


@dataclass(frozen=True)
class Asked:
    """A project of the day."""

    minute: int
    title: str
    size: Size
    priority: Priority
    features: tuple[int, ...]
    """The days that each of its features takes, which say how large its tasks are."""


ASKED = (
    Asked(0, "Photo sorter", Size.STANDARD, Priority.NORMAL, (1, 2)),
    Asked(0, "Recipe book", Size.QUICK, Priority.LOW, (1,)),
    Asked(1, "Chess clock", Size.LARGE, Priority.HIGH, (3, 1)),
    Asked(2, "Tide table", Size.QUICK, Priority.NORMAL, (1,)),
    Asked(3, "Bird song", Size.STANDARD, Priority.NORMAL, (2,)),
    Asked(4, "Star map", Size.LARGE, Priority.LOW, (3,)),
    Asked(5, "Tax form", Size.STANDARD, Priority.URGENT, (1, 1)),
    Asked(30, "Rain gauge", Size.QUICK, Priority.HIGH, (1,)),
    Asked(31, "Word list", Size.STANDARD, Priority.NORMAL, (1, 1)),
    Asked(60, "Bus stop", Size.QUICK, Priority.URGENT, (2,)),
    Asked(90, "Seed bank", Size.LARGE, Priority.NORMAL, (1, 1)),
    Asked(120, "Night sky", Size.STANDARD, Priority.HIGH, (1,)),
)

ALWAYS_FAILS = "tide-table"
"""Its Genesis fails until a person takes it out of review."""
FAILS_ONCE = ("photo-sorter", "bus-stop")
"""The first development task of each fails at its first attempt."""
TICK = timedelta(minutes=5)
PATIENCE = timedelta(hours=24)


@dataclass
class Day:
    """Plays the day: people ask, workers work, ticks pass, until nothing is left to do."""

    desk: Desk
    comments: list[dict[str, Any]] = field(default_factory=list)
    """The payloads of everything that was asked."""
    _due: list[tuple[datetime, int, str, Any]] = field(default_factory=list)
    _number: int = 0
    _taken: set[int] = field(default_factory=set)
    _helped: set[str] = field(default_factory=set)

    def play(self) -> None:
        """From the first idea to the last piece of content."""
        begin = self.desk.moment.now
        for asked in ASKED:
            self._at(begin + timedelta(minutes=asked.minute), "ask", asked)
        self._at(begin + TICK, "tick", None)
        while self._due and self.desk.moment.now < begin + PATIENCE:
            at, _, what, value = heapq.heappop(self._due)
            self.desk.moment.now = max(at, self.desk.moment.now)
            state: State = getattr(self, f"_{what}")(value)
            self._take_on(state)
            self._help(state)

    def _at(self, at: datetime, what: str, value: Any) -> None:
        self._number += 1
        heapq.heappush(self._due, (at, self._number, what, value))

    def _ask(self, asked: Asked) -> State:
        issue = self.desk.issue(asked.title)
        flags = f"--size {asked.size} --priority {asked.priority}"
        return self._say(issue, f"/dispatch-genesis {asked.title} {flags}")

    def _say(self, issue: int, body: str) -> State:
        payload = self.desk.comment(issue, body)
        self.comments.append(payload)
        return self.desk.handle(payload).state

    def _tick(self, _: None) -> State:
        state = self.desk.tick().state
        if len(state.projects) < len(ASKED) or any(
            one.stage != "complete" for one in state.projects.values()
        ):
            self._at(self.desk.moment.now + TICK, "tick", None)
        return state

    def _take_on(self, state: State) -> None:
        """Every worker with a new assignment finds its run, claims, and will report."""
        dispatched = {run["display_title"]: run["id"] for run in self._runs()}
        for worker in state.instances.values():
            held = worker.assignment
            if held and held.lease not in self._taken and held.id in dispatched:
                self._taken.add(held.lease)
                self._at(self.desk.moment.now + timedelta(seconds=20), "claim", (held, dispatched[held.id]))

    def _runs(self) -> list[dict[str, Any]]:
        path = f"/repos/{REPOSITORY}/actions/workflows/worker.yml/runs"
        rows: list[dict[str, Any]] = self.desk.call("ada", "GET", path, params={"per_page": 100})[
            "workflow_runs"
        ]
        return rows

    def _claim(self, given: tuple[Assignment, int]) -> State:
        held, run = given
        state = self.desk.settle(
            WorkClaimed(task=held.task, lease=held.lease, run_id=run, run_attempt=1, at=self.desk.moment.now)
        ).state
        project = state.projects[held.project]
        task = project.task(held.task)
        assert task is not None
        self._at(self.desk.moment.now + service_time(task), "report", (held, run, project, task))
        return state

    def _report(self, given: tuple[Assignment, int, Project, Task]) -> State:
        held, run, project, task = given
        says = self._outcome(project, task)
        self.desk.control("POST", f"/runs/{run}", {"status": "completed", "conclusion": "success"})
        common = {"task": held.task, "lease": held.lease}
        state = self.desk.settle(
            WorkReported(**common, run_id=run, run_attempt=1, at=self.desk.moment.now, **says)
        ).state
        if "genesis" not in says:
            return state
        return self.desk.settle(
            WorkPublished(**common, at=self.desk.moment.now, genesis=says["genesis"])
        ).state

    def _outcome(self, project: Project, task: Task) -> dict[str, Any]:
        slug = project.id.rpartition("-")[0]
        first = project.tasks[1].id if len(project.tasks) > 1 else ""
        stubborn = slug == ALWAYS_FAILS and project.id not in self._helped
        if (task.workflow is Workflow.GENESIS and stubborn) or (
            slug in FAILS_ONCE and task.id == first and task.attempt == 1
        ):
            return {
                "ok": False,
                "summary": "its own test failed",
                "command": "make test",
                "exit_code": 2,
                "output": "1 failed",
            }
        return {"ok": True, **result(project, task)}

    def _help(self, state: State) -> None:
        """A person takes what has landed in review out of it again, after a while."""
        for project in state.projects.values():
            if project.status == "review" and project.id not in self._helped:
                self._helped.add(project.id)
                self._at(self.desk.moment.now + timedelta(minutes=10), "retry", project)

    def _retry(self, project: Project) -> State:
        assert project.issue is not None
        return self._say(project.issue, "/retry")


def service_time(task: Task) -> timedelta:
    """What a stand-in needs: three to twelve minutes, always the same for the same task."""
    return timedelta(seconds=180 + sha256(task.id.encode()).digest()[0] * 540 // 255)


def result(project: Project, task: Task) -> dict[str, Any]:
    """What a stand-in hands on."""
    match task.workflow, task.specialty:
        case Workflow.GENESIS, _:
            return {"genesis": scaffold(project)}
        case Workflow.DEVELOPMENT, "deployment":
            url = f"https://{project.id}.example"
            return {"deployment": Deployment(url=url, health="200 OK")}
        case Workflow.DEVELOPMENT, _:
            return {"feature": FeatureProgress(key=task.item, tests_run=3, tests_passed=3)}
    piece = ContentPiece(
        kind=task.specialty, specialty=task.specialty, file=f"docs/{task.specialty}.md", words=300
    )
    return {"pieces": (piece,)}


def scaffold(project: Project) -> GenesisOutput:
    """A Genesis output with the features of the script, each waiting for the one before."""
    asked = next(one for one in ASKED if one.title == project.title)
    issues = tuple(
        PlannedIssue(
            key=f"part-{number}",
            title=f"Part {number} of {project.title}",
            body="…",
            acceptance=("it works",),
            specialty="tests",
            days=days,
            milestone="MVP",
            depends_on=(f"part-{number - 1}",) if number > 1 else (),
            number=number,
        )
        for number, days in enumerate(asked.features, 1)
    )
    url = f"https://github.example/acme/{project.id}"
    return output(title=project.title, issues=issues, repository=f"acme/{project.id}", repository_url=url)
