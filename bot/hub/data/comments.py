"""Comments on issues, and reactions to issues and comments."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.hub.data.issue_change import BODY_LIMIT
from bot.hub.data.records import (
    WHOLE,
    Comment,
    HubEvent,
    Issue,
    Reaction,
    Repository,
    Role,
    Slice,
    User,
    to_text,
    to_time,
)
from bot.hub.data.refusals import Missing, NotAllowed, invalid
from bot.hub.data.store import Store, require_text

CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")
_SELECT = (
    "SELECT comments.*, issues.number AS issue_number, issues.repository_id, issues.pull_request "
    "FROM comments JOIN issues ON issues.id = comments.issue_id WHERE "
)


@dataclass(frozen=True, slots=True)
class CommentQuery:
    """Which comments of a repository or of one issue, in what order."""

    issue: int | None = None
    since: datetime | None = None
    """Only comments updated then or later."""
    sort: str = "created"
    direction: str = "asc"

    def where(self, repository: Repository) -> tuple[str, list[str | int]]:
        """The condition in SQL and its values."""
        terms, values = ["issues.repository_id = ?"], list[str | int]([repository.id])
        if self.issue is not None:
            terms.append("issues.number = ?")
            values.append(self.issue)
        if self.since is not None:
            terms.append("comments.updated_at >= ?")
            values.append(to_text(self.since))
        return " AND ".join(terms), values

    def order(self) -> str:
        """The ``ORDER BY`` clause; ids break ties."""
        column = "comments.updated_at" if self.sort == "updated" else "comments.created_at"
        way = "DESC" if self.direction == "desc" else "ASC"
        return f" ORDER BY {column} {way}, comments.id {way}"


class Comments(Store):
    """The comments of all repositories."""

    def create(self, issue: Issue, actor: User | None, body: object) -> Comment:
        """Comment on an issue (any account); the issue counts as updated."""
        repository = self.world.repositories.by_id(issue.repository_id)
        actor = self.require(repository, actor, Role.NONE)
        body = require_text(body, "IssueComment", "body", BODY_LIMIT)
        with self.db.transaction():
            now, comment_id = self.now(), self.db.next_id()
            self.db.insert(
                "comments", id=comment_id, issue_id=issue.id, author=actor.login, body=body,
                created_at=now, updated_at=now,
            )  # fmt: skip
            self.db.update("issues", issue.id, updated_at=now)
        comment = self.find(repository, comment_id)
        self._tell(repository, comment, actor, "created")
        return comment

    def find(self, repository: Repository, comment_id: int) -> Comment:
        """A comment by its id. Raises Missing."""
        row = self.db.row(_SELECT + "issues.repository_id = ? AND comments.id = ?", repository.id, comment_id)
        if row is None:
            raise Missing
        return _comment(row)

    def by_id(self, comment_id: int) -> Comment:
        """A comment of any repository by its id. Raises Missing."""
        row = self.db.row(_SELECT + "comments.id = ?", comment_id)
        if row is None:
            raise Missing
        return _comment(row)

    def of_issue(self, issue: Issue) -> list[Comment]:
        """All comments of an issue, oldest first."""
        repository = self.world.repositories.by_id(issue.repository_id)
        return self.search(repository, CommentQuery(issue=issue.number))

    def search(self, repository: Repository, query: CommentQuery, part: Slice = WHOLE) -> list[Comment]:
        """The comments that a query asks for."""
        condition, values = query.where(repository)
        return [
            _comment(row) for row in self.db.rows(_SELECT + condition + query.order() + part.sql(), *values)
        ]

    def count(self, repository: Repository, query: CommentQuery) -> int:
        """How many comments ``search`` gives where it is asked for all of them."""
        condition, values = query.where(repository)
        counted = "SELECT count(*) FROM comments JOIN issues ON issues.id = issue_id WHERE "
        return self.db.number(counted + condition, *values)

    def edit(self, repository: Repository, actor: User | None, comment_id: int, body: object) -> Comment:
        """Replace a comment's body (its author, or write and up)."""
        actor, comment = self._owned(repository, actor, comment_id)
        body = require_text(body, "IssueComment", "body", BODY_LIMIT)
        self.db.update("comments", comment.id, body=body, updated_at=self.now())
        before, comment = comment, self.find(repository, comment_id)
        changes = {"body": {"from": before.body}} if before.body != comment.body else {}
        self._tell(repository, comment, actor, "edited", changes=changes)
        return comment

    def delete(self, repository: Repository, actor: User | None, comment_id: int) -> None:
        """Delete a comment (its author, or write and up)."""
        actor, comment = self._owned(repository, actor, comment_id)
        with self.db.transaction():
            self.db.execute("DELETE FROM comments WHERE id = ?", comment.id)
            self.db.execute("DELETE FROM reactions WHERE subject_id = ?", comment.id)
        self._tell(repository, comment, actor, "deleted")

    def _owned(self, repository: Repository, actor: User | None, comment_id: int) -> tuple[User, Comment]:
        actor = self.require(repository, actor, Role.NONE)
        comment = self.find(repository, comment_id)
        if comment.author != actor.login and self.world.users.role(repository, actor) < Role.WRITE:
            raise NotAllowed
        return actor, comment

    def _tell(
        self, repository: Repository, comment: Comment, actor: User, action: str, **more: object
    ) -> None:
        show = self.world.show
        payload = {
            "action": action,
            **more,
            "issue": show.issue_told(self.world.issues.by_id(comment.issue_id), repository),
            "comment": show.comment(comment, repository),
            "repository": show.repository(repository),
            "sender": show.user(actor),
        }
        self.world.publish(HubEvent("issue_comment", action, repository.full_name, actor.login, payload))


