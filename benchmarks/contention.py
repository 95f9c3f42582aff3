"""Many cold processes on one branch: each settles one event after the other, all at the same time.

Three runs over HTTP: workers' claims, comments, and as the comparison the same claims by naive retry,
which is stopped after a time limit.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hub import Hub, Process, finish, python, serving, start
from benchmarks.measure import surroundings
from benchmarks.worlds import fleet
from bot.decide import decide
from bot.domain import invariants
from bot.domain.instances import Assignment
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus

LIMIT = 300.0
"""Seconds after which a run counts as stuck."""
Command = Callable[[int, int], tuple[list[str], dict[str, str]]]
"""Which process of which lane → its arguments and environment."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many processes at the same time, how many events each, and how long naive retry may try."""

    processes: int
    events: int
    naive_seconds: float

    @property
    def total(self) -> int:
        """All events."""
        return self.processes * self.events


def report(*, quick: bool) -> Iterator[str]:
    """Run all three, each on a hub of its own."""
    size = Size(8, 3, 20.0) if quick else Size(32, 10, 60.0)
    head = f"{size.processes} processes, {size.events} events each, a cold process for each event"
    yield f"{surroundings()}; {head}"
    for run in (_claims, _comments, _naive):
        yield run(size)


def _claims(size: Size) -> str:
    """Workers' events: what loses a race is published and settled by whoever folds next."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        held = assigned(hub, size.total)

        def command(process: int, number: int) -> tuple[list[str], dict[str, str]]:
            run = process * size.events + number
            workspace = Path(name) / f"work-{run}"
            words = ["work", "claim", "--assignment", held[run].id, "--workspace", str(workspace)]
            return ["-m", "bot", *words], hub.environment(run + 1)

        outcome = race(hub, size, command, LIMIT)
        return outcome.told("claims", _settled_claims(hub))


def _comments(size: Size) -> str:
    """``/status`` by the same person on an issue for each process."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        hub.put(fleet(20, 0, 0))
        issues = [hub.call("wendy", "issues", {"title": f"Thread {n}"}) for n in range(size.processes)]

        def command(process: int, number: int) -> tuple[list[str], dict[str, str]]:
            payload = hub.commented(issues[process], "/status")
            return ["-m", "bot", "handle"], hub.environment(process * size.events + number + 1, payload)

        outcome = race(hub, size, command, LIMIT)
        return outcome.told("comments", _answered(hub, issues))


def _naive(size: Size) -> str:
    """The claims again, by ``benchmarks.naive``."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        held = assigned(hub, size.total)

        def command(process: int, number: int) -> tuple[list[str], dict[str, str]]:
            run = process * size.events + number
            return ["-m", "benchmarks.naive", held[run].id], hub.environment(run + 1)

        outcome = race(hub, size, command, size.naive_seconds)
        return outcome.told(f"naive retry, at most {size.naive_seconds:.0f} s", _settled_claims(hub))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a race came to."""

    total: int
    seconds: float
    done: list[Process]
    failed: list[str]
    commits: int
    state_pushes: int
    inbox_pushes: int
    inbox_left: int

    def told(self, name: str, settled: int) -> str:
        """As lines of text. Raises RuntimeError where an event is lost though no process was stopped."""
        if len(self.done) == self.total and settled < self.total:
            raise RuntimeError(f"{name}: all {self.total} processes ended, but only {settled} are settled")
        if not self.done:
            return f"{name}: none of {self.total} ended within {self.seconds:.0f} s; {settled} settled"
        times = sorted(one.seconds for one in self.done)
        p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
        return (
            f"{name}: {settled} of {self.total} settled in {self.seconds:.1f} s, "
            f"{settled / self.seconds:.1f} events a second\n"
            f"    a process: median {statistics.median(times):.2f} s, 95 % under {p95:.2f} s, "
            f"slowest {times[-1]:.2f} s, peak memory {max(one.peak for one in self.done):.0f} MB\n"
            f"    {self.commits} commits, {self.state_pushes} pushes of the state, "
            f"{self.inbox_pushes} to the inbox, {self.inbox_left} refs left in it, "
            f"{len(self.failed)} failed{': ' + self.failed[0] if self.failed else ''}"
        )


def _warm_up(hub: Hub) -> None:
    """Compile the modules once, as an installed package has them."""
    for arguments in (
        ["-m", "bot", "--help"],
        ["-c", "import bot.app.handle, bot.app.work, bot.adapters.github.forge"],
    ):
        python(arguments, hub.environment(1))


def race(hub: Hub, size: Size, command: Command, limit: float) -> Outcome:
    """Let all processes run; what still runs at the limit is stopped."""
    _warm_up(hub)
    before = int(hub.git("rev-list", "--count", "refs/heads/state"))
    hub.door.passed.clear()
    began = time.perf_counter()
    with ThreadPoolExecutor(size.processes) as pool:
        lanes = [pool.submit(_lane, size.events, n, command, began + limit) for n in range(size.processes)]
        done = [one for lane in lanes for one in lane.result()]
    ended = [one for one in done if one.code != -9]
    seconds = (max((one.ended for one in ended), default=began + limit)) - began
    if len(ended) < size.total:
        seconds = time.perf_counter() - began
    pushes = [one for one in hub.door.passed if one.method == "POST" and one.is_push]
    state = sum(one.pushes_state for one in pushes)
    return Outcome(
        size.total,
        seconds,
        ended,
        [f"exit code {one.code}, {one.err.strip()[-300:]}" for one in ended if one.code],
        int(hub.git("rev-list", "--count", "refs/heads/state")) - before,
        state,
        len(pushes) - state,
        len(hub.git("for-each-ref", "refs/orchestrator/").splitlines()),
    )


def _lane(events: int, process: int, command: Command, until: float) -> list[Process]:
    """One after the other; the last one is killed at the limit."""
    done: list[Process] = []
    for number in range(events):
        left = until - time.perf_counter()
        if left <= 0:
            break
        child, began = start(*command(process, number))
        done.append(finish(child, began, left, every=0.3))
    return done


def assigned(hub: Hub, total: int) -> list[Assignment]:
    """So many workers, each with an assignment that waits to be claimed."""
    now = hub.world.clock.now()
    hub.put(decide(fleet(-(-total // 10), 10, total, now), [], now).state)
    held = [worker.assignment for worker in hub.state()[0].instances.values()]
    return sorted((one for one in held if one), key=lambda one: one.lease)


def _settled_claims(hub: Hub) -> int:
    """Claims that the state records, once it has been found to hold together."""
    state, _ = hub.state()
    invariants.check(state)
    return _count(state, TaskStatus.RUNNING)


def _count(state: State, status: TaskStatus) -> int:
    return sum(task.status is status for project in state.projects.values() for task in project.tasks)


def _answered(hub: Hub, issues: Sequence[dict[str, object]]) -> int:
    """Replies in the threads. Raises RuntimeError where a thread has more than commands."""
    invariants.check(hub.state()[0])
    replies = 0
    for issue in issues:
        comments = hub.call("wendy", f"issues/{issue['number']}/comments?per_page=100")
        asked = sum(comment["user"]["login"] == "wendy" for comment in comments)
        if len(comments) - asked > asked:
            raise RuntimeError(f"issue {issue['number']}: {asked} commands, {len(comments) - asked} replies")
        replies += len(comments) - asked
    return replies
