"""Who starts and who stops when the number of workers changes: the choices that deciding and playing share.

Members are a workflow's workers in their order: the roster's own as it lists them, then the others by id.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Generic, Protocol, TypeVar

from bot.domain.config import Config
from bot.domain.pools import Pool, Worker
from bot.domain.vocabulary import WorkerStatus, Workflow

LONGEST_ID = 40
AWAY = (WorkerStatus.STOPPED, WorkerStatus.DRAINING, WorkerStatus.OFFLINE)
"""Who takes no work, so that somebody else has to: they leave, or nobody hears of them."""
_NUMBERED = re.compile(r"(.*?)(\d+)")


class Member(Protocol):
    """A worker, in a draft or in a play."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """``actions``, or ``external``: on a machine of its own."""

    @property
    def status(self) -> WorkerStatus:
        """What it is about."""

    @property
    def specialties(self) -> tuple[str, ...]:
        """What it is for; empty: anything."""


M = TypeVar("M", bound=Member)
Use = tuple[bool, bool, int, int]
"""How useful a worker is; the least is the smallest."""


@dataclass(frozen=True, slots=True)
class Starting(Generic[M]):
    """Who takes work from now on."""

    called_back: list[M]
    """They were to stop after their task."""
    started: list[M]
    created: int
    """How many are made anew."""


def in_order(pool: Pool, members: Iterable[M]) -> list[M]:
    """The roster's own as it lists them, then the others by id."""
    order = {worker.id: place for place, worker in enumerate(pool.roster)}
    return sorted(members, key=lambda one: (order.get(one.id, len(order)), one.id))


def serving(members: Iterable[M]) -> list[M]:
    """Those that take work."""
    return [one for one in members if one.status not in AWAY]


def here(members: Iterable[M]) -> list[M]:
    """Those that can be started from here: places for runs on Actions."""
    return [one for one in members if one.kind == "actions"]


def starting(members: Iterable[M], wanted: int, tripped: Callable[[M], bool]) -> Starting[M]:
    """Those that were about to stop first, then stopped ones, then new ones."""
    mine = here(members)
    called_back = [one for one in mine if one.status is WorkerStatus.DRAINING][:wanted]
    stopped = [one for one in mine if one.status is WorkerStatus.STOPPED and not tripped(one)]
    started = stopped[: wanted - len(called_back)]
    return Starting(called_back, started, wanted - len(called_back) - len(started))


def listed(pool: Pool, worker: Member) -> bool:
    """Whether the roster names a worker."""
    return any(worker.id == one.id for one in pool.roster)


def usefulness(
    pool: Pool, members: Sequence[M], queue: Iterable[tuple[str, str]], tripped: Callable[[M], bool]
) -> Callable[[M], Use]:
    """A key that sorts the least useful first: taken out for failing, beyond the roster, whose
    specialties the backlog wants least, last of the roster.

    ``queue``: of each task that waits its specialty, and the worker that it is kept for.
    """
    waiting = list(queue)
    wanted = Counter(specialty for specialty, _ in waiting)
    kept = Counter(reserved for _, reserved in waiting if reserved)
    places = {worker.id: place for place, worker in enumerate(members)}

    def key(worker: M) -> Use:
        demand = kept[worker.id] + sum(wanted[specialty] for specialty in worker.specialties)
        return not tripped(worker), listed(pool, worker), demand, -places[worker.id]

    return key


def surplus(pool: Pool, members: Sequence[Member], size: int, maximum: int) -> int:
    """How many go when an emergency is over; the roster's own stay, as far as they may."""
    beyond = sum(not listed(pool, one) for one in members)
    return min(max(0, size - maximum), max(beyond, len(members) - maximum))


def after_emergency(pool: Pool, members: Iterable[M], useful: Callable[[M], Use]) -> list[M]:
    """Those that may go, who goes first first: beyond the roster, idle, least useful."""
    return sorted(members, key=lambda one: (listed(pool, one), one.status is WorkerStatus.BUSY, useful(one)))


def lacking(pool: Pool, queued: Counter[str], members: Iterable[Member]) -> Worker:
    """The roster's worker of the specialty with most queued tasks for each worker that takes work.

    Specialties that only the backlog names come after the roster's. Where they are equal, the specialty
    that fewest have, then that order.
    """
    models: dict[str, Worker] = {}
    for worker in pool.roster:
        for specialty in worker.specialties:
            models.setdefault(specialty, worker.model_copy(update={"specialties": (specialty,)}))
    if not models:
        return Worker(id="any")
    for specialty in sorted(filter(None, queued)):
        models.setdefault(specialty, Worker(id="any", specialties=(specialty,)))
    have = Counter(one for worker in members for one in worker.specialties)
    return models[min(models, key=lambda one: (-queued[one] / (1 + have[one]), have[one]))]


def next_id(config: Config, workflow: Workflow, known: Collection[str]) -> str:
    """The number after the last, written as the roster writes its own: ``genesis-04``."""
    roster = config.pools.of(workflow).roster
    numbered = next((found for worker in roster if (found := _NUMBERED.fullmatch(worker.id))), None)
    prefix, width = (numbered[1], len(numbered[2])) if numbered else (f"{workflow}-", 2)
    taken = {*known, *(worker.id for one in Workflow for worker in config.pools.of(one).roster)}
    numbers = [
        int(id_.removeprefix(prefix)) for id_ in taken if re.fullmatch(re.escape(prefix) + r"\d+", id_)
    ]
    digits = (str(number).zfill(width) for number in count(max(numbers, default=0) + 1))
    return next(id_ for one in digits if (id_ := prefix[: LONGEST_ID - len(one)] + one) not in taken)
