"""What the bot keeps up to date outside, and what was last written there."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Document, Frozen, Time


class Shown(Frozen):
    """A text outside that is rewritten when what it says has changed."""

    number: int = Field(ge=1, description="the issue, or the comment's id")
    digest: str = Field(default="", max_length=64, description="of what was last written; empty: nothing yet")
    at: Time | None = Field(default=None, description="when it was last asked to be written")


class Showing(Document):
    """``showing.json``: the repository's own texts; those of projects are kept with the projects."""

    status: Shown | None = Field(default=None, description="the pinned issue")
    counted_at: Time | None = Field(
        default=None, description="when the votes on the deliveries were last looked at"
    )


class Delivery(Frozen):
    """The comment that tells a project's completion, and what people make of it."""

    comment: int = Field(ge=1, description="its id")
    node: str = Field(default="", max_length=200, description="its id in GraphQL; empty: not known yet")
    up: int = Field(default=0, ge=0, description="people who set a thumb up")
    down: int = Field(default=0, ge=0, description="people who set a thumb down")
    looked_at: Time | None = Field(default=None, description="when the votes were last seen to differ")
