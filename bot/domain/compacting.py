"""Which commits of the state branch stay when its history is shortened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

COMPACTED_BY = "Compacted-By: orchestrator"
"""Begins the trailer of a commit that stands for those of its day."""
NEVER_SHORTENED = 2
"""Days that stay whole: runs may still look up whether their own commits have landed."""


@dataclass(frozen=True, slots=True)
class Past:
    """A commit, as far as shortening the history needs to know it."""

    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A commit that stays, oldest first."""

    version: str
    stands_for: int
    """How many commits it stands for with its own tree; 0: it stays as it is."""


def shortened(history: Sequence[Past], before: datetime) -> tuple[Kept, ...]:
    """What stays of a history, oldest first: of each day (UTC) before ``before`` the last commit, then all.

    The last commit before ``before`` is always one of those that stay, so that the first one after it
    still re-derives from its parent. Where nothing would be left out, nothing changes: an empty tuple.
    """
    old = [one for one in history if one.at < before]
    kept: list[Kept] = []
    counted = 0
    for place, one in enumerate(old, start=1):
        counted += 1
        if place == len(old) or old[place].at.date() != one.at.date():
            kept.append(Kept(one.version, counted))
            counted = 0
    if len(kept) == len(old):
        return ()
    return (*kept, *(Kept(one.version, 0) for one in history[len(old) :]))
