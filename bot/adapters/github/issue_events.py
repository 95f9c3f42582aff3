"""What happened to issues: GitHub's issue events, which have stable ids and name who did it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from bot.adapters.github.calls import RepositoryCalls
from bot.adapters.github.models import Account, Issue, Text, Tolerant, User, same_case
from bot.domain.base import Time
from bot.ports.facts import IssueEventFacts


class _Label(Tolerant):
    name: Annotated[Text, BeforeValidator(same_case)] = ""


_NamedLabel = Annotated[_Label, BeforeValidator(lambda value: {} if value is None else value)]
"""The label of an event that is about one; many are not."""


class IssueEvent(Tolerant):
    """An issue event. Its issue is told by the repository's list alone, and is null once it has gone."""

    id: int
    event: Text = ""
    actor: Account = User()
    label: _NamedLabel = _Label()
    created_at: Time
    issue: Issue | None = None

    def facts(self, issue: int) -> IssueEventFacts:
        """As the port names it; ``issue`` is the number of the issue that it happened to."""
        return IssueEventFacts(
            id=self.id,
            issue=issue,
            event=self.event,
            label=self.label.name,
            actor=self.actor.login,
            actor_is_bot=self.actor.is_bot,
            created_at=self.created_at,
            subject=self.issue.facts() if self.issue else None,
        )


class IssueEventCalls(RepositoryCalls):
    """The part of ``Forge`` that tells who labelled, closed and reopened."""

    def issue_events(self, after: int, since: datetime) -> list[IssueEventFacts]:
        """The repository's issue events with a greater id, not older than ``since``, oldest first.

        GitHub lists them newest first: 1 request a page, as far back as either bound. Events of issues
        that are gone are left out.
        """
        # By id, because an event that comes while the pages are read moves the others between them.
        found: dict[int, IssueEvent] = {}
        for page in self._pages_of(IssueEvent, self._get("/issues/events", "list the issue events")):
            found |= {event.id: event for event in page if event.id > after and event.created_at >= since}
            if page and (page[-1].id <= after or page[-1].created_at < since):
                break
        return _in_order([event.facts(event.issue.number) for event in found.values() if event.issue])

    def issue_events_of(self, issue: int) -> list[IssueEventFacts]:
        """Every event of one issue, oldest first (1 request a page)."""
        call = self._get(f"/issues/{issue}/events", f"list the events of issue #{issue}")
        return _in_order([event.facts(issue) for event in self._all(IssueEvent, call)])


def _in_order(events: list[IssueEventFacts]) -> list[IssueEventFacts]:
    return sorted(events, key=lambda event: event.id)
