"""An hour of a fleet at an even pace: workers claim, report and get their next task; a tick every 30 seconds.

Everything goes over HTTP to the hub, whose clock is set forward, so that an hour takes about a minute.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hub import Hub, serving
from benchmarks.worlds import fleet
from bot.adapters.actions import ActionsContext
from bot.app.tick import tick
from bot.bootstrap.session import Session, open_session
from bot.decide import decide
from bot.domain.events.batch import Event
from bot.domain.events.worked import WorkClaimed, WorkReported
from bot.domain.outputs import Deployment, FeatureProgress
from bot.hub.data.world import BOT
from bot.hub.serve import REPOSITORY

TASK_MINUTES = 10
"""How long each task takes."""
EVERY = 30
"""Seconds between two ticks."""


@dataclass(slots=True)
class Load:
    """What was counted."""

    workers: int
    minutes: int
    assignments: int = 0
    """Claimed; the last ones are still under way at the end."""
    finished: int = 0
    work_pushes: int = 0
    ticks: int = 0
    tick_pushes: int = 0
    tick_requests: int = 0


@dataclass(slots=True)
class _Shift:
    """A fleet at work on a hub."""

    hub: Hub
    load: Load
    runs: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))
    under_way: dict[str, int] = field(default_factory=dict)
    """Assignment → the second at which it ends."""

    def second(self, at: int) -> None:
        """What happens at this second: tasks end one by one, and what was assigned is claimed."""
        for assignment, end in sorted(self.under_way.items(), key=lambda pair: pair[1]):
            if end <= at:
                del self.under_way[assignment]
                self.load.finished += 1
                self._settle(self._reported(assignment))
                self.hub.world.runs.finish(self._run(assignment), "success")
        self._claim_all(at)
        if at % EVERY == 0:
            self._tick()

    def _claim_all(self, at: int) -> None:
        for worker in self.hub.state()[0].instances.values():
            held = worker.assignment
            if held is None or held.claimed_at is not None:
                continue
            self.load.assignments += 1
            first = self.load.assignments <= self.load.workers
            part = self.load.assignments / self.load.workers if first else 1
            self.under_way[held.id] = at + max(EVERY, int(60 * TASK_MINUTES * part))
            self._settle(self._event(held.id))

    def _event(self, assignment: str) -> WorkClaimed:
        task, _, lease = assignment.rpartition("@")
        now = self.hub.world.clock.now()
        return WorkClaimed(task=task, lease=int(lease), run_id=self._run(assignment), run_attempt=1, at=now)

    def _run(self, assignment: str) -> int:
        """The run that was dispatched for an assignment; the first ones were assigned without one."""
        world = self.hub.world
        repository = world.repositories.find(*REPOSITORY.split("/"))
        known = {run.title: run.id for run in world.runs.search(repository)}
        if assignment not in known:
            bot = world.users.find(BOT)
            run = world.runs.create(repository, "worker.yml", "workflow_dispatch", bot, title=assignment)
            known[assignment] = run.id
        world.runs.start(known[assignment])
        return known[assignment]

    def _reported(self, assignment: str) -> WorkReported:
        claim = self._event(assignment)
        return WorkReported(
            task=claim.task,
            lease=claim.lease,
            run_id=claim.run_id,
            run_attempt=1,
            at=claim.at,
            ok=True,
            feature=FeatureProgress(key="x", tests_run=1, tests_passed=1),
            deployment=Deployment(url="https://app.example", health="200 OK"),
        )

    def _settle(self, event: Event) -> None:
        self.hub.door.passed.clear()
        with self._session() as current:
            current.app().process([event], current.first_look())
        self.load.work_pushes += sum(one.pushes_state for one in self.hub.door.passed)

    def _tick(self) -> None:
        self.hub.door.passed.clear()
        with self._session() as current:
            tick(current.app(), current.observer, None, current.first_look())
        self.load.ticks += 1
        self.load.tick_pushes += sum(one.pushes_state for one in self.hub.door.passed)
        self.load.tick_requests += sum(one.is_api for one in self.hub.door.passed)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        info = self.hub.info
        context = ActionsContext(
            event_name="schedule",
            payload={},
            repository=REPOSITORY,
            api_url=info.api_url,
            graphql_url=info.graphql_url,
            server_url=info.url,
            token=info.bot_token,
            run_id=next(self.runs),
            run_attempt=1,
        )
        with open_session(context, {"PATH": os.environ["PATH"]}) as current:
            current.sleep = lambda seconds: None
            current.wall = self.hub.world.clock.now
            yield current


def steady(*, workers: int, minutes: int) -> Load:
    """Let a fleet work for so long on more than it can do; the minutes in which it begins count too."""
    load = Load(workers, minutes)
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        now = hub.world.clock.now()
        tasks = 2 * workers * (minutes // TASK_MINUTES + 2)
        hub.put(decide(fleet(-(-tasks // 5), 5, workers, now), [], now).state)
        shift = _Shift(hub, load)
        open_issues(hub, -(-tasks // 5))
        for at in range(0, 60 * minutes, EVERY):
            shift.second(at)
            hub.world.forward(EVERY)
    return load


def open_issues(hub: Hub, projects: int) -> None:
    """The projects' own issues, which labels are put on."""
    for number in range(projects):
        hub.call("wendy", "issues", {"title": f"Project {number}"})
