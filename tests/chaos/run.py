"""``python -m tests.chaos.run``: a fleet at work while nearly everything goes wrong; prints what was counted.

The seed fixes the order of the troubles; when each comes is up to the machine.
"""

from __future__ import annotations

import argparse
import logging
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.fleet import Fleet, fleet, open_tasks, wait_until
from tests.chaos.troubles import Troubles
from tests.chaos.verdict import judge

EACH = 17
"""Tasks that a project of these ideas comes to, as far as Genesis has not said yet."""
EVERY = 0.6
"""Seconds between two troubles."""


@dataclass(frozen=True)
class Plan:
    """How large a run is."""

    seed: int
    tasks: int
    workers: int
    patience: float
    """Seconds until work must be over, troubles and all, and again until everything has come to rest."""


@dataclass
class Told:
    """What a run came to."""

    seconds: float
    troubles: dict[str, int]
    figures: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        rows = [*sorted(self.troubles.items()), *self.figures.items()]
        return "\n".join([f"{self.seconds:.0f} s", *(f"{count:6} {name}" for name, count in rows)])


def chaos(plan: Plan, folder: Path) -> Told:
    """The whole run. Raises AssertionError where a rule is broken."""
    began = time.monotonic()
    with fleet(folder, plan.workers, plan.seed) as (made, troubles):
        _storm(made, troubles, plan)
        troubles.end()
        _calm(made, plan)
        told = Told(0.0, dict(troubles.counts), judge(made))
        requests = made.stage.control("GET", "/requests", since=0)["requests"]
    told.figures["requests"] = requests[-1]["id"] if requests else 0
    told.seconds = time.monotonic() - began
    return told


def _storm(made: Fleet, troubles: Troubles, plan: Plan) -> None:
    """People ask until there are tasks enough; trouble goes on until nearly all of them are over."""
    chance, asked = random.Random(plan.seed + 1), 0

    def go_on(now: float) -> None:
        made.keep_up()
        troubles.strike(now)
        if chance.random() < 0.05 and made.asked:
            made.say(chance)

    def enough() -> bool:
        nonlocal asked
        state = made.stage.state()
        tasks = sum(len(project.tasks) for project in state.projects.values())
        planned = tasks + EACH * (asked - sum(p.stage != "genesis" for p in state.projects.values()))
        if planned < plan.tasks:
            asked += 1
            made.ask(asked)
            return False
        return tasks >= plan.tasks and len(open_tasks(state)) <= tasks // 10

    assert wait_until(enough, plan.patience, EVERY, go_on), open_tasks(made.stage.state())[:10]


def _calm(made: Fleet, plan: Plan) -> None:
    """No more trouble: everything that is left must come to rest."""

    def rests() -> bool:
        state = made.stage.state()
        return not open_tasks(state) and not state.outbox.entries

    assert wait_until(rests, plan.patience, 1.0, lambda now: made.keep_up()), (
        open_tasks(made.stage.state())[:10],
        made.stage.state().outbox.entries[:3],
    )


def main() -> None:
    """Run with the sizes given."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.run", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--workers", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=60, help="until it must be over")
    options = parser.parse_args()
    logging.getLogger("bot").setLevel(logging.ERROR)
    plan = Plan(options.seed, options.tasks, options.workers, 60 * options.minutes)
    with tempfile.TemporaryDirectory() as name:
        print(chaos(plan, Path(name)))  # noqa: T201


if __name__ == "__main__":
    main()
