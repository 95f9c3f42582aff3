"""System uptime: the part of the slots in which somebody looked, while a monitor was due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.domain.draft import Draft
from bot.domain.figures import Measured
from bot.domain.watch import SLOT_SECONDS, Mode, Slots, Watch
from bot.policies.fleet.watching import merged, slot

HOUR_OF_SLOTS = 3_600 // SLOT_SECONDS
LEAST = HOUR_OF_SLOTS
"""Fewer slots than these, an hour's, are too few to say."""
UNRECORDED = timedelta(hours=2)
"""So long a monitor may go on looking before its looks are on record: twice what it takes at most."""


def uptime_begins(draft: Draft) -> datetime:
    """How far back the record of looks reaches: to the state's beginning, or to the oldest that is kept."""
    kept = draft.watch.slots
    return datetime.fromtimestamp(kept[0].first * SLOT_SECONDS, UTC) if kept else draft.now


def uptime(draft: Draft, since: datetime, until: datetime) -> Measured:
    """Of the whole slots of a window that are known, the part with a look.

    The last ones are left out until the monitor has put its looks on record, or should have. Its share
    can be too low after a crash, which loses up to an hour of looks; it is never too high.
    """
    watch = draft.watch
    known = max(watch.recorded or uptime_begins(draft), draft.now - UNRECORDED)
    first = slot(max(since, uptime_begins(draft)) + timedelta(seconds=SLOT_SECONDS - 1))
    last = slot(min(until, known)) - 1
    due = max(0, last - first + 1)
    if due < LEAST:
        return Measured(due, None)
    up = sum(
        _within(_answered(watch.slots, mode), max(first, begin), min(last, end))
        for mode, begin, end in _stretches(watch, last)
    )
    return Measured(due, up / due)


def _stretches(watch: Watch, last: int) -> Iterator[tuple[Mode, int, int]]:
    """How the monitor was run from which slot to which; until a tick has told, as by default."""
    begins = [(Mode.CRON, 0), *((one.mode, slot(one.since)) for one in watch.modes), (Mode.CRON, last + 1)]
    for (mode, begin), (_, end) in pairwise(begins):
        yield mode, begin, end - 1


def _answered(slots: Sequence[Slots], mode: Mode) -> Sequence[Slots]:
    """The slots in which a look was due and came; by events alone one is due an hour, and stands for it."""
    if mode is not Mode.EVENTS:
        return slots
    return merged(
        Slots(
            first=one.first - one.first % HOUR_OF_SLOTS,
            last=one.last - one.last % HOUR_OF_SLOTS + HOUR_OF_SLOTS - 1,
        )
        for one in slots
    )


def _within(slots: Sequence[Slots], first: int, last: int) -> int:
    return sum(max(0, min(one.last, last) - max(one.first, first) + 1) for one in slots)
