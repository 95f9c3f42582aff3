"""Reading issues: one by one, and the lists that GitHub's query parameters ask for."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.hub.data.records import WHOLE, Issue, Repository, Slice, to_text, to_time, to_time_or_none
from bot.hub.data.refusals import Missing
from bot.hub.data.store import Store

_COMMENTS = "(SELECT count(*) FROM comments WHERE issue_id = issues.id)"
_SELECT = f"SELECT issues.*, {_COMMENTS} AS comments FROM issues WHERE "  # noqa: S608


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """Which issues, in what order; the fields are those of GitHub's list of issues."""

    state: str = "open"
    labels: tuple[str, ...] = ()
    creator: str = ""
    assignee: str = ""
    milestone: str = ""
    """A milestone's number, ``*`` for any, ``none`` for issues without one."""
    since: datetime | None = None
    """Only issues updated then or later."""
    sort: str = "created"
    direction: str = "desc"
    pull_requests: bool | None = None
    """Only those, or none of them; None for both, as GitHub's list of issues has them."""

    def where(self, repository: Repository) -> tuple[str, list[str | int]]:
        """The condition in SQL and its values."""
        terms = ["repository_id = ?", "? IN ('all', state)"]
        values: list[str | int] = [repository.id, self.state]
        for name in self.labels:
            terms.append(
                "id IN (SELECT issue_id FROM issue_labels JOIN labels ON labels.id = label_id "
                "WHERE labels.repository_id = ? AND labels.name = ?)"
            )
            values += [repository.id, name]
        for term, value in self._optional_terms():
            terms.append(term)
            values += value
        return " AND ".join(terms), values

    def order(self) -> str:
        """The ``ORDER BY`` clause; ids break ties."""
        column = {"updated": "updated_at", "comments": "comments"}.get(self.sort, "id")
        way = "ASC" if self.direction == "asc" else "DESC"
        return f" ORDER BY {column} {way}, id {way}"

    def _optional_terms(self) -> list[tuple[str, list[str | int]]]:
        terms: list[tuple[str, list[str | int]]] = []
        if self.creator:
            terms.append(("author = ? COLLATE NOCASE", [self.creator]))
        if self.assignee:
            terms.append(("instr(' ' || assignees || ' ', ?)", [f" {self.assignee} "]))
        if self.milestone == "none":
            terms.append(("milestone_id IS NULL", []))
        elif self.milestone == "*":
            terms.append(("milestone_id IS NOT NULL", []))
        elif self.milestone:
            number = "(SELECT number FROM milestones WHERE milestones.id = milestone_id)"
            terms.append((f"{number} = ?", [int(self.milestone)]))
        if self.pull_requests is not None:
            terms.append(("pull_request = ?", [int(self.pull_requests)]))
        if self.since:
            terms.append(("updated_at >= ?", [to_text(self.since)]))
        return terms


OPEN = IssueQuery()
"""The open issues, newest first."""


class IssueQueries(Store):
    """The issues of all repositories, to read."""

    def get(self, repository: Repository, number: int) -> Issue | None:
        """An issue by its number, else None."""
        row = self.db.row(_SELECT + "repository_id = ? AND number = ?", repository.id, number)
        return self._issue(row) if row else None

    def find(self, repository: Repository, number: int) -> Issue:
        """An issue by its number. Raises Missing."""
        issue = self.get(repository, number)
        if issue is None:
            raise Missing
        return issue

    def by_id(self, issue_id: int) -> Issue:
        """An issue by its id. Raises Missing."""
        row = self.db.row(_SELECT + "id = ?", issue_id)
        if row is None:
            raise Missing
        return self._issue(row)

    def search(self, repository: Repository, query: IssueQuery = OPEN, part: Slice = WHOLE) -> list[Issue]:
        """The issues that a query asks for."""
        condition, values = query.where(repository)
        rows = self.db.rows(_SELECT + condition + query.order() + part.sql(), *values)
        return [self._issue(row) for row in rows]

    def count(self, repository: Repository, query: IssueQuery = OPEN) -> int:
        """How many issues ``search`` gives where it is asked for all of them."""
        condition, values = query.where(repository)
        return self.db.number(f"SELECT count(*) FROM issues WHERE {condition}", *values)  # noqa: S608

    def pinned(self, repository: Repository) -> list[Issue]:
        """The pinned issues in the order in which they were pinned."""
        sql = _SELECT + "repository_id = ? AND pinned_at IS NOT NULL ORDER BY pinned_at"
        return [self._issue(row) for row in self.db.rows(sql, repository.id)]

    def _issue(self, row: sqlite3.Row) -> Issue:
        return Issue(
            id=row["id"],
            repository_id=row["repository_id"],
            number=row["number"],
            title=row["title"],
            body=row["body"],
            author=row["author"],
            state=row["state"],
            state_reason=row["state_reason"],
            closed_by=row["closed_by"],
            milestone_id=row["milestone_id"],
            assignees=tuple(row["assignees"].split()),
            pull_request=bool(row["pull_request"]),
            pinned=row["pinned_at"] is not None,
            comments=row["comments"],
            created_at=to_time(row["created_at"]),
            updated_at=to_time(row["updated_at"]),
            closed_at=to_time_or_none(row["closed_at"]),
            labels=self.world.labels.of_issue(row["id"]),
        )
