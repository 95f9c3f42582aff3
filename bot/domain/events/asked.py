"""What people did: comments and changes of issues."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Frozen, Time
from bot.domain.events.looked_up import FileText, FoundRepository, IssueText, RunSeen
from bot.domain.history import History


class CommentCreated(Frozen):
    """Somebody commented; settled once, by whichever run comes by first.

    ``role`` and what follows it are facts that the settling run looked up; they are recorded so that
    history replays by itself.
    """

    kind: Literal["comment"] = "comment"
    comment: int = Field(ge=1)
    issue: int = Field(ge=1)
    actor: str
    body: str
    at: Time
    edited: bool = Field(default=False, description="changed before it was read for the first time")
    failed: bool = Field(default=False, description="this program fails on it: it is answered, not run")
    role: str = "none"
    issue_text: IssueText | None = None
    priorities: tuple[str, ...] = Field(
        default=(), description="its issue's priority labels, where a project is asked for"
    )
    files: tuple[FileText, ...] = ()
    runs: tuple[RunSeen, ...] | None = Field(
        default=None, description="the runs of the workers in question; None: not looked up, or no answer"
    )
    repositories: tuple[FoundRepository, ...] = ()
    history: History | None = Field(default=None, description="the state branch's; None: not looked up")

    @property
    def id(self) -> str:
        """Derived from GitHub's id of the comment."""
        return f"comment-{self.comment}"

    @property
    def serial(self) -> int:
        """What the watermark compares."""
        return self.comment


class IssueChanged(Frozen):
    """Somebody labelled, closed or reopened an issue; known by the stable id of GitHub's issue event."""

    kind: Literal["issue"] = "issue"
    number: int = Field(ge=1, description="GitHub's id of the issue event")
    issue: int = Field(ge=1)
    action: Literal["labeled", "unlabeled", "closed", "reopened"]
    label: str = ""
    actor: str
    at: Time
    failed: bool = Field(default=False, description="this program fails on it: it is answered, not done")
    role: str = "none"
    issue_text: IssueText | None = None

    @property
    def id(self) -> str:
        """Derived from GitHub's id of the issue event."""
        return f"issue-{self.number}"

    @property
    def serial(self) -> int:
        """What the watermark compares."""
        return self.number
