"""How long work takes of late, against before and among workers: medians of successful attempts."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.domain.draft import Draft
from bot.domain.records import Completion
from bot.domain.vocabulary import Workflow
from bot.policies.working.estimating import ENOUGH

Slow = Mapping[str, frozenset[str]]
"""Specialty → workers that are much slower at it than their peers."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A median of the window beside what it is compared with, in seconds."""

    name: str
    now: float
    usual: float

    @property
    def times(self) -> float:
        """How many times as long it takes."""
        return self.now / self.usual


@dataclass(frozen=True, slots=True)
class Pace:
    """How a workflow's completion times stand."""

    window: int
    """Successful attempts in the window."""
    baseline: int
    """Those before it."""
    median: Compared
    specialty: Compared
    """The slowest, against its own baseline, or the workflow's where that rests on too little."""
    worker: Compared
    """The slowest, against the others of the same specialty, or against all of the window."""


def pace(draft: Draft, completions: Iterable[Completion], workflow: Workflow) -> Pace | None:
    """A workflow's pace; None while there is nothing to compare."""
    since = _since(draft)
    done = [one for one in completions if one.ok and one.workflow is workflow]
    window = [one for one in done if one.finished_at > since]
    before = [one for one in done if one.finished_at <= since]
    if not window or not before:
        return None
    usual = _median(before)
    specialties = [_specialty(name, own, before, usual) for name, own in _by_specialty(window).items()]
    return Pace(
        window=len(window),
        baseline=len(before),
        median=Compared(workflow.value, _median(window), usual),
        specialty=max(specialties, key=lambda one: (one.times, one.name)),
        worker=max(_workers(window), key=lambda one: (one.times, one.name)),
    )


def slow_workers(draft: Draft, workflow: Workflow) -> Slow:
    """Who took more than ``degradation.factor`` times as long as the others, specialty by specialty."""
    since, factor = _since(draft), draft.config.degradation.factor
    window = [
        one for one in draft.completions if one.ok and one.workflow is workflow and one.finished_at > since
    ]
    found: dict[str, frozenset[str]] = {}
    for specialty, done in _by_specialty(window).items():
        if slow := slow_among(((one.worker, _seconds(one)) for one in done), factor):
            found[specialty] = slow
    return found


def slow_among(times: Iterable[tuple[str, float]], factor: float) -> frozenset[str]:
    """Of those who did the same kind of work (worker, seconds), who took ``factor`` times as long."""
    own, everything = _split(times)
    found = []
    for worker, mine in own.items():
        left = len(everything) - len(mine)
        # The others' median is no less than this one, which costs nothing: nearly nobody is slow.
        if left and median(mine) / everything[(left - 1) // 2] > factor:
            found += [worker] if _against(worker, mine, everything).times > factor else []
    return frozenset(found)


def _since(draft: Draft) -> datetime:
    return draft.now - timedelta(minutes=draft.config.degradation.window_minutes)


def _seconds(one: Completion) -> float:
    """At least one: a time of nothing can be compared with nothing."""
    return max(1.0, (one.finished_at - one.assigned_at).total_seconds())


def _median(done: Iterable[Completion]) -> float:
    return median(map(_seconds, done))


def _by_specialty(done: Iterable[Completion]) -> dict[str, list[Completion]]:
    found: dict[str, list[Completion]] = defaultdict(list)
    for one in done:
        found[one.specialty].append(one)
    return found


def _specialty(name: str, own: list[Completion], before: list[Completion], usual: float) -> Compared:
    known = [one for one in before if one.specialty == name]
    return Compared(name, _median(own), _median(known) if len(known) >= ENOUGH else usual)


def _among(times: Iterable[tuple[str, float]]) -> list[Compared]:
    """Each worker with enough attempts at one specialty, against the others at the same."""
    own, everything = _split(times)
    return [_against(worker, mine, everything) for worker, mine in sorted(own.items())]


def _split(times: Iterable[tuple[str, float]]) -> tuple[dict[str, list[float]], list[float]]:
    """Those who, and the others without them, have enough attempts: theirs; and all attempts, rising."""
    own: dict[str, list[float]] = {}
    everything: list[float] = []
    for worker, seconds in times:
        own.setdefault(worker, []).append(seconds)
        everything.append(seconds)
    most = len(everything) - ENOUGH
    found = {worker: mine for worker, mine in own.items() if ENOUGH <= len(mine) <= most}
    if found:
        everything.sort()
    return found, everything


def _against(worker: str, mine: list[float], everything: list[float]) -> Compared:
    return Compared(worker, median(mine), _median_without(everything, mine))


def _median_without(everything: list[float], mine: list[float]) -> float:
    """The median of what is left of some values, which rise, without those of one worker."""
    places = sorted(mine)
    for number, seconds in enumerate(places):
        # Equal values may be anybody's: which of them are left out makes no difference.
        places[number] = max(bisect_left(everything, seconds), places[number - 1] + 1 if number else 0)
    count = len(everything) - len(places)

    def nth(number: float) -> float:
        for place in places:
            number += place <= number
        return everything[int(number)]

    middle = count // 2
    return nth(middle) if count % 2 else (nth(middle - 1) + nth(middle)) / 2


def _workers(window: list[Completion]) -> list[Compared]:
    pairs = ([(one.worker, _seconds(one)) for one in done] for done in _by_specialty(window).values())
    among = [one for done in pairs for one in _among(done)]
    if among:
        return among
    usual = _median(window)
    workers = sorted({one.worker for one in window})
    return [
        Compared(worker, _median([one for one in window if one.worker == worker]), usual)
        for worker in workers
    ]
