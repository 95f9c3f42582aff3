"""The luck of a play, drawn from what is on record: how long attempts take, and how often they fail.

Every draw follows from the play's number and the task alone, never from what was drawn before, so that two
plays of the same number differ only by what was changed between them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp
from statistics import NormalDist, median

from bot.domain.chance import GOLDEN, key_of, mixed
from bot.domain.draft import Draft
from bot.domain.records import Completion
from bot.domain.vocabulary import Workflow
from bot.policies.forecast.compiling import seconds
from bot.policies.forecast.pieces import Outcome, Piece
from bot.policies.forecast.world import FLOWS, REVIEW, Idea
from bot.policies.guards.slowness import slow_workers
from bot.policies.measuring.waits import merge_waits
from bot.policies.working.estimating import Estimates

ENOUGH = 8
"""Attempts from which times are drawn as they are on record; below, around what is expected."""
FEW = 3
"""Attempts from which a specialty, or what attempts cost, is known at all."""
CELLS = 256
"""Quantiles of a table: a draw takes eight bits."""
SPREAD = 0.5
"""Standard deviation of the logarithm, where too little is known: four of five lie within half and double."""
DOUBT, OUT_OF = 1, 20
"""As if one of twenty attempts had failed before anything was on record (rule of succession)."""
_SCALE = 1 << 24

Table = tuple[int, ...]
"""``CELLS`` quantiles, in seconds, rising."""


@dataclass(frozen=True, slots=True)
class Chances:
    """What is drawn from for one kind of work."""

    times: Table
    failed: Table
    """How long attempts take that fail."""
    fails: int
    """Of ``_SCALE`` attempts."""
    dollars: float
    """US dollars of one attempt, on average."""


class Record:
    """What is on record of a draft, as tables to be drawn from; worked out once for all plays."""

    def __init__(self, draft: Draft) -> None:
        """Reads the attempts."""
        self.seed = key_of(str(seconds(draft.now)))
        self.waits = _table(merge_waits(draft))
        self._estimates = Estimates(draft)
        self._slow = {workflow: slow_workers(draft, workflow) for workflow in Workflow}
        self._known: dict[tuple[Workflow, str], list[Completion]] = defaultdict(list)
        for one in draft.completions:
            self._known[one.workflow, one.specialty].append(one)
            self._known[one.workflow, ""].append(one)
        self._limits = {flow: draft.config.pools.of(flow).time_limit_minutes * 60 for flow in Workflow}
        self._chances: dict[tuple[Workflow, str, str], Chances] = {}
        self.rework = self._rework()
        """Of ``_SCALE`` reviews, how many send the feature back."""

    def of(self, workflow: Workflow, specialty: str, worker: str) -> Chances:
        """What is drawn from when this worker does such a task: who is slow at it has times of its own."""
        slow = worker if worker in self._slow[workflow].get(specialty, ()) else ""
        key = (workflow, specialty, slow)
        if (known := self._chances.get(key)) is None:
            known = self._chances[key] = self._chances_of(workflow, specialty, slow)
        return known

    def _chances_of(self, workflow: Workflow, specialty: str, worker: str) -> Chances:
        own, whole = self._known[workflow, specialty], self._known[workflow, ""]
        slow = self._slow[workflow].get(specialty, frozenset())
        usual = [_took(one) for one in own if one.ok and one.worker not in slow]
        if len(usual) < ENOUGH:
            usual = [_took(one) for one in whole if one.ok] if len(usual) < FEW else []
        times = _table(usual)
        if len(usual) < ENOUGH:
            around = self._estimates.of(workflow, specialty).time
            times = _spread(around.total_seconds(), self._limits[workflow])
        if worker:
            mine = [_took(one) for one in own if one.ok and one.worker == worker]
            times = tuple(int(one * median(mine) / max(1, times[CELLS // 2])) for one in times)
        ended = own if len(own) >= OUT_OF else whole
        bad = [one for one in ended if not one.ok]
        return Chances(
            times=times,
            failed=_table([_took(one) for one in bad]) if len(bad) >= ENOUGH else times,
            fails=_SCALE * (len(bad) + DOUBT) // (len(ended) + OUT_OF),
            dollars=sum(one.spend for one in ended) / len(ended) if len(ended) >= FEW else 0.0,
        )

    def _rework(self) -> int:
        done = [one for one in self._known[Workflow.DEVELOPMENT, "feature"] if one.ok]
        return _SCALE * (sum(one.rework for one in done) + DOUBT) // (len(done) + OUT_OF)


def _took(one: Completion) -> int:
    return max(1, seconds(one.finished_at) - seconds(one.assigned_at))


def _table(known: Iterable[int]) -> Table:
    """Quantiles between recorded values: as likely below the least as above the greatest of them."""
    values = sorted(known)
    if not values:
        return ()
    cells = []
    for cell in range(CELLS):
        at = (cell + 0.5) / CELLS * (len(values) + 1) - 1
        low = min(max(int(at // 1), 0), max(0, len(values) - 2))
        high = min(low + 1, len(values) - 1)
        cells.append(max(1, round(values[low] + (at - low) * (values[high] - values[low]))))
    return tuple(cells)


def _spread(middle: float, limit: int) -> Table:
    """Around what is expected, lognormal; never over the time limit, of which nothing is known yet."""
    normal = NormalDist()
    places = ((cell + 0.5) / CELLS for cell in range(CELLS))
    return tuple(max(1, min(limit, round(middle * exp(SPREAD * normal.inv_cdf(place))))) for place in places)


class Drawn:
    """The luck of one play."""

    def __init__(self, record: Record, number: int) -> None:
        """``number``: which of the plays."""
        self._record = record
        self._key = mixed(record.seed + (number + 1) * GOLDEN)

    def attempt(self, piece: Piece, worker: str) -> tuple[int, Outcome, float]:
        """How many seconds it takes, how it ends, what it costs."""
        job = piece.job
        chances = self._record.of(FLOWS[job.flow], job.specialty, worker)
        bits = mixed(self._key ^ (job.key + piece.tries * GOLDEN))
        if (bits >> 8) % _SCALE < chances.fails:
            return chances.failed[bits & 255], Outcome.FAILED, chances.dollars
        return chances.times[bits & 255], self._verdict(job.specialty, bits), chances.dollars

    def rest(self, piece: Piece, worker: str, began: int, now: int) -> tuple[int, Outcome, float]:
        """The same, given that it has not ended before now."""
        job = piece.job
        chances = self._record.of(FLOWS[job.flow], job.specialty, worker)
        bits = mixed(self._key ^ (job.key + piece.tries * GOLDEN))
        passed = now - began
        outcome = self._verdict(job.specialty, bits)
        table = chances.times
        if (bits >> 8) % _SCALE < _given(chances, passed):
            outcome, table = Outcome.FAILED, chances.failed
        return _longer(table, passed, bits & 255), outcome, chances.dollars

    def _verdict(self, specialty: str, bits: int) -> Outcome:
        back = specialty == REVIEW and (bits >> 36) % _SCALE < self._record.rework
        return Outcome.CHANGES if back else Outcome.DONE

    def plan(self, idea: Idea) -> int:
        """Any of its plans."""
        return mixed(self._key ^ key_of(idea.project.id)) % len(idea.plans) if len(idea.plans) > 1 else 0

    def merge(self, key: int) -> int:
        """As long as one of those that were merged waited; nothing where too few are on record."""
        waits = self._record.waits
        return waits[mixed(self._key + key) & 255] if waits else 0


def _given(chances: Chances, passed: int) -> int:
    """How many of ``_SCALE`` attempts that have lasted so long fail (Bayes)."""
    bad = chances.fails * (CELLS - bisect_right(chances.failed, passed))
    good = (_SCALE - chances.fails) * (CELLS - bisect_right(chances.times, passed))
    return _SCALE * bad // (bad + good) if bad + good else chances.fails


def _longer(table: Sequence[int], passed: int, cell: int) -> int:
    """A draw among those that are longer; up to a quarter more of what has passed where none is."""
    first = bisect_right(table, passed)
    if first < len(table):
        return table[first + cell * (len(table) - first) // CELLS]
    return passed + max(1, passed * cell // (4 * CELLS))
