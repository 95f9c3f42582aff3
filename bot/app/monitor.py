"""The monitor: one process that ticks again and again, whatever single ticks come to."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from bot.app.looks import Watcher
from bot.app.process import App, Result
from bot.app.tick import ConfigFile, tick
from bot.domain.config import Config
from bot.domain.errors import OrchestratorError, Overdue, RateLimited, UsageError
from bot.domain.events.observed import Observed
from bot.domain.state import State
from bot.policies.fleet.watching import longest_gap
from bot.ports.store import Look

log = logging.getLogger("orchestrator")
T = TypeVar("T")

LEAD = 600.0
"""Seconds before its end at which a loop starts its successor: room for repetitions."""
HOPELESS = 10
"""Ticks in a row that fail for a wrong set-up, after which the loop ends: its run then shows it."""
SHORTEST_WAIT = 60.0
"""Seconds without a request after a rate limit that names no time, as GitHub asks for."""
LATER, DEFECT = 75, 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How long the loop lasts, how often it looks, and how long one look may take; in seconds."""

    lasts: float
    every: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the loop needs beyond what a tick needs."""

    look: Callable[[], Look]
    """Reads the state branch."""
    config: Callable[[], ConfigFile | None]
    """The configuration file as it stands now."""
    limit: Callable[[float], AbstractContextManager[None]]
    """Raises Overdue inside a block that takes longer, in seconds."""
    pause: Callable[[float], None]
    """Waits; less long where an end is wanted."""
    ending: Callable[[], bool]
    """Whether somebody wants the process to end."""
    start_afresh: Callable[[], None]
    """Drops what a tick that was broken off may have left half done."""


@dataclass(slots=True)
class Counts:
    """What a loop has done."""

    ticks: int = 0
    saved: int = 0
    failed: int = 0


@dataclass(slots=True)
class Monitor:
    """Looks at ``start + n * every``; a tick that comes late skips what it has missed.

    In Actions it starts its successor before it ends. Nothing rests on there being one monitor: what two
    of them do at once is settled by the compare-and-swap like anything else.
    """

    app: App
    plan: Plan
    around: Surroundings
    observer: str
    watcher: Watcher
    counts: Counts = field(default_factory=Counts)
    _state: State | None = None
    _last: datetime | None = None
    _handed_over: bool = False
    _quiet_until: float = 0.0
    _failure: int = 0
    """Exit code of the last tick; 0: it went well."""
    _misplaced: int = 0
    """Ticks in a row that failed because the set-up is wrong."""

    def run(self) -> int:
        """Look until the time is over or an end is wanted; returns the exit code."""
        monotonic = self.app.clocks.monotonic
        start, number = monotonic(), 0
        while True:
            if monotonic() >= self._quiet_until:
                self._look(number)
                self._hand_over(start + self.plan.lasts - monotonic())
            number = max(number + 1, math.ceil((monotonic() - start) / self.plan.every))
            due = start + number * self.plan.every
            if due >= start + self.plan.lasts or self._is_over():
                break
            self.around.pause(due - monotonic())
            if self._is_over():
                break
        self._attempt(self._record)
        missing = self.watcher.in_actions and not self._handed_over and not self.around.ending()
        return self._failure or (LATER if missing else 0)

    def _is_over(self) -> bool:
        return self.around.ending() or self._misplaced >= HOPELESS

    def _look(self, number: int) -> None:
        """One tick; whatever it comes to, the next one follows."""
        self.counts.ticks += 1
        self.app.forge.set_clock_anew()
        self._note_gap()
        result, self._failure = self._attempt(lambda: self._tick(f"{self.observer}-{number}"))
        self._misplaced = self._misplaced + 1 if self._failure == UsageError.exit_code else 0
        if result is None:
            self.counts.failed += 1
            return
        self.counts.saved += result.committed
        self._state = result.state
        self._note_gap()
        self._last = self.app.now()
        self.watcher = replace(self.watcher, since=self.watcher.since or self._last)
        self._obey([*result.undelivered, *result.unseen])

    def _tick(self, observer: str) -> Result:
        # Roles are looked up anew: one that was taken away must not count for hours.
        fresh = replace(self.app, facts=self.app.facts.anew())
        return tick(fresh, observer, self.around.config(), self.around.look(), self.watcher)

    def _note_gap(self) -> None:
        """After a gap the watching begins anew."""
        config = self._state.config if self._state else Config()
        gap = longest_gap(config.health.heartbeat_minutes)
        if self._last is not None and self.app.now() - self._last > gap:
            self.watcher = replace(self.watcher, since=None)

    def _hand_over(self, left: float) -> None:
        """Start the successor when the end is near, again at each tick until that has worked.

        Should it be started twice because an answer was lost, the concurrency group keeps one.
        """
        state = self._state
        wanted = self.watcher.in_actions and not self._handed_over and not self._is_over()
        if wanted and state is not None and left <= min(LEAD, self.plan.lasts / 2):
            started, _ = self._attempt(lambda: self._dispatch(self.watcher.file(state)))
            self._handed_over = started is not None

    def _dispatch(self, workflow: str) -> str:
        self.app.forge.dispatch(workflow, {})
        log.info("started %s to follow this run", workflow)
        return workflow

    def _record(self) -> Result | None:
        """At the end: put on record what was looked at since the last commit that told of it."""
        known = self._state.watch.recorded if self._state else None
        if self._last is None or self.watcher.since is None or (known is not None and known >= self._last):
            return None
        last = Observed(
            observer=f"{self.observer}-end",
            at=self.app.now(),
            watching_since=self.watcher.since,
            looks=(),
            mode=self.watcher.mode,
            leaves=not self._handed_over,
        )
        return self.app.process([last])

    def _attempt(self, work: Callable[[], T]) -> tuple[T | None, int]:
        """Do something within a tick's time; (what it gave, 0), or an exit code and a line in the log."""
        try:
            with self.around.limit(self.plan.deadline):
                return work(), 0
        except Overdue:
            log.warning("broken off after %g s; the next tick goes on", self.plan.deadline)
            self.around.start_afresh()
            return None, LATER
        except OrchestratorError as error:
            log.warning("failed, the next tick goes on: %s", " ".join(str(error).split()))
            self._obey([error])
            return None, error.exit_code
        except Exception:
            log.exception("failed unexpectedly, the next tick goes on")
            return None, DEFECT

    def _obey(self, errors: Sequence[OrchestratorError]) -> None:
        """No request before GitHub takes them again."""
        for error in errors:
            if isinstance(error, RateLimited):
                wait = SHORTEST_WAIT if error.wait is None else error.wait
                self._quiet_until = max(self._quiet_until, self.app.clocks.monotonic() + wait)
