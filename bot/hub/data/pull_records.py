"""The records around pull requests: what the stores hand out. Plain values, as in ``records``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.hub.data.records import Issue


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request: the issue that carries its number, texts and labels, and what git adds to it.

    ``head`` and ``base`` are branches of the same repository. While it is open, the two ids follow the
    branches; afterwards they stay what they were at the end.
    """

    issue: Issue
    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool
    merged_at: datetime | None
    merged_by: str | None
    merge_sha: str | None

    @property
    def number(self) -> int:
        """Its number, of the same series as the issues'."""
        return self.issue.number

    @property
    def open(self) -> bool:
        """Whether it is neither closed nor merged."""
        return self.issue.state == "open"

    @property
    def merged(self) -> bool:
        """Whether its commits are in the base branch."""
        return self.merged_at is not None


@dataclass(frozen=True, slots=True)
class Review:
    """A review; ``state`` is ``APPROVED``, ``CHANGES_REQUESTED``, ``COMMENTED``, ``DISMISSED`` or, while
    only its author sees it, ``PENDING``."""

    id: int
    issue_id: int
    author: str
    state: str
    body: str
    commit_sha: str
    """The head that was reviewed."""
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Remark:
    """A review's comment on a line of the diff; ``side`` is ``RIGHT`` (the new text) or ``LEFT``."""

    id: int
    review_id: int
    author: str
    path: str
    line: int
    side: str
    start_line: int | None
    body: str
    hunk: str
    """The diff from the hunk's beginning to the line."""
    commit_sha: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """What one context says of a commit; ``state`` is ``success``, ``pending``, ``failure`` or ``error``."""

    id: int
    repository_id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """A ref that somebody pushed; an id of zeros stands for a ref that is not there."""

    old: str
    new: str
    ref: str


@dataclass(frozen=True, slots=True)
class PagesSource:
    """A Pages site: which branch it comes from, and from which folder, ``/`` or ``/docs``."""

    repository_id: int
    branch: str
    path: str
    creator: str
    created_at: datetime
    built_at: datetime
