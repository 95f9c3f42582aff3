"""How long work takes: measured where enough attempts were, else as configured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

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

    def __init__(self, draft: Draft, more: Iterable[tuple[Workflow, str, float]] = ()) -> None:
        """Reads the completions once; ``more`` attempts that went well (workflow, specialty, seconds)."""
        self._pools = draft.config.pools
        self._seconds: dict[tuple[Workflow, str], list[float]] = {}
        known = [
            (done.workflow, done.specialty, (done.finished_at - done.assigned_at).total_seconds())
            for done in draft.completions
            if done.ok
        ]
        for workflow, specialty, seconds in (*known, *more):
            for key in ((workflow, specialty), (workflow, "")):
                self._seconds.setdefault(key, []).append(seconds)

    def of(self, workflow: Workflow, specialty: str = "") -> Estimate:
        """The median of this specialty, else of the workflow, else the configured minutes."""
        for key in ((workflow, specialty), (workflow, "")):
            seconds = self._seconds.get(key, [])
            if len(seconds) >= ENOUGH:
                return Estimate(timedelta(seconds=median(seconds)), len(seconds))
        return Estimate(timedelta(minutes=self._pools.of(workflow).expected_minutes), 0)
