"""A day with known answers: a script of arrivals and service times, and a textbook's queues that play it.

The textbook knows nothing of the program: three queues, each first come, first served, with so many alike
servers. It says when each attempt was queued, begun and ended; every figure follows by plain arithmetic.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

MINUTE, HOUR = 60, 3_600
WORKERS = {"genesis": 1, "development": 2, "content": 2}
ARRIVALS = (0, 5, 11, 50, 55, 130, 131, 200, 300)
"""Minutes after the day's beginning at which the projects are asked for; three seconds more each."""
MINUTES = {
    "genesis": 16, "tests": 9, "feature": 14, "review": 6, "deployment": 5, "documentation": 12,
    "marketing": 8, "social": 4,
}  # fmt: skip
ENDS = 10 * HOUR
"""When the day's figures are asked for."""
TICKS = [5 * MINUTE * number for number in range(1, 121) if not 36 <= number < 44]
"""When a monitor looks; from 15:00 to 15:40 it does not."""
VOTES = {0: (2, 0), 3: (1, 1), 6: (4, 0)}
"""Project → thumbs up and down on its delivery."""
Outcome = Literal["done", "tests", "agent", "gate", "changes"]
TROUBLES: dict[tuple[int, str], Outcome] = {
    (3, "genesis"): "tests",
    (5, "feature"): "agent",
    (7, "documentation"): "gate",
    (2, "review"): "changes",
}
"""(Project, step) → what the first attempt comes to; every other attempt is well."""
NEXT = {"genesis": ("tests",), "tests": ("feature",), "feature": ("review",), "review": ("deployment",),
        "deployment": ("documentation", "marketing", "social")}  # fmt: skip


def workflow(step: str) -> str:
    """Whose task it is."""
    if step == "genesis":
        return "genesis"
    return "content" if step in NEXT["deployment"] else "development"


def service(project: int, step: str, number: int) -> int:
    """Seconds that the attempt takes which is the step's ``number``-th start, from 1 on."""
    return MINUTES[step] * MINUTE + 7 * project + 13 * number + len(step)


def dollars(seconds: int) -> float:
    """What an attempt of that length costs."""
    return round(seconds / 1_000, 2)


def outcome(project: int, step: str, number: int) -> Outcome:
    """What an attempt comes to."""
    return TROUBLES.get((project, step), "done") if number == 1 else "done"


@dataclass
class Attempt:
    """One attempt, in seconds from the day's beginning."""

    project: int
    step: str
    queued: int
    begun: int
    ended: int
    outcome: Outcome
    reworked: bool = False

    @property
    def ok(self) -> bool:
        """Whether it handed something on."""
        return self.outcome in ("done", "changes")

    @property
    def is_rework(self) -> bool:
        """Whether a quality check sent its work back."""
        return self.reworked or self.outcome == "gate"


@dataclass
class Played:
    """The day as the textbook has it."""

    attempts: list[Attempt] = field(default_factory=list)
    arrived: list[tuple[int, str]] = field(default_factory=list)
    """(When, in which workflow) a task was queued for the first time."""
    sent_back: list[int] = field(default_factory=list)
    """When a review asked for changes."""
    complete: dict[int, int] = field(default_factory=dict)
    """Project → when its content was done."""


def play() -> Played:
    """The whole day."""
    found = Played()
    waiting: dict[str, list[tuple[bool, int, str, int]]] = {name: [] for name in WORKERS}
    free, starts, content = Counter(WORKERS), Counter[tuple[int, str]](), Counter[int]()
    due: list[tuple[int, int, Attempt | int]] = []
    for project, minute in enumerate(ARRIVALS):
        heapq.heappush(due, (minute * MINUTE + 3, project, project))
    serial = len(ARRIVALS)

    def queue(now: int, project: int, step: str, *, first: bool = True, front: bool = False) -> None:
        heapq.heappush(waiting[workflow(step)], (not front, now, step, project))
        if first and not starts[project, step]:
            found.arrived.append((now, workflow(step)))

    while due:
        now, _, what = heapq.heappop(due)
        if isinstance(what, int):
            queue(now, what, "genesis")
        else:
            found.attempts.append(what)
            free[workflow(what.step)] += 1
            if not what.ok:
                queue(now, what.project, what.step, first=False)
            elif what.outcome == "changes":
                found.sent_back.append(now)
                max(
                    (one for one in found.attempts if (one.project, one.step) == (what.project, "feature")),
                    key=lambda one: one.ended,
                ).reworked = True
                queue(now, what.project, "feature", first=False, front=True)
            else:
                for step in NEXT.get(what.step, ()):
                    queue(now, what.project, step)
                content[what.project] += workflow(what.step) == "content"
                if content[what.project] == 3:
                    found.complete.setdefault(what.project, now)
        for name, line in waiting.items():
            while free[name] and line:
                _, queued, step, project = heapq.heappop(line)
                free[name] -= 1
                starts[project, step] += 1
                number = starts[project, step]
                ends = now + service(project, step, number)
                serial += 1
                attempt = Attempt(project, step, queued, now, ends, outcome(project, step, number))
                heapq.heappush(due, (ends, serial, attempt))
    times = [one.ended for one in found.attempts] + [minute * MINUTE + 3 for minute in ARRIVALS]
    assert len(times) == len(set(times)), "two things at once have no order that follows from the script"
    return found
