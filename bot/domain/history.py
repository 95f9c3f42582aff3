"""The state branch's own past, as a fact that a command wants."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Frozen, Time

MOST_COMMITS = 300
"""Commits that a command is told of: the newest."""


class CommitSeen(Frozen):
    """A commit of the state branch; its time is the ``now`` of what it settled."""

    version: str = Field(pattern=r"^[0-9a-f]{7,64}$")
    at: Time
    subject: str = Field(default="", max_length=120)


class History(Frozen):
    """The newest commits of the state branch, oldest first."""

    url: str = Field(description="what a commit's id is put behind for its page; empty: not known")
    commits: tuple[CommitSeen, ...] = ()
    whole: bool = Field(default=True, description="nothing of what was asked for is missing")
