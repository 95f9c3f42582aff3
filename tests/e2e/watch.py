"""The monitor over a simulated time: its clock and the hub's go by its own pauses, and nothing sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.monitor import Counts, Monitor, Plan
from bot.bootstrap.monitoring import monitor
from bot.bootstrap.session import session
from bot.domain.watch import Mode
from tests.e2e.stage import Stage, staged

AHEAD = 600.0
"""Seconds that the hub is ahead of this machine's clock, which programs go by that ask GitHub nothing."""


@contextmanager
def timeless(folder: Path) -> Iterator[Stage]:
    """A stage whose time stands still unless it is set forward."""
    begin = time.time() + AHEAD
    with staged(folder, real_time=lambda: begin) as stage:
        yield stage


@dataclass
class Simulation:
    """One monitor's process, played here."""

    stage: Stage
    between: Callable[[int], None] = lambda number: None
    """Called with the number of each pause, when the pause is over."""
    elapsed: float = 0.0
    pauses: int = 0
    starts: list[float] = field(default_factory=list)
    """When the ticks began, in seconds from the start."""

    def pause(self, seconds: float) -> None:
        self.pass_by(seconds)
        self.pauses += 1
        self.between(self.pauses)
        self.starts.append(self.elapsed)

    def pass_by(self, seconds: float) -> None:
        """Time goes on, for the monitor and for the hub."""
        self.elapsed += max(seconds, 0.0)
        self.stage.world.forward(max(seconds, 0.0))

    def run(self, plan: Plan, mode: Mode | None = Mode.LOOP, **variables: str) -> tuple[int, Counts]:
        """A whole run of it; (exit code, what it did)."""
        with self.open(plan, mode, **variables) as watching:
            self.starts.append(self.elapsed)
            code = watching.run()
            return code, watching.counts

    @contextmanager
    def open(self, plan: Plan, mode: Mode | None = Mode.LOOP, **variables: str) -> Iterator[Monitor]:
        """The monitor, wired as its command wires it, with this clock."""
        environ = self.stage.environment("schedule", **variables)
        with session(environ) as current:
            current.monotonic = lambda: self.elapsed
            current.sleep, current.pause = self.pass_by, self.pause
            with monitor(current, current.app(connected=True), plan, mode) as watching:
                yield watching
