"""Exactly once: which events are settled, as a watermark and the few ids above it."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Document, Frozen, Time


class Settled(Frozen):
    """Of one kind of event: everything at or below the watermark counts as settled."""

    watermark: int = 0
    above: tuple[str, ...] = Field(
        default=(), description="ids of settled events above the watermark, sorted"
    )


class Beats(Frozen):
    """The last settled beat of a worker process; those of before it, and of older sessions, are settled."""

    session: int
    number: int


class Heard(Frozen):
    """How many commands were settled in one hour."""

    hour: int = Field(description="counted from the epoch on")
    commands: int = Field(ge=1)


class Backlog(Frozen):
    """Commands that the latest sweep has found and that are not settled yet."""

    commands: int = Field(default=0, ge=0)
    oldest: Time | None = None


class Ledger(Document):
    """``ledger.json``."""

    initialised_at: Time | None = None
    next_lease: int = Field(default=0, ge=0, description="the state-wide counter of fencing tokens")
    comments: Settled = Settled()
    issues: Settled = Settled()
    work: Settled = Settled()
    beats: dict[str, Beats] = Field(default={}, description="worker process → its last settled beat")
    cursor: Time | None = Field(default=None, description="comments before this were swept")
    heard: tuple[Heard, ...] = Field(default=(), description="commands of the last day, by the hour")
    backlog: Backlog = Backlog()
    notified: tuple[str, ...] = Field(
        default=(), description="the latest messages outside that are known as sent, by their events' ids"
    )
    account: str = Field(default="", description="the account that the bot was seen to write as")
    strangers: dict[str, Time] = Field(
        default={}, description="people without a role → when they last got a reaction"
    )
