"""When finished projects leave the state."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Frozen

LONGEST_PLACE = 300
"""Characters of the archive branch's address."""
LEAST = 20
"""Finished projects that stay in any case, the latest: new projects' plans are estimated by theirs."""


class Retention(Frozen):
    """When finished projects leave the state for the archive branch."""

    enabled: bool = Field(
        default=True,
        description="whether finished projects move to the archive branch, so that every run reads less",
    )
    finished_days: float = Field(
        default=14,
        gt=0,
        le=3_650,
        allow_inf_nan=False,
        description="a complete or dropped project with which nothing has happened for so long moves to the "
        f"archive branch; the latest {LEAST} stay",
    )
    finished_most: int = Field(
        default=200,
        ge=LEAST,
        le=10_000,
        description="finished projects that stay in the state; of more, the oldest move, however young",
    )
