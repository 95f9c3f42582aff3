"""When a project is expected to be complete: what policies find and render words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected end."""

    end: datetime
    low: datetime | None = None
    """One run of the simulation in ten ends before it; None: it was played forward once only."""
    high: datetime | None = None
    """One in ten ends after it."""
