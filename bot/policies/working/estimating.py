"""How long work takes: measured where enough attempts were, else as configured."""

from __future__ import annotations

from bisect import insort
from copy import copy
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.vocabulary import Workflow

ENOUGH = 3
"""Finished attempts from which a median is taken for a measurement."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A working time, and how many attempts it rests on: 0 where it is the configuration's."""

    time: timedelta
    attempts: int


class Estimates:
    """Working times by workflow and specialty, from the recorded completions of one draft."""

    def __init__(self, draft: Draft) -> None:
        """Reads the completions once."""
        self._pools = draft.config.pools
        self._seconds: dict[tuple[Workflow, str], list[float]] = {}
        """Rising."""
        self._found: dict[tuple[Workflow, str], Estimate] = {}
        for done in draft.completions:
            if done.ok:
                took = (done.finished_at - done.assigned_at).total_seconds()
                for key in ((done.workflow, done.specialty), (done.workflow, "")):
                    self._seconds.setdefault(key, []).append(took)
        for seconds in self._seconds.values():
            seconds.sort()

    def copy(self) -> Estimates:
        """The same, to be added to."""
        other = copy(self)
        other._seconds = {key: list(seconds) for key, seconds in self._seconds.items()}
        other._found = dict(self._found)
        return other

    def add(self, workflow: Workflow, specialty: str, seconds: float) -> None:
        """One more attempt that went well."""
        for key in ((workflow, specialty), (workflow, "")):
            insort(self._seconds.setdefault(key, []), seconds)
        self._found.clear()

    def of(self, workflow: Workflow, specialty: str = "") -> Estimate:
        """The median of this specialty, else of the workflow, else the configured minutes."""
        wanted = (workflow, specialty)
        if (found := self._found.get(wanted)) is None:
            found = self._found[wanted] = self._worked_out(workflow, specialty)
        return found

    def _worked_out(self, workflow: Workflow, specialty: str) -> Estimate:
        for key in ((workflow, specialty), (workflow, "")):
            seconds = self._seconds.get(key, [])
            if len(seconds) >= ENOUGH:
                middle = (seconds[(len(seconds) - 1) // 2] + seconds[len(seconds) // 2]) / 2
                return Estimate(timedelta(seconds=middle), len(seconds))
        return Estimate(timedelta(minutes=self._pools.of(workflow).expected_minutes), 0)
