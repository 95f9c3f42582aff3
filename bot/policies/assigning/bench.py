"""The idle workers of one workflow, taken one by one in the order of the rules.

A choice must not cost the size of the fleet: what a task wants has few different values, so the workers
are put in line once for each of them, and whoever was taken is left out when the line comes to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.domain.instances import Instance
from bot.domain.models import Candidate, Choice
from bot.policies.assigning.candidates import (
    BEGINNING,
    Distances,
    Fit,
    Wanted,
    candidate,
    decisive,
    fit,
    rank,
)
from bot.policies.guards.slowness import Slow

SHOWN = 3
"""Candidates that a choice names: the chosen one and the next best."""

_Line = list[tuple[str, Fit]]
"""Worker ids with how they fit, the best at the end."""


class Bench:
    """Idle workers, to be taken in a total order that does not depend on how they are handed over."""

    def __init__(
        self,
        workers: Iterable[Instance],
        distances: Distances,
        loads: Mapping[str, float],
        slow: Slow | None = None,
    ) -> None:
        """``workers`` that are up and have no assignment; ``loads``: worker → minutes kept for it."""
        ranked = sorted(
            workers, key=lambda one: rank(loads.get(one.id, 0.0), one.idle_since or BEGINNING, one.id)
        )
        self._free = {worker.id: worker for worker in ranked}
        self._shapes = {one.id: (one.specialties, one.sizes, one.region, one.large) for one in ranked}
        self._distances = distances
        self._loads = loads
        self._slow = slow or {}
        self._lines: dict[Wanted, _Line] = {}
        self._candidates: dict[tuple[str, Fit, bool], Candidate] = {}

    def __bool__(self) -> bool:
        """Whether anybody is left."""
        return bool(self._free)

    def take(self, want: Wanted, avoid: tuple[str, ...] = ()) -> tuple[Instance, Choice]:
        """The best worker for a task, and why; those of ``avoid`` failed it and come last.

        Raises IndexError when nobody is left.
        """
        count = len(self._free)
        first, *others = self._best(want, avoid)
        why = decisive(first, others[0], want) if others else "no other worker was idle"
        choice = Choice(rule=why, considered=count, candidates=(first, *others))
        return self._free.pop(first.worker), choice

    def _best(self, want: Wanted, avoid: tuple[str, ...]) -> list[Candidate]:
        """The next in line, at most ``SHOWN``; the line keeps them."""
        line = self._lines.get(want)
        if line is None:
            line = self._lines[want] = self._line_up(want)
        looked_at: _Line = []
        found = 0
        while line and found < SHOWN:
            entry = line.pop()
            if entry[0] in self._free:
                looked_at.append(entry)
                found += entry[0] not in avoid
        line.extend(reversed(looked_at))
        if avoid:
            looked_at.sort(key=lambda entry: entry[0] in avoid)
        return [self._candidate(id_, how, failed=id_ in avoid) for id_, how in looked_at[:SHOWN]]

    def _line_up(self, want: Wanted) -> _Line:
        """Sort by fit; among equal fits the workers keep their rank by load, idleness and id."""
        fits: dict[object, Fit] = {}
        behind = self._slow.get(want.specialty, frozenset())
        tiers: dict[Fit, list[str]] = defaultdict(list)
        for id_, worker in self._free.items():
            slow = id_ in behind
            shape = (slow, self._shapes[id_])
            if (how := fits.get(shape)) is None:
                how = fits[shape] = fit(worker, want, self._distances, slow=slow)
            tiers[how].append(id_)
        line = [(id_, how) for how in sorted(tiers) for id_ in tiers[how]]
        line.reverse()
        return line

    def _candidate(self, id_: str, how: Fit, *, failed: bool) -> Candidate:
        key = (id_, how, failed)
        if key not in self._candidates:
            load = self._loads.get(id_, 0.0)
            self._candidates[key] = candidate(self._free[id_], how, load, failed=failed)
        return self._candidates[key]
