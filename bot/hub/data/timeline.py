"""Issue events: what happened to issues, with stable ids and actors."""

from __future__ import annotations

import json
import sqlite3

from bot.hub.data.records import WHOLE, Issue, IssueEvent, Repository, Slice, User, to_time
from bot.hub.data.refusals import Missing
from bot.hub.data.store import Store

_SELECT = (
    "SELECT issue_events.*, issues.number AS issue_number FROM issue_events "
    "JOIN issues ON issues.id = issue_events.issue_id WHERE "
)


class Timeline(Store):
    """The issue events of all repositories."""

    def record(self, issue: Issue, actor: User, event: str, **detail: object) -> None:
        """Note that ``actor`` did ``event`` (``labeled``, ``closed`` …) to an issue."""
        self.db.insert(
            "issue_events", id=self.db.next_id(), issue_id=issue.id, actor=actor.login, event=event,
            detail=json.dumps(detail), created_at=self.now(),
        )  # fmt: skip

    def of_issue(self, issue: Issue, part: Slice = WHOLE) -> list[IssueEvent]:
        """An issue's events, oldest first."""
        rows = self.db.rows(_SELECT + "issue_id = ? ORDER BY issue_events.id" + part.sql(), issue.id)
        return [_event(row) for row in rows]

    def count_of_issue(self, issue: Issue) -> int:
        """How many events an issue has."""
        return self.db.number("SELECT count(*) FROM issue_events WHERE issue_id = ?", issue.id)

    def of_repository(self, repository: Repository, part: Slice = WHOLE) -> list[IssueEvent]:
        """A repository's issue events, newest first, as GitHub lists them."""
        sql = _SELECT + "issues.repository_id = ? ORDER BY issue_events.id DESC" + part.sql()
        return [_event(row) for row in self.db.rows(sql, repository.id)]

    def count_of_repository(self, repository: Repository) -> int:
        """How many issue events a repository has."""
        sql = "SELECT count(*) FROM issue_events JOIN issues ON issues.id = issue_id WHERE repository_id = ?"
        return self.db.number(sql, repository.id)

    def find(self, repository: Repository, event_id: int) -> IssueEvent:
        """One event. Raises Missing."""
        sql = _SELECT + "issues.repository_id = ? AND issue_events.id = ?"
        row = self.db.row(sql, repository.id, event_id)
        if row is None:
            raise Missing
        return _event(row)


def _event(row: sqlite3.Row) -> IssueEvent:
    return IssueEvent(
        row["id"], row["issue_id"], row["issue_number"], row["actor"], row["event"],
        json.loads(row["detail"]), to_time(row["created_at"]),
    )  # fmt: skip
