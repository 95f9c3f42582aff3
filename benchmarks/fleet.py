"""A fleet of 100 workers: what a tick costs, all of them reporting at once, and the pushes of a steady load.

Against the hub over HTTP. The aims: a tick under 1 s of processor time and 6 requests; all reports settled
within 20 s; at most 2 state pushes an assignment and 2 a minute (GitHub takes 6 a minute to a repository).
"""

from __future__ import annotations

import json
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from benchmarks.contention import Outcome, Size, assigned, race
from benchmarks.hub import Hub, serving, start
from benchmarks.measure import Series, surroundings, table, take_turns
from benchmarks.steady import Load, open_issues, steady
from benchmarks.worlds import all_busy
from bot.decide import decide
from bot.domain.effects import Outbox
from bot.domain.events.worked import WorkClaimed
from bot.domain.instances import Assignment
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus
from bot.hub.data.world import BOT
from bot.hub.serve import REPOSITORY

LIMIT = 300.0
"""Seconds after which the reports count as stuck."""
PUSHES = 6
"""State pushes a minute that GitHub takes to one repository (its "Repository limits")."""
READ = (
    "import os; from bot.bootstrap.session import session; from bot.domain import files\n"
    "with session(os.environ) as current: files.load(current.first_look().files)"
)
"""The least that any tick does: fetch the branch and read it."""


def report(*, quick: bool) -> Iterator[str]:
    """Measure each on a hub of its own."""
    workers, tasks, rounds = (20, 400, 3) if quick else (100, 5_000, 7)
    yield f"{surroundings()}; {workers} workers"
    yield _ticks(workers, tasks, rounds)
    yield _reports(workers)
    yield _reports(workers, warm=True)
    load = steady(workers=4 if quick else 10, minutes=15 if quick else 40)
    yield _steady(load, workers)


