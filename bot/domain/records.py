"""What is kept for people: alerts, and the finished attempts that every figure is made from."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from pydantic import Field

from bot.domain.alerting import Severity
from bot.domain.base import Document, Frozen, Time
from bot.domain.controls import Happening
from bot.domain.failures import Cause
from bot.domain.usage import Used
from bot.domain.vocabulary import Workflow

MOST_DONE = 8
"""Things that the fleet did by itself, as an alert keeps them: the latest."""
LONGEST_NAME = 60
"""Characters of an alert's id in what its issue is looked up by."""


class Alert(Frozen):
    """Something that a person should know."""

    id: str
    severity: Severity
    since: Time
    until: Time | None = None
    cause: str
    advice: str
    commands: tuple[str, ...] = Field(default=(), description="what to type, to be copied")
    details: str = Field(
        default="", max_length=4_000, description="a person's words, or the failures behind it"
    )
    began: Time | None = Field(default=None, description="when its cause began, where that is known")
    returned_at: Time | None = Field(
        default=None, description="when it came back last, soon after it was over: the same alert again"
    )
    gone_at: Time | None = Field(default=None, description="since when its cause is gone")
    latest: Time | None = Field(default=None, description="when the event behind it happened last")
    done: tuple[Happening, ...] = Field(default=(), description="what was done by itself, oldest first")
    issue: int | None = Field(default=None, description="its own issue, where it has one")
    asked_at: Time | None = Field(default=None, description="when its issue was asked for")
    shown: str = Field(default="", max_length=64, description="digest of what its issue says")
    shown_at: Time | None = Field(default=None, description="when that was asked to be written")
    worst_told: Severity | None = Field(default=None, description="the worst that its issue was told")
    closed_by: str = Field(default="", description="who has closed its issue while it lasted")
    refused: tuple[str, ...] = Field(
        default=(), description="who has closed its issue without the role for that: it was opened again"
    )
    told_over: bool = Field(default=False, description="its issue was told that it is over")
    notified: Severity | None = Field(default=None, description="the worst that was told outside")
    notified_over: bool = Field(default=False, description="its end was told outside")
    taken_by: str = Field(default="", description="who has said that they are on it")
    taken_at: Time | None = None

    @property
    def active_since(self) -> datetime:
        """Since when it is open without a break."""
        return self.returned_at or self.since

    @property
    def about(self) -> str:
        """What its own issue is looked up by: one for each id and each time that it was opened.

        A marker takes few characters. Where the id has others, or too many, a digest tells it from those
        that look the same without them.
        """
        name = re.sub(r"[^a-z0-9-]+", "-", self.id)
        if name != self.id or len(name) > LONGEST_NAME:
            name = f"{name[:LONGEST_NAME]}-{hashlib.sha256(self.id.encode()).hexdigest()[:8]}"
        return f"alert/{name}-{int(self.since.timestamp())}"


class Pending(Frozen):
    """A condition that has not lasted for long enough yet to be an alert."""

    id: str
    since: Time


class Races(Frozen):
    """How often saves lost the race for the state branch, in five minutes."""

    slot: int = Field(ge=0, description="seconds since the epoch, divided by 300")
    lost: int = Field(ge=1)


class Alerts(Document):
    """``alerts.json``: open alerts, the last of those that are over, and what they are judged by."""

    items: tuple[Alert, ...] = ()
    pending: tuple[Pending, ...] = ()
    filed: tuple[Time, ...] = Field(default=(), description="when the issues of the last hour were asked for")
    races: tuple[Races, ...] = Field(default=(), description="of the last hour")


class Completion(Frozen):
    """A finished attempt: the raw material of every figure."""

    task: str
    workflow: Workflow
    specialty: str
    worker: str
    queued_at: Time = Field(description="when it last entered its queue")
    open_since: Time | None = Field(
        default=None, description="since when it waited or was worked on without a stop; None: queued_at"
    )
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
