"""``decide`` over 10,000 queued tasks and 1,000 workers, and working out which files it changed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

from benchmarks.measure import paired_ratio, surroundings, table, take_turns
from benchmarks.worlds import NOON, all_busy, fleet
from bot.decide import decide
from bot.domain import files, invariants
from bot.domain.events.worked import WorkClaimed
from bot.domain.instances import Assignment
from bot.domain.state import State

LATER = NOON + timedelta(seconds=30)


def report(*, quick: bool) -> Iterator[str]:
    """Measure in this process, with the garbage collector as the command line sets it."""
    gc.set_threshold(100_000)
    scale = 10 if quick else 1
    projects, tasks, workers = 500 // scale, 20, 1_000 // scale
    idle, busy = fleet(projects, tasks, workers), all_busy(projects, tasks, workers)
    held = next(worker.assignment for worker in busy.instances.values() if worker.assignment)
    contenders = {
        f"all idle: {workers} assigned": _timed(lambda: _assign(idle, workers)),
        "  the changed files": _changed(idle),
        "  the invariants": _checked(idle),
        "all busy: nothing to do": _timed(lambda: _nothing(busy)),
        "all busy: one claim": _timed(lambda: _claim(busy, held)),
        "floor: copy each worker and task": _timed(lambda: _copies(idle)),
    }
    series = take_turns(contenders, rounds=5 if quick else 15)
    head = f"{surroundings()}; {projects * tasks} queued tasks, {projects} projects, {workers} workers"
    ratio = paired_ratio(series[0], series[-1])
    runs = len(series[0].seconds)
    yield f"{head}, {runs} runs\n{table(series)}\nall assigned / floor: {ratio:.1f}"


def _timed(call: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return measure


def _copies(state: State) -> None:
    """What assigning cannot do without: a new worker and a new task for each assignment."""
    tasks = (project.tasks[0] for project in state.projects.values())
    for worker, task in zip(state.instances.values(), cycle(tasks), strict=False):
        worker.model_copy(update={"assignment": None})
        task.model_copy(update={"worker": worker.id})


def _assign(state: State, workers: int) -> None:
    decision = decide(state, [], LATER)
    if len(decision.effects) < workers:
        raise RuntimeError(f"expected {workers} assignments, got {len(decision.effects)} effects")


def _nothing(state: State) -> None:
    if decide(state, [], LATER).state is not state:
        raise RuntimeError("expected nothing to do")


def _claim(state: State, held: Assignment | None) -> None:
    if held is None:
        raise RuntimeError("expected a worker with an assignment")
    event = WorkClaimed(task=held.task, lease=held.lease, run_id=1, run_attempt=1, at=LATER)
    if decide(state, [event], LATER).settled != (event,):
        raise RuntimeError("expected the claim to be settled")


def _changed(state: State) -> Callable[[], float]:
    decided = decide(state, [], LATER).state
    return _timed(lambda: files.changes(replace(state), decided))


def _checked(state: State) -> Callable[[], float]:
    decided = decide(state, [], LATER).state
    return _timed(lambda: invariants.check(decided))
