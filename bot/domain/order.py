"""The order of a queue: one total order, which the passing of time does not change."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.config import Queueing
from bot.domain.models import QueueItem
from bot.domain.outputs import Priority

RANK = {priority: rank for rank, priority in enumerate(Priority)}
"""Urgent is 0."""

Place = tuple[bool, bool, datetime, int, datetime, str]


def place(item: QueueItem, settings: Queueing) -> Place:
    """What a queue is sorted by: urgent, taken back, then when it is worth as much as a new high one."""
    return place_of(item.priority, item.enqueued_at, item.task, settings, front=item.front)


def place_of(
    priority: Priority, enqueued_at: datetime, task: str, settings: Queueing, *, front: bool = False
) -> Place:
    """The same for what is not queued yet.

    A task rises one level for each ``ageing_minutes`` that it waits, and joins the end of the line
    there: a normal one that has waited so long stands where a high one that came now would stand.
    That moment is fixed when it is queued, so no queue has to be sorted again because time passed.
    """
    rank = RANK[priority]
    levels_below_high = max(0, rank - RANK[Priority.HIGH])
    worth_high = enqueued_at + levels_below_high * timedelta(minutes=settings.ageing_minutes)
    return rank > 0, not front, worth_high, rank, enqueued_at, task