# a tick


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: processor seconds of it and its children, API requests, state pushes."""

    seconds: float
    requests: int
    pushes: int


def _ticks(workers: int, tasks: int, rounds: int) -> str:
    """A tick over a fleet at work that finds nothing new, and one that finds a tenth of the runs ended."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        base, held = _at_work(hub, workers, tasks)
        checkout = _checkout(Path(name))
        costs: dict[str, list[Cost]] = {}

        def contender(kind: str, words: Sequence[str], before: Callable[[], None]) -> Callable[[], float]:
            def measure() -> float:
                hub.git("update-ref", "refs/heads/state", base)
                before()
                cost = _cost(hub, words, checkout)
                costs.setdefault(kind, []).append(cost)
                return cost.seconds

            return measure

        runs = _Runs(hub, held)
        tick = ("-m", "bot", "tick")
        contenders = {
            "tick: nothing new": contender("idle", tick, lambda: runs.show(ended=0)),
            "tick: a tenth ended": contender("ended", tick, lambda: runs.show(ended=workers // 10)),
            "floor: fetch and read": contender("floor", ("-c", READ), lambda: None),
        }
        series = take_turns(contenders, rounds)
        return "\n".join(
            [
                f"a tick, {tasks} queued tasks, {len(hub.state()[0].projects)} projects: processor time",
                table(series),
                *(
                    _told(name, costs[kind])
                    for name, kind in (("nothing new", "idle"), ("a tenth ended", "ended"))
                ),
                f"nothing new / floor: {_ratio(series[0], series[2]):.1f}",
            ]
        )


def _told(name: str, costs: Sequence[Cost]) -> str:
    worst = max(costs, key=lambda cost: cost.requests)
    return f"{name}: {worst.requests} API requests, {max(cost.pushes for cost in costs)} pushes of the state"


def _ratio(over: Series, under: Series) -> float:
    return over.median / under.median


def _at_work(hub: Hub, workers: int, tasks: int) -> tuple[str, list[Assignment]]:
    """Every worker has claimed a task, whose run is under way on the hub."""
    now = hub.world.clock.now() - timedelta(minutes=5)
    state = all_busy(tasks // 20, 20, workers, now)
    held = sorted(
        (one.assignment for one in state.instances.values() if one.assignment), key=lambda one: one.lease
    )
    claims = [
        WorkClaimed(task=one.task, lease=one.lease, run_id=number, run_attempt=1, at=now)
        for number, one in enumerate(held, start=1)
    ]
    for part in range(0, len(claims), 100):
        state = decide(state, claims[part : part + 100], now).state
    open_issues(hub, len(state.projects))
    return hub.put(replace(state, outbox=Outbox())), held


class _Runs:
    """The runs of the fleet's assignments, as the hub lists them."""

    def __init__(self, hub: Hub, held: Sequence[Assignment]) -> None:
        self._hub, self._count = hub, len(held)
        world, (owner, name) = hub.world, REPOSITORY.split("/")
        for number, one in enumerate(held, start=1):
            run = world.runs.create(
                world.repositories.find(owner, name),
                "worker.yml",
                "workflow_dispatch",
                world.users.find(BOT),
                title=one.id,
            )
            world.db.execute(f"UPDATE runs SET id = {number} WHERE id = {run.id}")

    def show(self, *, ended: int) -> None:
        """The first so many are over, the others under way; dispatched since then: none."""
        sql = "DELETE FROM runs WHERE id > ?"
        self._hub.world.db.execute(sql, self._count)
        sql = "UPDATE runs SET status = 'completed', conclusion = 'failure' WHERE id <= ?"
        self._hub.world.db.execute(sql, ended)
        sql = "UPDATE runs SET status = 'in_progress', conclusion = NULL WHERE id > ?"
        self._hub.world.db.execute(sql, ended)


def _checkout(folder: Path) -> Path:
    """A run on Actions finds the configuration in its checkout: no request for it."""
    (folder / "checkout" / ".git").mkdir(parents=True)
    return folder / "checkout"


def _cost(hub: Hub, words: Sequence[str], checkout: Path) -> Cost:
    hub.door.passed.clear()
    environment = {**hub.environment(1), "GITHUB_WORKSPACE": str(checkout), "GITHUB_EVENT_NAME": "schedule"}
    process, _ = start(words, environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    _, err = process.communicate()
    if process.returncode:
        raise RuntimeError(err.decode("utf-8", "replace"))
    passed = list(hub.door.passed)
    return Cost(
        usage.ru_utime + usage.ru_stime,
        sum(one.is_api for one in passed),
        sum(one.pushes_state for one in passed),
    )


# all at once


def _reports(workers: int, *, warm: bool = False) -> str:
    """Each worker's ``work report`` is a process of its own, all started as fast as this machine can.

    ``warm``: they start and wait first, so that starting them is not part of it.
    """
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        ready = Path(name) / "ready"
        ready.mkdir()
        held = _claimed(hub, assigned(hub, workers))
        state, _ = hub.state()
        folders = [_finished(Path(name) / f"work-{number}", one, state) for number, one in enumerate(held)]

        def command(process: int, number: int) -> tuple[list[str], dict[str, str]]:
            words = ["work", "report", "--assignment", held[process].id, "--workspace", str(folders[process])]
            program = ["-m", "benchmarks.warm", str(ready)] if warm else ["-m", "bot"]
            return [*program, *words], hub.environment(process + 1)

        before = _processor_seconds()
        with _signalled(ready, workers) if warm else nullcontext():
            outcome = race(hub, Size(workers, 1, 0.0), command, LIMIT)
        used = _processor_seconds() - before
        state, _ = hub.state()
        done = sum(
            task.status is TaskStatus.DONE for project in state.projects.values() for task in project.tasks
        )
        kind = "reports at once, by processes that had started" if warm else "reports at once"
        return outcome.told(kind, done) + "\n" + _settled_after(hub, outcome, used)


@contextmanager
def _signalled(folder: Path, workers: int) -> Iterator[None]:
    """Let the processes go on at the same moment, when all of them are ready."""

    def signal() -> None:
        while len(list(folder.glob("ready-*"))) < workers:
            time.sleep(0.05)
        (folder / "go").touch()

    watching = threading.Thread(target=signal, daemon=True)
    watching.start()
    yield
    watching.join(1)


def _processor_seconds() -> float:
    """Of this process, which is the hub as well, and of all its children so far."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _settled_after(hub: Hub, outcome: Outcome, used: float) -> str:
    """From the first request of all to the end of the last push, and what the machine itself took."""
    passed = hub.door.passed
    last = max((one.ended for one in passed if one.pushes_state), default=0.0)
    seconds = last - min(one.began for one in passed)
    started = sorted(one.began for one in outcome.done)
    cores = os.cpu_count() or 1
    return (
        f"    the last one was settled {seconds:.1f} s after the first request; starting the processes took "
        f"{started[-1] - started[0]:.1f} s\n"
        f"    they and the hub used {used:.0f} s of processor time, {used / cores:.0f} s on each processor "
        "without any waiting (a worker on GitHub has processors of its own)"
    )


def _claimed(hub: Hub, held: Sequence[Assignment]) -> Sequence[Assignment]:
    state, now = hub.state()[0], hub.world.clock.now()
    claims = [
        WorkClaimed(task=one.task, lease=one.lease, run_id=number, run_attempt=1, at=now)
        for number, one in enumerate(held, start=1)
    ]
    for part in range(0, len(claims), 100):
        state = decide(state, claims[part : part + 100], now).state
    hub.put(state)
    return held


def _finished(folder: Path, held: Assignment, state: State) -> Path:
    """A workspace as an executor leaves it: the assignment, and a result that validates."""
    task = state.projects[held.project].task(held.task)
    order = {
        "assignment": held.id, "task": held.task, "workflow": "development",
        "specialty": task.specialty if task else "",
        "size": "standard", "project": held.project, "title": "T", "idea": "I", "idea_author": "wendy",
        "stack": "", "region": "", "priority": "normal", "attempt": 1, "time_limit": 60, "outputs": {},
        "executor": "template",
    }  # fmt: skip
    done = {"ok": True, "summary": "done"}
    feature = {"key": "x", "tests_run": 1, "tests_passed": 1}
    deployment = {"url": "https://app.example", "health": "200 OK"}
    (folder / "result").mkdir(parents=True)
    for name, content in (
        ("assignment.json", order),
        ("result/run.json", done),
        ("result/checked.json", done),
        ("result/feature.json", feature),
        ("result/deployment.json", deployment),
    ):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


# a steady load


def _steady(load: Load, workers: int) -> str:
    """What was counted, and from which task length on it stays within GitHub's limit."""
    each = 2 * load.work_pushes / (load.assignments + load.finished)  # a claim and a report
    minute = load.tick_pushes / load.minutes
    room = PUSHES - minute
    length = f"{each * workers / room:.0f} minutes" if room > 0 else "no length"
    return (
        f"steady load: {load.assignments} assignments in {load.minutes} minutes by {load.workers} workers, "
        f"a tick every 30 s\n"
        f"    {each:.2f} state pushes an assignment by the workers' runs, {minute:.2f} a minute by ticks, "
        f"{load.tick_requests / load.ticks:.1f} API requests a tick\n"
        f"    {workers} workers stay under {PUSHES} pushes a minute from a task length of {length} on"
    )
