"""Pull requests of projects: what a look shows of one, and what the state knows of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.domain.base import Frozen, Time

Checks = Literal["none", "pending", "passed", "failed"]
"""GitHub's roll-up of statuses and check runs at the head."""
Mergeable = Literal["unknown", "yes", "conflict", "behind", "blocked"]
"""``unknown``: GitHub has not worked it out yet; ``behind``: protection wants the base's commits first;
``blocked``: protection wants something that only people give."""

MOST_REVIEWERS = 30
"""People whose latest verdicts are looked at."""


class Requested(Frozen):
    """A person's review that asks for changes."""

    id: int = Field(description="GitHub's id of the review")
    author: str
    text: str = Field(max_length=4_000, description="with its remarks, each at its place; untrusted")


class PullFacts(Frozen):
    """A pull request as GitHub tells it."""

    number: int = Field(ge=1)
    url: str
    branch: str
    base: str = Field(default="", description="what it is to be merged into; empty: not told")
    head: str = Field(max_length=64, description="commit at the head of its branch")
    parents: tuple[str, ...] = Field(default=(), max_length=10, description="what the head came from")
    state: Literal["open", "merged", "closed"] = "open"
    checks: Checks = "none"
    failing: str = Field(default="", max_length=4_000, description="checks that failed, with their links")
    mergeable: Mergeable = "unknown"
    requested: tuple[Requested, ...] = Field(default=(), max_length=MOST_REVIEWERS)


class PullSeen(Frozen):
    """What a look shows of a project's pull request, where that differs from what is known."""

    project: str
    key: str
    known: str = Field(max_length=64, description="the head that was known when it was looked at")
    facts: PullFacts


class Pull(Frozen):
    """A pull request of a project: one for each issue, kind of content, or task of the whole project."""

    key: str = Field(description="what its branch is named after: an issue's key, a kind of content")
    facts: PullFacts
    pushed_at: Time = Field(description="when its head was first seen")
    approved: str = Field(default="", description="the head that the review, or the gates, let through")
    reviewing: str = Field(default="", description="the head that was known when the review was begun")
    merging: str = Field(default="", description="the head that the bot was asked to merge")
    updating: str = Field(default="", description="the head that the bot was asked to bring up to date")
    told: str = Field(default="", description="the head of which the thread was told that a person may merge")
    silent_since: Time | None = Field(
        default=None, description="since when GitHub has not said what the merge hangs on"
    )
    stalled: str = Field(
        default="", description="the head of which the thread was told that GitHub says nothing"
    )
    answered: tuple[int, ...] = Field(default=(), description="reviews that were sent back to the task")
    blamed: str = Field(default="", description="the head that was sent back for its checks or a conflict")

    @property
    def open(self) -> bool:
        """Whether it is neither merged nor closed."""
        return self.facts.state == "open"

    def heard(self, now: datetime) -> Pull:
        """The same, knowing since when GitHub is silent on its checks or on whether it can be merged."""
        silent = self.open and (self.facts.checks == "pending" or self.facts.mergeable == "unknown")
        since = (self.silent_since or now) if silent else None
        return self if since == self.silent_since else self.model_copy(update={"silent_since": since})
