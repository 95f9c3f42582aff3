"""Who a worker process is: what it was started with, and which start of it this is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.state import State
from bot.domain.vocabulary import Workflow


@dataclass(frozen=True, slots=True)
class Identity:
    """What a person says when starting it."""

    id: str
    workflow: Workflow
    specialties: tuple[str, ...] = ()
    region: str = ""
    slots: int = 1
    """Assignments that it works on at once."""


def next_session(state: State, process: str, now: datetime) -> int:
    """A start's number: the milliseconds since the epoch, yet above every session known of this id."""
    known = state.ledger.beats.get(process)
    return max(int(now.timestamp() * 1000), known.session + 1 if known else 1)
