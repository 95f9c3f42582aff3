"""A fleet for the chaos run: a hub with its runner, worker processes beside it, and people who ask."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.bootstrap.hub import prepare_hub
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus
from bot.hub.data.records import Comment, HubEvent
from bot.hub.data.refusals import Refusal
from bot.hub.data.runs import RunQuery
from bot.hub.data.world import APP, BOT
from bot.hub.runner.runner import HubInfo, Runner
from bot.hub.serve import running
from tests.chaos.troubles import Troubles
from tests.e2e.stage import REPOSITORY, Process, Stage

PROGRAM = Path(__file__).with_name("program.py")
TICK_EVERY = 2.0
"""Seconds between two looks of the monitor, which the hub's runner starts."""
CONFIG = """\
deployment: {{kind: agent}}
attempts: {{limit: 12, backoff_seconds: 1}}
delivery: {{grace_seconds: 20, limit: 20}}
sweep: {{lag_seconds: 2, stale_minutes: 1}}
health: {{heartbeat_minutes: 0.5, start_minutes: 5}}
external: {{beat_seconds: 5, pushes_per_minute: 600}}
pools:
  genesis: {{maximum: 20, roster: [], {common}}}
  development: {{maximum: 20, roster: [{development}], {common}}}
  content: {{maximum: 20, roster: [{content}], {common}}}
"""
COMMON = "minimum: 0, expected_minutes: 1, time_limit_minutes: 5"
IDEA = "A page about {}\n\n- It must list them\n- It must search them\n- It should count them"
THINGS = ("birds", "boats", "bells", "books", "beans", "bolts", "bays", "barns")


@dataclass
class Fleet:
    """Everything that a chaos run is made of."""

    stage: Stage
    folder: Path
    workers: int
    events: list[HubEvent] = field(default_factory=list)
    """Every comment by a person, as the webhook told it."""
    asked: list[Comment] = field(default_factory=list)
    doubles: list[Process] = field(default_factory=list)
    _outposts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def configure(self) -> None:
        """A quarter of the workers are processes beside the hub, the others are runs on it."""
        runs = self.workers - self.workers // 4
        names = {
            "development": [f"{{id: dev-{n:02}}}" for n in range(1, runs - runs // 3 + 1)],
            "content": [f"{{id: content-{n:02}}}" for n in range(1, runs // 3 + 1)],
        }
        rosters = {name: ", ".join(ids) for name, ids in names.items()}
        self.stage.configure(CONFIG.format(common=COMMON, **rosters))
        self.stage.tick()
        assert self.stage.state().config.attempts.limit == 12, self.stage.state().alerts
        self.stage.say(self.stage.issue(), "/scale-down genesis 3", "ada")

    # people

    def ask(self, number: int) -> None:
        """A person opens an issue and dispatches Genesis on it; only the hub's runner hears of it."""
        world = self.stage.world
        thing = f"{THINGS[number % len(THINGS)]} number {number}"
        person = world.users.find("wendy")
        issue = world.issues.create(self._repository, person, thing, IDEA.format(thing))
        self.asked.append(world.comments.create(issue, person, "/dispatch-genesis"))

    def say(self, chance: random.Random) -> None:
        """A person asks for something that changes nothing for good."""
        world = self.stage.world
        where = world.issues.find(self._repository, self.asked[0].issue_number)
        line = chance.choice(["/status", "/queues", "/instances", "/rebalance", "/metrics", "/priority high"])
        self.asked.append(world.comments.create(where, world.users.find("ada"), line))

    @property
    def _repository(self):  # noqa: ANN202 - the hub's own record
        return self.stage.world.repositories.find(*REPOSITORY.split("/"))

    def again(self, chance: random.Random) -> None:
        """A second ``handle`` for an event that was told before."""
        if self.events:
            event = chance.choice(self.events)
            self.doubles.append(self.stage.start_handle(event.payload))

    def evict(self, chance: random.Random) -> None:
        """Somebody cancels the newest run of a command."""
        world = self.stage.world
        found = world.runs.search(self._repository, RunQuery(workflow="commands.yml"))
        with suppress(Refusal):
            if found and found[0].status != "completed":
                world.runs.cancel(self._repository, world.users.find("ada"), found[0].id)

    # processes

    def victims(self) -> list[psutil.Process]:
        """The bot's processes: children of this one, each the leader of its group."""
        found = []
        for child in psutil.Process().children():
            with suppress(psutil.Error, ProcessLookupError):
                is_bot = any(word in (str(PROGRAM), "bot") for word in child.cmdline()[1:3])
                if is_bot and os.getpgid(child.pid) == child.pid and child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child)
        return found

    def keep_up(self) -> None:
        """Start each worker process that is not there (any more)."""
        for number in range(1, self.workers // 4 + 1):
            id_ = f"far-{number:02}"
            there = self._outposts.get(id_)
            if there is None or there.poll() is not None:
                self._outposts[id_] = self._start(id_)

    def _start(self, id_: str) -> subprocess.Popen[bytes]:
        place = self.folder / id_
        place.mkdir(parents=True, exist_ok=True)
        environment = {
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "GITHUB_SERVER_URL": self.stage.info.url,
            "GITHUB_TOKEN": self.stage.token(BOT),
            "ORCHESTRATOR_GENESIS_TOKEN": self.stage.token(APP),
        }
        words = ["--id", id_, "--workflow", "genesis", "--repository", REPOSITORY, "--poll", "0.5"]
        with (place / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "bot", "worker", *words, "--workspace", str(place / "work")],
                cwd=place,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def end(self) -> None:
        """No process of the fleet's own is left."""
        for popen in self._outposts.values():
            if popen.poll() is None:  # the number of one that has ended may be somebody else's by now
                os.killpg(popen.pid, signal.SIGKILL)
                popen.wait()
        for double in self.doubles:
            double.done()


@contextmanager
def fleet(folder: Path, workers: int, seed: int) -> Iterator[tuple[Fleet, Troubles]]:
    """A hub whose runner starts the bot for every event, and all its workers."""
    with running(folder / "hub", bot_requests_per_hour=10_000_000) as (world, server, info):
        prepare_hub(info)
        stage = Stage(world, info, folder / "runs")
        made = Fleet(stage, folder / "outposts", workers)
        made.configure()
        unsubscribe = world.subscribe(lambda event: _note(made, event))
        command = (sys.executable, str(PROGRAM))
        runner = Runner(
            world, HubInfo.of(world, REPOSITORY), tick_every=TICK_EVERY, workers=workers, command=command
        )
        troubles = Troubles(seed, server.faults, made.victims, made.again, made.evict)
        runner.start()
        try:
            yield made, troubles
        finally:
            troubles.end()
            unsubscribe()
            runner.stop()
            made.end()
            stage.close()


def _note(made: Fleet, event: HubEvent) -> None:
    if event.name == "issue_comment" and event.action == "created" and event.actor not in (BOT, APP):
        made.events.append(event)


def wait_until(
    done: Callable[[], bool], seconds: float, every: float, meanwhile: Callable[[float], object]
) -> bool:
    """Look now and then until it is so; False where it never was."""
    pause, until = threading.Event(), time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        pause.wait(every)
        meanwhile(time.monotonic())
    return True


def open_tasks(state: State) -> list[str]:
    """Tasks that are neither done nor in review, nor behind one that is."""
    return [
        f"{task.id}: {task.status}"
        for project in state.projects.values()
        for task in project.tasks
        if task.status not in (TaskStatus.DONE, TaskStatus.REVIEW)
        and not any(
            (needed := project.task(id_)) and needed.status is TaskStatus.REVIEW for id_ in task.depends_on
        )
    ]
