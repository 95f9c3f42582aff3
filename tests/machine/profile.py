"""How long the state machine runs: a share of each run of the suite, or as long as somebody wants."""

from __future__ import annotations

import os
from dataclasses import dataclass

VARIABLE = "MACHINE_STEPS"
PARTS = (1, 2, 3, 4)
"""Tests that share the steps, so that several processes may run them; in the suite each is a seed."""


@dataclass(frozen=True)
class Plan:
    """What each part does."""

    lives: int
    steps: int
    """Of each life."""
    repeatable: bool
    """The same lives each time: what fails in the suite fails again."""


def plan(wanted: str | None) -> Plan:
    """``wanted``: steps in all, of lives that differ from run to run; None: the suite's own 2,400."""
    if wanted is None:
        return Plan(lives=15, steps=40, repeatable=True)
    steps = 50
    return Plan(lives=max(1, int(wanted) // steps // len(PARTS)), steps=steps, repeatable=False)


PLAN = plan(os.environ.get(VARIABLE))
