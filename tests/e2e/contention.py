"""Many writers on one branch: each event is settled by a cold process of its own.

Used by the suite in small and, with ``run``, by anybody who wants to measure it in large.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.stage import Done, Json, Stage

KINDS = ("comment", "claim", "report")
"""What a writer's events are, in turn."""


@dataclass
class Plan:
    """Prepared events of one writer: a comment's payload, or a phase of an assignment."""

    steps: list[Json | tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What became of a run."""

    events: tuple[str, ...]
    """Ids of the events that were to be settled."""
    seconds: tuple[float, ...]
    """How long each process took."""
    ended: tuple[Done, ...]
    wall: float
    """Seconds from the first start to the last end."""


def run(stage: Stage, writers: int, events: int) -> Outcome:
    """Let ``writers`` settle ``events`` each, at the same time.

    Needs a stage with room (``make_room``) for ``writers * ceil(events / 3)`` projects.
    """
    plans = _plans(stage, writers, events)
    ids: list[str] = []
    seconds: list[float] = []
    ended: list[Done] = []

    def write(plan: Plan, number: int) -> None:
        for step in plan.steps:
            id_, act = _prepare(stage, step, 5_000_000 + number)
            began = time.monotonic()
            done = act()
            seconds.append(time.monotonic() - began)
            ids.append(id_)
            ended.append(done)

    threads = [threading.Thread(target=write, args=(plan, n)) for n, plan in enumerate(plans)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Outcome(tuple(ids), tuple(seconds), tuple(ended), time.monotonic() - began)


def _plans(stage: Stage, writers: int, events: int) -> list[Plan]:
    """Comments are posted and tasks are assigned beforehand; only the settling is contended."""
    rounds = -(-events // len(KINDS))
    issue = stage.issue("Many ideas")
    assignments = _assignments(stage, issue, writers * rounds)
    plans = [Plan() for _ in range(writers)]
    for plan in plans:
        for _ in range(rounds):
            assignment = assignments.pop()
            comment = stage.comment(issue, "/status")
            plan.steps += [comment, ("claim", assignment), ("report", assignment)]
        del plan.steps[events:]
    return plans


def _assignments(stage: Stage, issue: int, wanted: int) -> list[str]:
    before = set(stage.projects_of(issue))
    for start in range(0, wanted, 20):
        lines = [f"/dispatch-genesis Idea number {n}" for n in range(start, min(start + 20, wanted))]
        stage.say(issue, "\n".join(lines))
    made = [stage.state().projects[id_] for id_ in stage.projects_of(issue) if id_ not in before]
    assert all(project.tasks[0].worker for project in made), "the stage has too few workers"
    return [f"{project.tasks[0].id}@{project.tasks[0].lease}" for project in made]


def _prepare(stage: Stage, step: Json | tuple[str, str], run_id: int) -> tuple[str, Callable[[], Done]]:
    """The event's id, and the process that settles it."""
    if isinstance(step, dict):
        payload = step
        return f"comment-{payload['comment']['id']}", lambda: stage.handle(payload)
    phase, assignment = step
    workspace: Path = stage.folder / f"contended-{assignment}"
    lease = assignment.rpartition("@")[2]
    return f"{phase}-{lease}-{run_id}-1", lambda: stage.work(phase, workspace, assignment, run_id)
