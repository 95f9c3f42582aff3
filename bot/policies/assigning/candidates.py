"""Which worker is best for a task: a table of rules, one total order, and the rule that decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Any, NamedTuple, Protocol, TypeVar

from bot.domain.instances import Instance, Tally
from bot.domain.models import Candidate, Project, Task
from bot.domain.outputs import Size

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Idle since then: a worker of which nothing else is known."""

PRIOR = 5
"""Every record of large work begins with so many done and as many failed: one success proves little."""

_SIZES = frozenset(Size)
T = TypeVar("T", datetime, int)
"""A moment: as the state has it, or in seconds."""


class Wanted(NamedTuple):
    """What a task asks of its worker."""

    specialty: str
    size: Size
    region: str


class Fit(NamedTuple):
    """How a worker meets what is wanted, whatever it does at present. Each number is better when smaller."""

    slow: bool
    """Much slower than its peers at the specialty that is wanted, of late."""
    specialty: int
    size: int
    unproven: float
    """1 less its record on large tasks; 1 for tasks of other sizes."""
    distance: float
    """Infinite where it is unknown."""


def wanted(project: Project, task: Task) -> Wanted:
    """What this task asks for; the region is its project's."""
    return Wanted(task.specialty, task.size, project.region)


class Distances:
    """The configured table of regions, looked up both ways; upper and lower case are the same."""

    def __init__(self, regions: Mapping[str, Mapping[str, int]]) -> None:
        """``regions``: from → to → how far."""
        there = {
            (one.casefold(), other.casefold()): far
            for one, others in sorted(regions.items())
            for other, far in sorted(others.items())
        }
        self._known = {(other, one): far for (one, other), far in there.items()} | there

    def between(self, wish: str, region: str) -> float:
        """0 for the same region or no wish; infinite where the table does not say."""
        one, other = wish.casefold(), region.casefold()
        return 0 if not one or one == other else self._known.get((one, other), inf)


class Skilled(Protocol):
    """What is known of a worker, as far as it makes it suit work."""

    @property
    def specialties(self) -> tuple[str, ...]:
        """What it is meant for."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Sizes of work that it is meant for."""

    @property
    def region(self) -> str:
        """Where it is."""

    @property
    def large(self) -> Tally:
        """Its record on large tasks."""


def fit(worker: Skilled, want: Wanted, distances: Distances, *, slow: bool = False) -> Fit:
    """How well this worker suits what is wanted; whether it is slow at that, the caller knows."""
    return Fit(
        slow,
        _named(want.specialty, worker.specialties),
        _named(want.size, (*worker.sizes, *(name for name in worker.specialties if name in _SIZES))),
        1 - (_record(worker.large) if want.size is Size.LARGE else 0),
        distances.between(want.region, worker.region),
    )


def rank(load: float, idle_since: T, worker: str) -> tuple[float, T, str]:
    """What chooses among workers that suit equally: the smallest is ahead; ``load`` in minutes."""
    return load, idle_since, worker


def _named(what: str, names: tuple[str, ...]) -> int:
    """0: named, 1: nothing is named, so anything goes, 2: only others are named."""
    return 0 if what in names else 2 if names else 1


def _record(large: Tally) -> float:
    """The part of large tasks that went well, drawn towards a half as long as there are few."""
    done, failed = large.done, large.failed
    return round((done + PRIOR) / (done + failed + 2 * PRIOR), 2)


def candidate(worker: Instance, how: Fit, load: float, *, failed: bool = False) -> Candidate:
    """A worker as it is judged and shown; ``load`` in minutes."""
    return Candidate(
        worker=worker.id,
        failed_before=failed,
        slow=how.slow,
        specialty=how.specialty,
        size=how.size,
        record=round(1 - how.unproven, 2),
        distance=None if how.distance == inf else int(how.distance),
        load_minutes=load,
        idle_since=worker.idle_since,
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """One comparison: the smaller key is ahead."""

    key: Callable[[Candidate], Any]
    words: Callable[[Candidate, Wanted], str]
    """Why the one that is ahead is ahead."""


def _by_specialty(one: Candidate, want: Wanted) -> str:
    return "it takes any specialty" if one.specialty else f"its specialty is {want.specialty}"


def _by_size(one: Candidate, want: Wanted) -> str:
    return "it takes work of any size" if one.size else f"it is meant for {want.size} work"


def _by_region(one: Candidate, want: Wanted) -> str:
    return f"it is nearest to the region {want.region}" if one.distance else f"it is in {want.region}"


FITNESS = (
    Rule(lambda one: one.failed_before, lambda one, want: "it has not failed this task before"),
    Rule(lambda one: one.slow, lambda one, want: f"it is not slow at {want.specialty} of late"),
    Rule(lambda one: one.specialty, _by_specialty),
    Rule(lambda one: one.size, _by_size),
    Rule(lambda one: -one.record, lambda one, want: "it has the best record on large tasks"),
    Rule(lambda one: inf if one.distance is None else one.distance, _by_region),
    Rule(lambda one: one.load_minutes, lambda one, want: "it has the least work ahead of it"),
)
"""The rules that make one worker better than another (issue: "Load balancing")."""

RULES = (
    *FITNESS,
    Rule(lambda one: one.idle_since or BEGINNING, lambda one, want: "it has been idle the longest"),
    Rule(lambda one: one.worker, lambda one, want: "it comes first by name among equals"),
)
"""All rules, in their order; the last two only choose among equals."""


def order(one: Candidate) -> tuple[Any, ...]:
    """The total order of the candidates for one task: the smallest gets it."""
    return tuple(rule.key(one) for rule in RULES)


def fitness(one: Candidate) -> tuple[Any, ...]:
    """The part of the order that makes one worker better than another, not just another."""
    return tuple(rule.key(one) for rule in FITNESS)


def decisive(best: Candidate, other: Candidate, want: Wanted) -> str:
    """The first rule by which ``best`` is ahead, in words that go on from its name."""
    return next(rule.words(best, want) for rule in RULES if rule.key(best) != rule.key(other))
