"""What GitHub tells, in the words that the program uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CommentFacts:
    """An issue comment as GitHub tells it."""

    id: int
    issue: int
    author: str
    author_is_bot: bool
    body: str
    created_at: datetime
    updated_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """An issue as GitHub tells it."""

    number: int
    title: str
    body: str
    author: str
    labels: frozenset[str]
    closed: bool
    url: str
    node_id: str = ""
    is_pull_request: bool = False


@dataclass(frozen=True, slots=True)
class IssueEventFacts:
    """Something that happened to an issue, as GitHub tells it."""

    id: int
    issue: int
    event: str
    """GitHub's word: ``labeled``, ``unlabeled``, ``closed``, ``reopened``, ``renamed`` …"""
    label: str
    """The label that was set or taken off; empty for other events."""
    actor: str
    actor_is_bot: bool
    created_at: datetime
    subject: IssueFacts | None = None
    """The issue as it is now, where the answer tells it: only the list of the whole repository does."""


@dataclass(frozen=True, slots=True)
class IssueWoken:
    """What an ``issues`` event that started this run tells: not which of the issue's events it is."""

    action: str
    """GitHub's word, as in ``IssueEventFacts.event``."""
    issue: int
    label: str
    actor: str
    actor_is_bot: bool
    at: datetime
    """When the issue was last changed: about when it happened."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A workflow run as GitHub tells it."""

    id: int
    name: str
    """The run-name: the assignment's id, for runs of ``worker.yml``."""
    status: str
    """``queued``, ``in_progress``, ``completed`` and GitHub's other words."""
    conclusion: str | None
    url: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """A repository as GitHub tells it."""

    full_name: str
    url: str
    clone_url: str
    default_branch: str
    description: str
    private: bool = True


@dataclass(frozen=True, slots=True)
class Thumbs:
    """What others than this account think of a comment."""

    node: str
    """The comment's id in GraphQL, by which it is found without a request."""
    up: int
    down: int
