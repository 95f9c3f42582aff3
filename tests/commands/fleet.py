"""A fleet at work, two hours after its beginning: something of everything, built through ``decide`` alone.

| issue | project | where it is |
| --- | --- | --- |
| 1 | ``photo-sorter-1`` | development: five tasks running, others queued or waiting |
| 2 | ``recipe-book-2`` (high) | content: deployed, its documentation is done |
| 3 | ``chess-clock-3`` | genesis, in review after three failed attempts |
| 4, 5, 6 | ``tide-table-4``, ``bird-song-5``, ``star-map-6`` | genesis, each with a worker |
| 7 | ``tax-form-7`` (low) | genesis, queued |
| 8 | nobody's | |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.decide import decide
from bot.domain import invariants
from bot.domain.config import Config, Health
from bot.domain.effects import Outbox, Reply
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.instances import Assignment
from bot.domain.models import Task
from bot.domain.outputs import ContentPiece, Deployment, FeatureProgress, PlannedIssue
from bot.domain.scaling import Scaling
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from tests.core.worlds import BY_HAND, START, assignments, begun, output

TITLES = (
    "Photo sorter",
    "Recipe book",
    "Chess clock",
    "Tide table",
    "Bird song",
    "Star map",
    "Tax form",
)
NOBODYS = len(TITLES) + 1
"""The issue that is no project's own."""


PATIENT = Health(start_minutes=1_440)
"""Runs may wait for a runner as long as they like, so that a worker may hold what nobody has claimed yet."""


class Days:
    """Settles one event after the other, each a while after the one before."""

    def __init__(self, config: Config | None = None, *, scaling: Scaling = BY_HAND) -> None:
        patient = (config or Config()).model_copy(update={"health": PATIENT})
        self.state = begun(patient, scaling=scaling)
        self.now = START
        self._comments = 0

    def wait(self, **span: float) -> None:
        """Let time pass, and what is due happen."""
        self.now += timedelta(**span)
        self.settle()

    def settle(self, *events: Event) -> State:
        """Decide at the present time; the state must hold together."""
        self.state = decide(self.state, events, self.now).state
        invariants.check(self.state)
        return self.state

    def say(self, body: str, issue: int, **changes: Any) -> State:
        """Somebody comments."""
        self._comments += 1
        values: dict[str, Any] = {"actor": "wendy", "role": "write", "at": self.now} | changes
        return self.settle(CommentCreated(comment=self._comments, issue=issue, body=body, **values))

    def held(self, task: str) -> Assignment:
        """The assignment of a task."""
        return next(one for one in assignments(self.state) if one.task == task)

    def claim(self, task: str) -> Assignment:
        """The task's run starts; its run id is its lease's last digits."""
        held = self.held(task)
        self.settle(
            WorkClaimed(task=task, lease=held.lease, run_id=held.lease % 10_000, run_attempt=1, at=self.now)
        )
        return held

    def report(self, task: str, **result: Any) -> None:
        """The task's run ends."""
        held = self.held(task)
        values = {"ok": True, **result}
        self.settle(
            WorkReported(
                task=task, lease=held.lease, run_id=held.lease % 10_000, run_attempt=1, at=self.now, **values
            )
        )

    def do(self, task: str, minutes: float = 10) -> None:
        """A task is claimed, worked on, and ends well; one of Genesis is published as well."""
        held = self.claim(task)
        self.wait(minutes=minutes)
        found = self.state.projects[held.project].task(task)
        assert found is not None
        self.report(task, **result(found))
        if found.workflow is Workflow.GENESIS:
            made = features(held.project, 2)
            self.settle(WorkPublished(task=task, lease=held.lease, at=self.now, genesis=made))

    def fail(self, task: str, minutes: float = 5) -> None:
        """A task is claimed, and ends badly."""
        self.claim(task)
        self.wait(minutes=minutes)
        self.report(
            task,
            ok=False,
            summary="the scaffold's own test failed: 1 of 1",
            command="python -m pytest",
            exit_code=1,
            output="E       assert 2 == 3\n1 failed in 0.02s",
            run_url="https://github.example/acme/factory/actions/runs/7",
        )


def features(project: str, count: int) -> Any:
    """What Genesis hands on: so many features of three days, each on its own."""
    issues = tuple(
        PlannedIssue(
            key=f"part-{number}",
            title=f"Part {number}",
            body="…",
            acceptance=("it works",),
            specialty="tests",
            days=3,
            milestone="MVP",
            number=number,
        )
        for number in range(1, count + 1)
    )
    url = f"https://github.example/acme/{project}"
    return output(title=project, issues=issues, repository=f"acme/{project}", repository_url=url)


def result(task: Task) -> dict[str, Any]:
    """What a worker hands on for a task that went well."""
    match task.workflow, task.specialty:
        case Workflow.GENESIS, _:
            return {"genesis": output()}
        case Workflow.DEVELOPMENT, "deployment":
            return {"deployment": Deployment(url="https://recipes.example", health="200 OK")}
        case Workflow.DEVELOPMENT, _:
            return {"feature": FeatureProgress(key=task.item or "x", tests_run=4, tests_passed=4)}
    piece = ContentPiece(kind="user guide", specialty=task.specialty, file="docs/guide.md", words=640)
    return {"pieces": (piece,)}


def finish_development(days: Days, project: str) -> None:
    """Every development task of a project is done, one after the other."""
    while days.state.projects[project].stage == "development":
        ready = [held.task for held in assignments(days.state) if held.project == project]
        days.do(ready[0], minutes=4)


def at_work(config: Config | None = None, change: Callable[[Days], None] = lambda days: None) -> State:
    """The fleet of the table above, every reply delivered; ``change`` does more with it.

    Where many tests share a hub, a reply that is left to deliver is found among those of other tests.
    """
    days = Days(config)
    days.say("/dispatch-genesis Recipe book --priority high", issue=2)
    days.do("recipe-book-2.genesis", minutes=6)
    finish_development(days, "recipe-book-2")
    days.do("recipe-book-2.documentation", minutes=7)
    days.say("/dispatch-genesis Chess clock", issue=3)
    for _ in range(3):
        days.fail("chess-clock-3.genesis", minutes=3)
        days.wait(minutes=3)
    days.say("/dispatch-genesis Photo sorter", issue=1)
    held = days.claim("photo-sorter-1.genesis")
    days.wait(minutes=8)
    days.report("photo-sorter-1.genesis", genesis=output())
    made = features("photo-sorter-1", 7)
    days.settle(WorkPublished(task="photo-sorter-1.genesis", lease=held.lease, at=days.now, genesis=made))
    days.claim("photo-sorter-1.part-1.tests")
    days.wait(minutes=2)
    for number, title in ((4, "Tide table"), (5, "Bird song"), (6, "Star map")):
        days.say(f"/dispatch-genesis {title}", issue=number)
    days.say("/dispatch-genesis Tax form --priority low", issue=7)
    days.claim("tide-table-4.genesis")
    days.wait(minutes=1)
    change(days)
    left = tuple(entry for entry in days.state.outbox.entries if not isinstance(entry.effect, Reply))
    return replace(days.state, outbox=Outbox(entries=left))
