"""What a look at GitHub showed, and what was told outside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.domain.base import Frozen, Time
from bot.domain.config import Config
from bot.domain.events.looked_up import RunSeen
from bot.domain.ledger import Backlog
from bot.domain.pulls import PullSeen
from bot.domain.quota import Quota
from bot.domain.retention import LONGEST_PLACE
from bot.domain.watch import Mode, Slots

EventId = Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,120}$")]


class IssueOpened(Frozen):
    """Evidence that a project's own issue exists."""

    project: str
    issue: int


class IssueFiled(Frozen):
    """Evidence that an alert's, an incident's or the pinned issue exists."""

    about: str
    issue: int
    digest: str = Field(default="", max_length=64, description="the pinned issue: of what stands there")
    pinned: bool = Field(default=False, description="the pinned issue: whether it is")


class Posted(Frozen):
    """Evidence of a reply whose comment is wanted later."""

    effect: str = Field(description="the outbox id that the comment carries")
    comment: int = Field(ge=1, description="the comment's id")


class Voted(Frozen):
    """The thumbs on the comment that tells a project's completion, the bot's own left out."""

    project: str
    up: int = Field(ge=0)
    down: int = Field(ge=0)
    node: str = Field(default="", max_length=200, description="the comment's id in GraphQL")
    missing: bool = Field(default=False, description="the comment was not shown: the votes are as known")


class Observed(Frozen):
    """What a run saw of GitHub that differs from the state. A tick is nothing but this."""

    kind: Literal["observed"] = "observed"
    observer: EventId = Field(description="who looked: run, attempt and turn")
    at: Time
    swept_to: int | None = Field(default=None, description="every comment up to this id was looked at")
    cursor: Time | None = Field(default=None, description="where the next sweep begins")
    delivered: tuple[str, ...] = Field(default=(), description="outbox ids that evidence was seen of")
    looked_for: tuple[str, ...] = Field(
        default=(), description="outbox ids whose evidence was looked for in full"
    )
    opened: tuple[IssueOpened, ...] = ()
    filed: tuple[IssueFiled, ...] = ()
    ended: tuple[RunSeen, ...] = Field(
        default=(), description="runs of open assignments and of stopped work that were seen ended"
    )
    pulls: tuple[PullSeen, ...] = Field(
        default=(), description="pull requests that differ from what is known"
    )
    issues_swept_to: int | None = Field(default=None, description="every issue event up to this id was seen")
    watching_since: Time | None = Field(
        default=None, description="since when this observer has looked again and again without a gap"
    )
    looks: tuple[Slots, ...] | None = Field(
        default=None, description="slots in which other runs of the monitor looked; None: not asked"
    )
    mode: Mode | None = Field(default=None, description="how the monitor that looks is run")
    leaves: bool = Field(
        default=False, description="this is that monitor's last look, and it has started nobody to follow"
    )
    backlog: Backlog | None = Field(
        default=None, description="commands that were found and wait, where that differs"
    )
    posted: tuple[Posted, ...] = Field(default=(), description="comments that matter later")
    gone: tuple[str, ...] = Field(
        default=(), description="outbox ids of texts whose comment or issue somebody has deleted"
    )
    issues_gone: tuple[int, ...] = Field(
        default=(), description="issues of alerts that somebody has deleted, or moved away"
    )
    pinned: bool | None = Field(
        default=None, description="whether the pinned issue is pinned, where that differs"
    )
    votes: tuple[Voted, ...] = Field(default=(), description="where they differ from what is known")
    counted: bool = Field(default=False, description="the votes were looked at")
    quota: Quota | None = Field(default=None, description="where it was told")
    account: str | None = Field(default=None, description="the account that the bot writes as")
    archive: str = Field(
        default="",
        max_length=LONGEST_PLACE,
        description="the address of the archive branch, where the run may put finished projects there",
    )
    config: Config | None = Field(default=None, description="a configuration that differs")
    config_problem: str | None = Field(default=None, description="'' when the problem is over")
    set_back: Time | None = Field(
        default=None, description="until then the bot has answered commands that the state knows nothing of"
    )

    @property
    def id(self) -> str:
        """One for each look."""
        return f"observed-{self.observer}"


class Notified(Frozen):
    """A run has told the addresses outside what an effect says: the evidence of it, as nothing else is.

    It waits in the inbox for the next commit.
    """

    kind: Literal["notified"] = "notified"
    effect: str = Field(description="its outbox id")
    alert: str
    at: Time
    failed: tuple[str, ...] = Field(default=(), description="services of addresses that did not take it")

    @property
    def id(self) -> str:
        """One for each effect."""
        return f"notified-{self.effect.replace('/', '.')}"
