"""What lies ahead of a task that waits, and of one that moves: worked out by policies, worded by render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.models import Task


class Hold(StrEnum):
    """Why a queued task may not start now, whoever is idle."""

    PAUSED = "paused"
    TRIAGE = "triage"
    BACKOFF = "backoff"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Start:
    """When a queued task is expected to start."""

    hold: Hold | None = None
    at: datetime | None = None
    """None: unknown, or until the hold ends. Not after now: as soon as a worker is free."""
    reserved: str = ""
    """The worker that it is kept for."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything that a waiting task waits for."""

    needs: tuple[Task, ...] = ()
    """Tasks of its project that have to be over first and are not."""
    start: Start | None = None
    """For a queued task."""
    place: int = 0
    """In its queue, from 1; 0 where it is in none."""
    ahead: tuple[str, ...] = ()
    """The tasks right before it in its queue, nearest last."""


@dataclass(frozen=True, slots=True)
class Prospects:
    """What lies ahead of one project's tasks."""

    starts: Mapping[str, Start]
    """Queued task → when it is expected to start."""
    ends: Mapping[str, datetime]
    """Task that a worker has → when it should be done."""
    essential: frozenset[str] = frozenset()
    """Tasks that the project cannot do without."""


@dataclass(frozen=True, slots=True)
class Move:
    """A task that goes to another worker."""

    task: str
    project: str
    source: str
    target: str
    why: str
    begun: bool
    """Whether its run was dispatched already, and is cancelled."""
