"""Rendering the pinned issue of a large fleet, and a look that finds nothing to render."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from benchmarks.measure import surroundings, table, take_turns
from benchmarks.worlds import NOON, fleet
from bot.commands.showing import status_text
from bot.decide import decide, is_due
from bot.domain.draft import Draft
from bot.domain.events.observed import Observed
from bot.domain.predictions import Predicted, Predictions
from bot.domain.showing import Showing, StatusShown
from bot.domain.state import State
from bot.render.shown import digest_of

LATER = NOON + timedelta(minutes=5)
LIMIT = 60_000


def report(*, quick: bool) -> Iterator[str]:
    """Measure this process's own time, with the garbage collector as the command line sets it."""
    gc.set_threshold(100_000)
    projects, workers = (100, 20) if quick else (1_000, 100)
    small, large = _shown(projects, 1, workers), _shown(projects, 10, workers)
    contenders = {
        f"the text, {projects} queued tasks": _timed(lambda: _text(small)),
        f"the text, {10 * projects} queued tasks": _timed(lambda: _text(large)),
        "a look, nothing stale": _timed(lambda: _look(large, due=False)),
        "a look, it is stale and over its time": _timed(lambda: _look(_stale(large), due=True)),
    }
    series = take_turns(contenders, rounds=5 if quick else 21)
    yield f"{surroundings()}; {projects} projects, {workers} workers, {len(_text(large))} characters\n"
    yield table(series)


def _timed(call: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.process_time()
        call()
        return time.process_time() - started

    return measure


def _shown(projects: int, tasks: int, workers: int) -> State:
    """A fleet at work whose pinned issue says what it has to, with a forecast of each project."""
    state = decide(fleet(projects, tasks, workers), [], LATER).state
    one = Predicted(
        at=NOON, low=LATER, median=LATER + timedelta(hours=1), high=LATER + timedelta(hours=2), runs=200
    )
    state = replace(state, predictions=Predictions(projects=dict.fromkeys(state.projects, (one,))))
    known = StatusShown(number=1, at=NOON, digest=digest_of(_text(state)), pinned=True)
    return replace(state, showing=Showing(status=known, asked_at=NOON))


def _stale(state: State) -> State:
    status = state.showing.status
    if status is None:
        raise RuntimeError("expected an issue")
    old = status.model_copy(update={"stale": True, "digest": "0"})
    return replace(state, showing=state.showing.model_copy(update={"status": old}))


def _text(state: State) -> str:
    text = status_text(Draft(state, LATER))
    if len(text) > LIMIT:
        raise RuntimeError(f"{len(text)} characters")
    return text


def _look(state: State, *, due: bool) -> None:
    at = LATER + timedelta(seconds=30)
    if is_due(state, Observed(observer="t-1", at=at), at) is not due:
        raise RuntimeError(f"expected that something is due: {due}")
