"""Keeps the record of when somebody looked: an observer that was away must not take silence for death."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.watch import SLOT_SECONDS, SLOTS_LIMIT, Slots, Watch


def watched_since(draft: Draft) -> datetime:
    """Since when the fleet has been looked at without a gap, this look included."""
    gap = _gap(draft)
    watch, begun = draft.watch, draft.watching_since or draft.now
    unbroken = watch.since is not None and watch.until is not None and begun - watch.until <= gap
    return min(begun, watch.since) if unbroken and watch.since is not None else begun


def mark(draft: Draft) -> None:
    """Put this look on record, with those before it that its observer remembers."""
    since = watched_since(draft)
    first = draft.watching_since or draft.now
    seen = Slots(first=_slot(first), last=_slot(draft.now))
    draft.watch = Watch(since=since, until=draft.now, slots=_with(draft.watch.slots, seen))


def keep(draft: Draft) -> None:
    """Put this look on record where looks that change nothing would leave a gap in it.

    Settling again at the same moment does nothing.
    """
    until = draft.watch.until
    if until is None or draft.now - until > _gap(draft) / 2:
        mark(draft)


def _gap(draft: Draft) -> timedelta:
    health = draft.config.health
    return timedelta(minutes=health.heartbeat_minutes if health.gap_minutes is None else health.gap_minutes)


def _slot(at: datetime) -> int:
    return int(at.timestamp()) // SLOT_SECONDS


def _with(known: tuple[Slots, ...], seen: Slots) -> tuple[Slots, ...]:
    """The runs of slots with one more; those that touch become one."""
    merged: list[Slots] = []
    for one in sorted((*known, seen), key=lambda one: (one.first, one.last)):
        if merged and one.first <= merged[-1].last + 1:
            merged[-1] = Slots(first=merged[-1].first, last=max(merged[-1].last, one.last))
        else:
            merged.append(one)
    return tuple(merged[-SLOTS_LIMIT:])
