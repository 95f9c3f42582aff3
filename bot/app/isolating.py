"""One event that this program fails on keeps no other from being settled.

Without this a single comment could stop the fleet: every tick takes it along, and fails with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.batch import Event

log = logging.getLogger("orchestrator")
T = TypeVar("T")


def isolated(batch: Sequence[Event], settle: Callable[[Sequence[Event]], T]) -> T:
    """What settling a batch gives, or the part of it that can be settled.

    Where that fails, each event is tried by itself. What people asked for and fails is marked, so that it is
    answered; what else fails is left where it waits. Raises what settling raised where that does not help.
    """
    try:
        return settle(batch)
    except Exception as error:
        sound = [one for event in batch if (one := _tried(event, settle)) is not None]
        if sound == list(batch) or not sound:
            raise
        log.exception(
            "settling failed, which is a defect (%s); without what it failed on", type(error).__name__
        )
    return settle(sound)


def _tried(event: Event, settle: Callable[[Sequence[Event]], object]) -> Event | None:
    try:
        settle([event])
    except Exception as error:
        log.error("%s cannot be settled: %s: %s", event.id, type(error).__name__, error)
        asked = isinstance(event, CommentCreated | IssueChanged)
        return event.model_copy(update={"failed": True}) if asked else None
    return event