class Reactions(Store):
    """The reactions to issues and comments; ``subject`` is the issue or the comment."""

    def add(self, subject: Issue | Comment, actor: User | None, content: object) -> tuple[Reaction, bool]:
        """React (any account); the second value is False where the same reaction was there."""
        actor = self.require(self.world.repositories.by_id(subject.repository_id), actor, Role.NONE)
        if content not in CONTENTS:
            raise invalid("Reaction", "content", "invalid")
        with self.db.transaction():
            sql = "SELECT * FROM reactions WHERE subject_id = ? AND login = ? AND content = ?"
            found = self.db.row(sql, subject.id, actor.login, str(content))
            if found:
                return _reaction(found), False
            self.db.insert(
                "reactions", id=self.db.next_id(), subject_id=subject.id, login=actor.login,
                content=str(content), created_at=self.now(),
            )  # fmt: skip
            return _reaction(self.db.rows(sql, subject.id, actor.login, str(content))[0]), True

    def toggle(self, subject: Issue | Comment, actor: User, content: object) -> None:
        """React, or take that back where the same reaction is there: what a click on it does."""
        with self.db.transaction():
            reaction, fresh = self.add(subject, actor, content)
            if not fresh:
                self.remove(subject, actor, reaction.id)

    def of(self, subject: Issue | Comment) -> list[Reaction]:
        """The reactions to a subject, oldest first."""
        rows = self.db.rows("SELECT * FROM reactions WHERE subject_id = ? ORDER BY id", subject.id)
        return [_reaction(row) for row in rows]

    def summary(self, subject: Issue | Comment) -> dict[str, int]:
        """How often each content was used, in GitHub's order, zeros included."""
        rows = self.db.rows(
            "SELECT content, count(*) AS n FROM reactions WHERE subject_id = ? GROUP BY content", subject.id
        )
        found = {str(row["content"]): int(row["n"]) for row in rows}
        return {content: found.get(content, 0) for content in CONTENTS}

    def remove(self, subject: Issue | Comment, actor: User | None, reaction_id: int) -> None:
        """Take back one's own reaction. Raises Missing."""
        actor = self.require(self.world.repositories.by_id(subject.repository_id), actor, Role.NONE)
        sql = "DELETE FROM reactions WHERE id = ? AND subject_id = ? AND login = ?"
        if not self.db.execute(sql, reaction_id, subject.id, actor.login):
            raise Missing


def _comment(row: sqlite3.Row) -> Comment:
    return Comment(
        row["id"], row["issue_id"], row["issue_number"], row["repository_id"], row["author"], row["body"],
        to_time(row["created_at"]), to_time(row["updated_at"]), bool(row["pull_request"]),
    )  # fmt: skip


def _reaction(row: sqlite3.Row) -> Reaction:
    return Reaction(row["id"], row["subject_id"], row["login"], row["content"], to_time(row["created_at"]))
