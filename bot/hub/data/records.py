"""The hub's records: what the stores hand out. Plain values; times are aware, UTC, whole seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any


class Role(IntEnum):
    """A repository role; a greater one may do what a lesser one may."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5

    @property
    def label(self) -> str:
        """GitHub's ``role_name``: ``none``, ``read``, ``triage``, ``write``, ``maintain``, ``admin``."""
        return self.name.lower()

    @property
    def permission(self) -> str:
        """The older four-step word, which maps maintain to write and triage to read."""
        older = {Role.MAINTAIN: Role.WRITE, Role.TRIAGE: Role.READ}
        return older.get(self, self).label


@dataclass(frozen=True, slots=True)
class User:
    """An account; ``type`` is ``User``, ``Bot`` or ``Organization``."""

    id: int
    login: str
    type: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository's record; its git data is in ``world.repositories.path(repository)``."""

    id: int
    owner: str
    name: str
    private: bool
    description: str
    homepage: str
    default_branch: str
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Label:
    """A label's definition; ``color`` is ``rrggbb`` without ``#``."""

    id: int
    repository_id: int
    name: str
    color: str
    description: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone; ``state`` is ``open`` or ``closed``."""

    id: int
    repository_id: int
    number: int
    title: str
    description: str
    state: str
    creator: str
    due_on: datetime | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue; people are named by login, ``state`` is ``open`` or ``closed``."""

    id: int
    repository_id: int
    number: int
    title: str
    body: str
    author: str
    state: str
    state_reason: str | None
    closed_by: str | None
    milestone_id: int | None
    assignees: tuple[str, ...]
    pull_request: bool
    pinned: bool
    comments: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue."""

    id: int
    issue_id: int
    issue_number: int
    repository_id: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime
    on_pull_request: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction to the issue or comment whose id is ``subject_id``."""

    id: int
    subject_id: int
    login: str
    content: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """Something that happened to an issue: ``event`` is ``labeled``, ``closed``, ``pinned`` …

    ``detail`` has GitHub's own key for it, for example ``{"label": {"name", "color"}}``.
    """

    id: int
    issue_id: int
    issue_number: int
    actor: str
    event: str
    detail: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A workflow run; ``status`` is ``queued``, ``in_progress`` or ``completed``."""

    id: int
    repository_id: int
    workflow_id: int
    workflow: str
    """The workflow's file name, for example ``worker.yml``."""
    number: int
    title: str
    """GitHub's ``display_title``: the run-name."""
    event: str
    actor: str
    branch: str
    head_sha: str
    status: str
    conclusion: str | None
    inputs: Mapping[str, str]
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class HubEvent:
    """What a subscriber is told: the event that GitHub would send as a webhook."""

    name: str
    """``issue_comment``, ``issues``, ``workflow_dispatch`` or ``workflow_run``."""
    action: str
    """``created``, ``opened``, ``labeled`` …; empty for ``workflow_dispatch``; ``cancel`` for a run."""
    repository: str
    """``owner/name``."""
    actor: str
    """Login of the account whose doing it is."""
    payload: Mapping[str, Any] = field(repr=False)
    """The payload, shaped as GitHub's: ``action, issue, comment, repository, sender`` …"""
    run_id: int | None = None
    """The workflow run that was dispatched, or is to be cancelled."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is wanted; ``limit`` None means all of it."""

    limit: int | None = None
    offset: int = 0

    def sql(self) -> str:
        """The ``LIMIT`` clause."""
        return f" LIMIT {-1 if self.limit is None else int(self.limit)} OFFSET {int(self.offset)}"


WHOLE = Slice()
"""The whole list."""


def to_time(text: str) -> datetime:
    """Read a stored time."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def to_time_or_none(text: str | None) -> datetime | None:
    """Read a stored time that may be absent."""
    return to_time(text) if text else None


def to_text(time: datetime) -> str:
    """Write a time as it is stored and as GitHub shows it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
