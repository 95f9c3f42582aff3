"""Which commits of the state branch stay when its history is shortened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

COMPACTED_BY = "Compacted-By: orchestrator"
"""Begins the trailer of a commit that stands for those of its day."""
NEVER_SHORTENED = 2
"""Days that stay whole: runs may still look up whether their own commits have landed."""


@dataclass(frozen=True, slots=True)
class Past:
    """A commit, as far as shortening the history needs to know it."""

    version: str
    at: datetime
    stands_for: int = 1
    """How many commits of the whole history it stands for: more than itself where it was compacted before."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A commit that stays, oldest first."""

    version: str
    stands_for: int
    """How many commits of the whole history it stands for with its own tree; 0: it stays as it is."""


_TITLE = "The state at the end of {day} (UTC), for {count}"
_COUNTED = re.compile(r"^The state at the end of [-0-9]+ \(UTC\), for ([0-9]+) commits?$", re.MULTILINE)


def title(day: date, stands_for: int) -> str:
    """The first line of a commit that stands for those of its day."""
    count = "1 commit" if stands_for == 1 else f"{stands_for} commits"
    return _TITLE.format(day=day.isoformat(), count=count)


def counted(message: str) -> int:
    """How many commits one stands for, by its message: 1 where it is one as the bot has made it."""
    found = _COUNTED.match(message) if COMPACTED_BY in message else None
    return int(found[1]) if found else 1


def shortened(history: Sequence[Past], before: datetime) -> tuple[Kept, ...]:
    """What stays of a history, oldest first: of each day (UTC) before ``before`` the last commit, then all.

    The last commit before ``before`` is always one of those that stay, so that the first one after it
    still re-derives from its parent. Where nothing would be left out, nothing changes: an empty tuple.
    A commit that stands for others already counts as those, so that a day that is shortened in two goes
    says in the end how many commits it had.
    """
    old = [one for one in history if one.at < before]
    kept: list[Kept] = []
    stand = 0
    for place, one in enumerate(old, start=1):
        stand += one.stands_for
        if place == len(old) or old[place].at.date() != one.at.date():
            kept.append(Kept(one.version, stand))
            stand = 0
    if len(kept) == len(old):
        return ()
    return (*kept, *(Kept(one.version, 0) for one in history[len(old) :]))
