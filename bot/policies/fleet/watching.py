"""Keeps the record of when somebody looked: an observer that was away must not take silence for death."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.events.observed import Observed
from bot.domain.state import State
from bot.domain.watch import MODES_LIMIT, SLOT_SECONDS, SLOTS_LIMIT, Mode, ModeSince, Slots, Watch

RECORD_EVERY = timedelta(hours=1)
"""A monitor that has had nothing to commit puts its looks on record when the record is so old."""
FORGOTTEN = RECORD_EVERY + timedelta(minutes=30)
"""A mode of which nothing was put on record for so long is that of a monitor that is gone."""
EAGERNESS = (Mode.LOOP, Mode.CRON, Mode.EVENTS)
"""The modes, the one that looks most often first."""


def longest_gap(heartbeat_minutes: float) -> timedelta:
    """The longest pause between two looks that leaves no slot out and lets nobody die unseen."""
    return min(timedelta(minutes=heartbeat_minutes), timedelta(seconds=SLOT_SECONDS))


def watched_since(draft: Draft) -> datetime:
    """Since when the fleet has been looked at without a gap, this look included."""
    gap = timedelta(minutes=draft.config.health.heartbeat_minutes)
    watch, begun = draft.watch, draft.watching_since or draft.now
    unbroken = watch.since is not None and watch.until is not None and begun - watch.until <= gap
    return min(begun, watch.since) if unbroken and watch.since is not None else begun


def record_is_due(state: State, now: datetime) -> bool:
    """Whether the monitor's looks were last put on record so long ago that it is worth a commit."""
    last = state.watch.recorded or state.ledger.initialised_at
    return last is not None and now - last >= RECORD_EVERY


def mode_is_news(watch: Watch, mode: Mode, now: datetime) -> bool:
    """Whether how a monitor is run is worth a commit: where that differs, and where it must not be forgotten.

    Two monitors in different modes would each put the other right for ever. So the one that looks more
    often counts, for as long as it says so once in ``RECORD_EVERY``; the other one gives way.
    """
    if watch.mode is mode:
        seen = watch.modes[-1].seen
        return seen is not None and now - seen >= RECORD_EVERY
    return takes_over(watch, mode, now)


def takes_over(watch: Watch, mode: Mode, now: datetime) -> bool:
    """Whether another mode than the one on record counts from now on."""
    if watch.mode is None:
        return True
    known = watch.modes[-1]
    silent = known.seen is None or now - known.seen > FORGOTTEN
    return silent or EAGERNESS.index(mode) < EAGERNESS.index(known.mode)


def take_in(draft: Draft, event: Observed) -> None:
    """What a look tells about its observer: since when it looks, which looks went before, how it is run."""
    draft.watching_since = event.watching_since or draft.watching_since
    draft.looks = event.looks if event.looks is not None else draft.looks
    if event.mode is not None:
        _take_mode(draft, event.mode, leaves=event.leaves)


def _take_mode(draft: Draft, mode: Mode, *, leaves: bool) -> None:
    """How the observer is run, unless that gives way to what is on record."""
    modes = draft.watch.modes
    if draft.watch.mode is mode:
        seen = None if leaves else draft.now
        modes = (*modes[:-1], modes[-1].model_copy(update={"seen": seen}))
    elif takes_over(draft.watch, mode, draft.now):
        modes = (*modes, ModeSince(mode=mode, since=draft.now, seen=draft.now))[-MODES_LIMIT:]
    draft.watch = draft.watch.model_copy(update={"modes": modes})


def mark(draft: Draft) -> None:
    """Put this look on record, with those before it that its observer remembers or has evidence of."""
    draft.watch = marked(draft)


def marked(draft: Draft) -> Watch:
    """The record with this look in it: what a commit that is made now will hold."""
    first = draft.watching_since or draft.now
    seen = Slots(first=slot(first), last=slot(draft.now))
    is_record = draft.watching_since is not None or draft.looks is not None
    changes = {
        "since": watched_since(draft),
        "until": draft.now,
        "recorded": draft.now if is_record else draft.watch.recorded,
        "slots": merged((*draft.watch.slots, *(draft.looks or ()), seen)),
    }
    return draft.watch.model_copy(update=changes)


def slot(at: datetime) -> int:
    """The number of the slot that a moment lies in."""
    return int(at.timestamp()) // SLOT_SECONDS


def slots_of(moments: Iterable[datetime]) -> tuple[Slots, ...]:
    """The slots that some moments lie in."""
    return merged([Slots(first=slot(at), last=slot(at)) for at in moments])


def merged(runs: Iterable[Slots]) -> tuple[Slots, ...]:
    """Runs of slots in order; those that touch become one, and of too many the newest stay."""
    found: list[Slots] = []
    for one in sorted(runs, key=lambda one: (one.first, one.last)):
        if found and one.first <= found[-1].last + 1:
            found[-1] = Slots(first=found[-1].first, last=max(found[-1].last, one.last))
        else:
            found.append(one)
    return tuple(found[-SLOTS_LIMIT:])
