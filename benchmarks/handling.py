"""A cold ``handle`` for one comment: its wall time, taken apart by what the hub saw of it.

The parts follow each other and add up to the whole:

start-up   until the first request reaches the hub: interpreter, first imports, git's own start
fetch      until the state has been sent
load       until the first request to the API: the remaining imports, reading the state
role       that request
decide     until git asks to push: deciding, checking, writing files, making the commit
push       until it is accepted
requests   reaction, reply, labels, dispatch, one after the other
exit       until the process has ended
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hub import Hub, Passed, Process, python, serving
from benchmarks.measure import Series, paired_ratio, surroundings, table, take_turns
from benchmarks.store_bare import bare
from benchmarks.store_cycle import changes
from benchmarks.worlds import fleet

PARTS = ("start-up", "fetch", "load", "role", "decide", "push", "requests", "exit")
PROJECTS = 20
IDEA = "A page that lists today's lunch menus, with a search, a filter for vegan dishes and tests."


def report(*, quick: bool) -> Iterator[str]:
    """Measure ``/status`` and ``/dispatch-genesis`` with 0 and 50 ms added to each request."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        base = hub.put(fleet(PROJECTS, 0, 0))
        for delay in (0, 50):
            yield _measured(hub, base, delay, rounds=3 if quick else 11) + "\n"


@dataclass
class Command:
    """A contender: one comment with this text, handled by a process of its own, from the same state."""

    hub: Hub
    base: str
    text: str
    runs: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    parts: list[dict[str, float]] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    requests: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self) -> float:
        """Post the comment on an issue of its own, handle it; returns the process's seconds."""
        run = next(self.runs)
        self.hub.git("update-ref", "refs/heads/state", self.base)
        issue = self.hub.call("wendy", "issues", {"title": f"Lunch {run}", "body": IDEA})
        payload = self.hub.commented(issue, self.text)
        self.hub.door.passed.clear()
        done = python(["-m", "bot", "handle"], self.hub.environment(run, payload))
        self._note(done, list(self.hub.door.passed))
        return done.seconds

    def _note(self, done: Process, passed: Sequence[Passed]) -> None:
        if done.code != 0 or self.hub.git("rev-parse", "refs/heads/state") == self.base:
            raise RuntimeError(f"handle of {self.text} ended with {done.code}: {done.err}")
        self.parts.append(split(done, passed))
        self.peaks.append(done.peak)
        pushes = sum(one.pushes_state for one in passed)
        self.requests.append((sum(one.is_api for one in passed), pushes))


def split(done: Process, passed: Sequence[Passed]) -> dict[str, float]:
    """The parts of a run, in seconds; needs a run with one fetch and one push."""
    fetches = [one for one in passed if one.is_fetch]
    push = next(one for one in passed if one.pushes_state)
    asks = next(one for one in passed if one.path.endswith("/info/refs") and one.began > fetches[-1].ended)
    api = [one for one in passed if one.is_api]
    before = [one for one in api if one.began < push.began]
    marks = [
        done.began,
        passed[0].began,
        fetches[-1].ended,
        before[0].began,
        before[-1].ended,
        asks.began,
        push.ended,
        max(push.ended, api[-1].ended),
        done.ended,
    ]
    spans = (later - earlier for earlier, later in itertools.pairwise(marks))
    return dict(zip(PARTS, spans, strict=True))


def _measured(hub: Hub, base: str, delay: int, rounds: int) -> str:
    hub.faults.clear()
    if delay:
        hub.faults.add(f"* * delay={delay}ms")
    status = Command(hub, base, "/status")
    genesis = Command(hub, base, "/dispatch-genesis", itertools.count(1_000))
    environment = hub.environment(1)
    contenders: dict[str, Callable[[], float]] = {
        "handle /status": status,
        "handle /dispatch-genesis": genesis,
        "floor: python -c pass": lambda: python(["-c", "pass"], environment).seconds,
        "floor: import github": lambda: python(["-c", "import github"], environment).seconds,
        "floor: git fetch, commit, push": lambda: _bare(hub, base),
    }
    series = take_turns(contenders, rounds)
    git = series[-1]
    lines = [
        f"{delay} ms added to each request; {PROJECTS} projects; {surroundings()}; {rounds} runs",
        table(series),
        *(_told(command, taken, git) for command, taken in ((status, series[0]), (genesis, series[1]))),
    ]
    return "\n".join(lines)


def _told(command: Command, taken: Series, git: Series) -> str:
    kept = command.parts[-len(taken.seconds) :]
    shares = [Series(part, tuple(run[part] for run in kept)) for part in PARTS]
    api, pushes = max(command.requests)
    head = (
        f"\n{command.text}: {api} API requests, {pushes} push, peak memory "
        f"{statistics.median(command.peaks):.0f} MB, {paired_ratio(taken, git):.1f} times bare git; of this"
    )
    return f"{head}\n{table(shares)}"


def _bare(hub: Hub, base: str) -> float:
    """The same fetch and push by git alone, in a shell script."""
    hub.git("update-ref", "refs/heads/state", base)
    return bare(hub.info.state_remote, hub.info.bot_token, hub.world.clock.now(), changes(1))
