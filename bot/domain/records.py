"""What is kept for people: alerts, and the finished attempts that every figure is made from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.failures import Cause
from bot.domain.usage import Used
from bot.domain.vocabulary import Workflow

ADMIN = "admin-"
"""What the ids of alerts begin with that people call the administrators by."""


class Alert(Frozen):
    """Something that a person should know."""

    id: str
    severity: Literal["info", "warning", "critical"]
    since: Time
    until: Time | None = None
    cause: str
    advice: str
    details: str = Field(
        default="", max_length=4_000, description="a person's words, or the failures behind it"
    )
    issue: int | None = Field(default=None, description="its own issue, where it has one")
    taken_by: str = Field(default="", description="who has said that they are on it")
    taken_at: Time | None = None

    @property
    def ends_with_issue(self) -> bool:
        """Whether it is over when its issue is closed; others end when their cause is gone."""
        return self.id.startswith(ADMIN)

    @property
    def about(self) -> str:
        """What its own issue is looked up by: one for each time that it was opened."""
        return f"alert/{self.id}-{int(self.since.timestamp())}"


class Alerts(Document):
    """``alerts.json``: open alerts, and the last of those that are over."""

    items: tuple[Alert, ...] = ()


class Completion(Frozen):
    """A finished attempt: the raw material of every figure."""

    task: str
    workflow: Workflow
    specialty: str
    worker: str
    queued_at: Time
    assigned_at: Time
    finished_at: Time
    ok: bool
    rework: bool = Field(default=False, description="a quality gate sent it back")
    lost: bool = Field(default=False, description="its worker was lost: nothing is known of the work")
    cause: Cause | None = Field(default=None, description="what it failed of; None: it did not, or is old")
    spend: float = Field(default=0.0, ge=0, description="US dollars")
    used: Used | None = Field(default=None, description="what it has used, as far as was told")


class Recent(Document):
    """``metrics/recent.json``: the latest finished attempts, oldest first, bounded."""

    completions: tuple[Completion, ...] = ()


RECENT_LIMIT = 500
"""How many completions ``metrics/recent.json`` keeps."""
