"""The order of a queue: one total order, which the passing of time does not change."""

from __future__ import annotations

from bot.domain.config import Queueing
from bot.domain.models import QueueItem
from bot.domain.outputs import Priority

RANK = {priority: rank for rank, priority in enumerate(Priority)}
"""Urgent is 0."""
_HIGH = RANK[Priority.HIGH]

Place = tuple[bool, bool, int, int, int, str]


def place(item: QueueItem, settings: Queueing) -> Place:
    """What a queue is sorted by: urgent, taken back, then when it is worth as much as a new high one."""
    ageing = settings.ageing_minutes * 60
    return place_of(RANK[item.priority], int(item.enqueued_at.timestamp()), item.task, ageing, item.front)


def place_of(rank: int, enqueued_at: int, task: str, ageing: int, front: bool) -> Place:
    """The same for what is not queued yet; times in seconds.

    A task rises one level for each ``ageing`` that it waits, and joins the end of the line
    there: a normal one that has waited so long stands where a high one that came now would stand.
    That moment is fixed when it is queued, so no queue has to be sorted again because time passed.
    """
    worth_high = enqueued_at + max(0, rank - _HIGH) * ageing
    return rank > 0, not front, worth_high, rank, enqueued_at, task
