"""What the bot keeps up to date outside, and what was last written there."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.quota import Shed


class StatusRule(Frozen):
    """The pinned issue that shows the whole system."""

    enabled: bool = Field(default=True, description="whether it is filed, pinned and kept up to date")
    seconds: int = Field(default=60, ge=10, le=86_400, description="between two rewrites, at least")
    title: str = Field(
        default="Orchestrator status", min_length=1, max_length=200, description="when it is filed"
    )


class ProgressRule(Frozen):
    """The comment, or the project's own issue, that shows how far a project is."""

    enabled: bool = Field(default=True, description="whether it is kept up to date")
    seconds: int = Field(default=60, ge=10, le=86_400, description="between two edits of one, at least")


class Shown(Frozen):
    """A text outside that is rewritten when what it says has changed."""

    number: int = Field(ge=1, description="the issue, or the comment's id")
    digest: str = Field(default="", max_length=64, description="of what was last written; empty: nothing yet")
    at: Time | None = Field(default=None, description="when it was last asked to be written")
    stale: bool = Field(default=False, description="what it says may have changed since")
    effect: str = Field(
        default="",
        max_length=160,
        description="the outbox id that its comment carries; empty: it is an issue's own text",
    )


class StatusShown(Shown):
    """The pinned issue."""

    pinned: bool = Field(default=False, description="whether it was seen pinned")
    closed: bool = Field(default=False, description="a person has closed it: it is left alone")


class Showing(Document):
    """``showing.json``: the repository's own texts; those of projects are kept with the projects."""

    status: StatusShown | None = Field(default=None, description="the pinned issue")
    asked_at: Time | None = Field(default=None, description="when its filing was last asked for")
    counted_at: Time | None = Field(
        default=None, description="when the votes on the deliveries were last looked at"
    )
    shed: Shed | None = Field(default=None, description="what waits because few API requests are left")


class CompletionComment(Frozen):
    """The comment that tells a project's completion, and what people make of it."""

    comment: int = Field(ge=1, description="its id")
    node: str = Field(default="", max_length=200, description="its id in GraphQL; empty: not known yet")
    up: int = Field(default=0, ge=0, description="people who set a thumb up")
    down: int = Field(default=0, ge=0, description="people who set a thumb down")
    looked_at: Time | None = Field(default=None, description="when the votes were last seen to differ")
    missed: int = Field(
        default=0, ge=0, description="looks in a row that did not find it: somebody may have deleted it"
    )
