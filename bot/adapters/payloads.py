"""The events that wake the bot, as far as it reads them: tolerant, since GitHub adds fields at any time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.adapters.github.models import Account, Comment, Issue, Named, Tolerant, User, first_problem
from bot.domain.base import Time
from bot.domain.errors import UsageError
from bot.ports.facts import CommentFacts, IssueWoken


class CommentPayload(Tolerant):
    """An ``issue_comment`` event: a comment on an issue or on a pull request's conversation."""

    action: str
    """``created``, ``edited`` or ``deleted``."""
    comment: Comment
    issue: Issue
    sender: Account = User()

    def facts(self) -> CommentFacts:
        """The comment as the port names it."""
        return CommentFacts(
            id=self.comment.id,
            issue=self.issue.number,
            author=self.comment.user.login,
            author_is_bot=self.comment.user.is_bot,
            body=self.comment.body,
            created_at=self.comment.created_at,
            updated_at=self.comment.updated_at,
            url=self.comment.html_url,
        )


class _ChangedIssue(Issue):
    updated_at: Time


class IssuePayload(Tolerant):
    """An ``issues`` event. It carries no id of its own, so it tells only where to look."""

    action: str
    issue: _ChangedIssue
    label: Named | None = None
    sender: Account = User()

    def facts(self) -> IssueWoken:
        """As the port names it."""
        return IssueWoken(
            action=self.action,
            issue=self.issue.number,
            label=self.label.name.lower() if self.label else "",
            actor=self.sender.login,
            actor_is_bot=self.sender.is_bot,
            at=self.issue.updated_at,
        )


def read_issue(payload: Mapping[str, Any]) -> IssuePayload:
    """What somebody did to an issue. Raises UsageError where what GitHub always sends is missing."""
    try:
        return IssuePayload.model_validate(payload)
    except ValidationError as error:
        raise UsageError(
            f"The event is no issues event as GitHub sends it ({first_problem(error)}): expected action "
            "and issue. Point GITHUB_EVENT_PATH at an unchanged payload."
        ) from None


def read_comment(payload: Mapping[str, Any]) -> CommentPayload | None:
    """The comment that an event is about; None where the event is about something else.

    Raises UsageError where it is about a comment but lacks what GitHub always sends with it.
    """
    if "comment" not in payload or "issue" not in payload:
        return None
    try:
        return CommentPayload.model_validate(payload)
    except ValidationError as error:
        raise UsageError(
            f"The event is no issue_comment as GitHub sends it ({first_problem(error)}): expected action, "
            "comment and issue. Point GITHUB_EVENT_PATH at an unchanged payload."
        ) from None
