"""What was forecast, and how it turned out: the record that forecasts are judged by."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.vocabulary import Stage

EACH = 24
"""Forecasts that are kept of one project: the first ones of its stages, then the latest."""
PROJECTS = 200
"""Open projects whose forecasts are kept: those that come first."""


class Predicted(Frozen):
    """One forecast of when something is done."""

    at: Time = Field(description="when it was made")
    low: Time = Field(description="one run in ten ends before it")
    median: Time
    high: Time = Field(description="one run in ten ends after it")
    runs: int = Field(ge=1, description="how often the open work was played forward for it")
    stage: Stage | None = Field(default=None, description="the project's stage then; None: of the backlog")


class Kept(Frozen):
    """How forecasts turned out, of projects that were completed: what was forecast for each completion."""

    projects: int = Field(
        default=0, ge=0, description="completions that were forecast; a project opened again has several"
    )
    forecasts: int = Field(default=0, ge=0)
    inside: int = Field(default=0, ge=0, description="completed between low and high")
    early: int = Field(default=0, ge=0, description="completed before low")
    late: int = Field(default=0, ge=0, description="completed after high")
    off: float = Field(
        default=0.0, ge=0, description="sum of |end - median| as parts of the time that was still left"
    )


class Predictions(Document):
    """``metrics/forecasts.json``."""

    projects: dict[str, tuple[Predicted, ...]] = Field(
        default={}, description="open project → its forecasts, oldest first"
    )
    backlog: Predicted | None = Field(default=None, description="of all open work, the latest")
    kept: Kept = Kept()
    recorded_at: Time | None = Field(
        default=None, description="when the open work was last played for this file, whatever came of it"
    )
