"""The configuration of alerts: from which severity on people are told, and how often."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from bot.domain.base import Frozen


class Severity(StrEnum):
    """How bad it is, the least first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The greater, the worse."""
        return tuple(Severity).index(self)


Least = Literal["info", "warning", "critical", "none"]
"""From which severity on something is done; none: never."""


class Alerting(Frozen):
    """Who is told of alerts, when, and where the bot's own health becomes one (docs/alerts.md)."""

    issue_severity: Least = Field(
        default="warning", description="an alert at least so bad gets an issue; `none`: none does"
    )
    notify_severity: Least = Field(
        default="none",
        description="an alert at least so bad is told to the addresses in the secret "
        "`ORCHESTRATOR_NOTIFY_URLS`; `none`: nothing is told there",
    )
    quiet_minutes: float = Field(
        default=10,
        ge=1,
        le=1_440,
        allow_inf_nan=False,
        description="what comes back within so long is the same alert again; its end is told after that",
    )
    after_minutes: float = Field(
        default=1,
        ge=0,
        le=1_440,
        allow_inf_nan=False,
        description="an alert that is over before that is told to nobody; critical ones are told at once",
    )
    update_minutes: float = Field(
        default=5,
        ge=1,
        le=1_440,
        allow_inf_nan=False,
        description="an alert's issue is rewritten at most so often",
    )
    issues_per_hour: int = Field(
        default=10, ge=1, le=500, description="beyond that one issue collects the alerts of the hour"
    )
    unanswered_minutes: float = Field(
        default=15,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="a command without an answer for longer is an alert",
    )
    quota_used: float = Field(
        default=0.8, gt=0, le=1, description="this part of an hour's API requests used is an alert"
    )
    quota_clear: float = Field(default=0.6, ge=0, le=1, description="that alert ends at this part")
    lost_races: int = Field(
        default=60,
        ge=2,
        le=100_000,
        description="saves that lost the race for the state branch within an hour, as an alert; half ends it",
    )
    late_minutes: float = Field(
        default=30,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="a look of the monitor that comes later than its mode promises by more than this is an "
        "alert",
    )

    @model_validator(mode="after")
    def _clears_below(self) -> Alerting:
        if self.quota_clear >= self.quota_used:
            raise ValueError("quota_clear is not below quota_used")
        return self


def reaches(severity: Severity, least: Least) -> bool:
    """Whether an alert is bad enough."""
    return least != "none" and severity.rank >= Severity(least).rank
