"""Everything that can happen, and the events of one commit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.domain.archive import Record
from bot.domain.base import Document, Frozen, Time
from bot.domain.config import Config
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.observed import Notified, Observed
from bot.domain.events.worked import WorkClaimed, WorkerBeat, WorkPublished, WorkReported
from bot.domain.quota import Purpose


class Initialised(Frozen):
    """The state branch begins."""

    kind: Literal["initialised"] = "initialised"
    at: Time
    config: Config = Config()

    @property
    def id(self) -> str:
        """There is one."""
        return "initialised"


class Restored(Frozen):
    """Somebody brings a finished project back from the archive branch, with its file there."""

    kind: Literal["restored"] = "restored"
    at: Time
    by: str = Field(min_length=1, max_length=100, description="who does so")
    record: Record

    @property
    def id(self) -> str:
        """One for each time that it had left."""
        return f"restored-{self.record.project.id}-{int(self.record.left_at.timestamp())}"


WorkerEvent = WorkClaimed | WorkReported | WorkPublished | WorkerBeat
Waiting = WorkerEvent | Notified
"""What nobody else keeps: it waits in the inbox until it is settled."""
Event = Annotated[
    CommentCreated
    | IssueChanged
    | WorkClaimed
    | WorkReported
    | WorkPublished
    | WorkerBeat
    | Notified
    | Observed
    | Restored
    | Initialised,
    Field(discriminator="kind"),
]


class Batch(Document):
    """``events.json``: the events that the latest commit settled, and its only clock."""

    now: Time
    events: tuple[Event, ...] = ()
    races: int = Field(default=0, ge=0, description="lost by the run before this commit landed")
    requests: dict[Purpose, Annotated[int, Field(ge=1)]] = Field(
        default={}, description="that the run has made since it told last, by what they were for"
    )
