"""Who folds what waits: decided without talking, from the head and the waiting ids alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

PATIENCE = 0.5
"""Seconds that each rank waits longer than the one before it."""


def rank(head: str | None, mine: Iterable[str], waiting: Iterable[str]) -> int:
    """The place of the best of ``mine`` among all that wait, 0 first; new for each head."""
    own = set(mine)
    ordered = sorted(own | set(waiting), key=lambda id_: (sha256(f"{head}:{id_}".encode()).digest(), id_))
    return min(ordered.index(id_) for id_ in own)


def patience(place: int) -> float:
    """Seconds after which a run of that rank folds although the head has not moved."""
    return place * PATIENCE


def interval(waiting: int) -> float:
    """Seconds between two looks at the head: the more wait, the seldomer each looks."""
    return min(0.2 + 0.06 * waiting, 3.0)
