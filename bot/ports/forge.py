"""GitHub, as far as the program speaks to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.quota import Quota
from bot.ports.facts import CommentFacts, IssueEventFacts, IssueFacts, RepositoryFacts, RunFacts, Thumbs


class Forge(Protocol):
    """One GitHub repository, through one token.

    Every method costs the number of API requests that its docstring names; pages of 100. Raises
    the errors of ``bot.domain.errors``: NotFound, Forbidden, Rejected, RateLimited, Unavailable.
    """

    requests: int
    """API requests made so far (a repeated attempt counts again)."""
    unchanged: int
    """Of these, lists of which GitHub said that they are as before, which its primary limit leaves out."""

    @property
    def quota(self) -> Quota | None:
        """What GitHub's latest answer says of the token's REST requests; None: nothing was told yet."""
        ...

    def now(self) -> datetime | None:
        """GitHub's ``Date`` in the first answer plus elapsed monotonic time; None before it."""
        ...

    def set_clock_anew(self) -> None:
        """Let the next answer's ``Date`` count where it is ahead: the machine may have slept for a while."""
        ...

    def whoami(self) -> str:
        """The login that this token acts as (GraphQL ``viewer``: 1 request, remembered)."""
        ...

    def role(self, login: str) -> str:
        """``role_name`` of a user here, ``none`` for an unknown one (1 request)."""
        ...

    def comment(self, issue: int, body: str) -> CommentFacts:
        """Post a comment (1 request)."""
        ...

    def edit_comment(self, comment: int, body: str) -> None:
        """Replace a comment's body (1 request)."""
        ...

    def read_comment(self, comment: int) -> CommentFacts:
        """One comment (1 request). Raises NotFound where it was deleted."""
        ...

    def react(self, comment: int, content: str) -> None:
        """Add a reaction (``rocket``, ``confused``, ``eyes``) to a comment (1 request)."""
        ...

    def thumbs(self, comments: Mapping[int, str]) -> dict[int, Thumbs]:
        """Thumbs on comments, given with their node ids, by comment (GraphQL, 1 request for each 100).

        One more request for each whose node id is empty, because unknown. This account's own reactions
        do not count; what is gone is left out.
        """
        ...

    def issue(self, number: int) -> IssueFacts:
        """Read an issue (1 request)."""
        ...

    def issues(self, labels: Sequence[str] = (), creator: str = "") -> list[IssueFacts]:
        """All issues, open and closed, that carry all the labels (1 request a page)."""
        ...

    def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), milestone: int | None = None
    ) -> IssueFacts:
        """File an issue (1 request)."""
        ...

    def edit_issue(self, number: int, *, body: str | None = None, closed: bool | None = None) -> None:
        """Change an issue's body, close or reopen it (1 request)."""
        ...

    def add_labels(self, issue: int, labels: Sequence[str]) -> None:
        """Put labels on an issue; GitHub makes those that do not exist (1 request)."""
        ...

    def remove_label(self, issue: int, label: str) -> None:
        """Take one label off an issue; one that is not there is fine (1 request)."""
        ...

    def label_names(self) -> frozenset[str]:
        """The labels that this repository defines (1 request a page)."""
        ...

    def create_label(self, name: str, colour: str, description: str) -> None:
        """Define a label (colour as ``rrggbb``); one that exists is fine (1 request)."""
        ...

    def milestones(self) -> dict[str, int]:
        """Milestones, open and closed: title → number (1 request a page)."""
        ...

    def create_milestone(self, title: str, description: str) -> int:
        """Create a milestone; returns its number (1 request)."""
        ...

    def comments_since(self, since: datetime) -> list[CommentFacts]:
        """Every issue and pull request comment updated since then, oldest first (1 request a page)."""
        ...

    def comments_of(self, issue: int) -> list[CommentFacts]:
        """Every comment of one issue (1 request a page)."""
        ...

    def issue_events(self, after: int, since: datetime) -> list[IssueEventFacts]:
        """The repository's issue events with a greater id, not older than ``since``, oldest first.

        GitHub lists them newest first: 1 request a page, as far back as either bound.
        """
        ...

    def issue_events_of(self, issue: int) -> list[IssueEventFacts]:
        """Every event of one issue, oldest first (1 request a page)."""
        ...

    def file_text(self, path: str) -> str:
        """A text file of the default branch, at most 1 MB (1 request)."""
        ...

    def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> int | None:
        """Start a workflow on the default branch; returns the run's id where GitHub tells it (1 request)."""
        ...

    def runs(self, workflow: str, since: datetime) -> list[RunFacts]:
        """Runs of a workflow created since then (1 request a page)."""
        ...

    def run(self, run: int) -> RunFacts:
        """One run (1 request). Raises NotFound where it was deleted."""
        ...

    def cancel_run(self, run: int) -> None:
        """Ask GitHub to cancel a run; one that has ended is fine (1 request)."""
        ...

    def pinned_issues(self) -> list[IssueFacts]:
        """The pinned issues (GraphQL, 1 request)."""
        ...

    def pin_issue(self, node_id: str) -> None:
        """Pin an issue (GraphQL ``pinIssue``, 1 request)."""
        ...

    def repository(self) -> RepositoryFacts:
        """This repository's own facts (1 request)."""
        ...

    def create_repository(self, description: str, *, private: bool = False) -> RepositoryFacts:
        """Create this repository, empty, under its owner, organisation or person (1 to 2 requests).

        Raises Rejected where it exists.
        """
        ...
