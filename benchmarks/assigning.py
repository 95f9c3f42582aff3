"""Durable assignments a second: 1,000 idle workers get a task each, in one commit pushed over HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.hub import Hub, python, serving
from benchmarks.measure import Series, surroundings, table, take_turns
from benchmarks.worlds import fleet

PARTS = ("fetch", "read", "decide", "check", "write", "commit, push")
TASKS = 20
"""Tasks of each project."""


def report(*, quick: bool) -> Iterator[str]:
    """Measure with as many queued tasks as workers, and with ten times as many."""
    workers = 100 if quick else 1_000
    yield f"{surroundings()}; {workers} idle workers, {TASKS} tasks a project"
    for tasks in (workers, 10 * workers):
        yield _measured(workers, tasks, 3 if quick else 7)


def _measured(workers: int, tasks: int, rounds: int) -> str:
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as hub:
        base = hub.put(fleet(tasks // TASKS, TASKS, workers))
        split: list[list[float]] = []
        series = take_turns({f"{tasks} queued": _cycle(hub, base, workers, split)}, rounds)
        pieces = [Series(part, tuple(row[index] for row in split[1:])) for index, part in enumerate(PARTS)]
        settling = Series("together", tuple(sum(row) for row in split[1:]))
        rate, whole = workers / settling.median, workers / series[0].median
        return "\n".join(
            [
                f"{tasks} queued: {rate:.0f} assignments a second, "
                f"{whole:.0f} with the process's start and end; {rounds} runs",
                table([*pieces, settling, Series("the process", series[0].seconds)]),
            ]
        )


def _cycle(hub: Hub, base: str, workers: int, split: list[list[float]]) -> Callable[[], float]:
    def cycle() -> float:
        hub.git("update-ref", "refs/heads/state", base)
        done = python(["-m", "benchmarks.assigning_cycle"], hub.environment(1))
        if done.code:
            raise RuntimeError(done.err)
        count, *seconds = done.out.split()
        if int(count) != workers or hub.git("rev-parse", "refs/heads/state") == base:
            raise RuntimeError(f"expected {workers} assignments in a commit, got {count}")
        split.append([float(value) for value in seconds])
        return done.seconds

    return cycle
