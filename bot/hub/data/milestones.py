"""Milestones of repositories."""

from __future__ import annotations

import sqlite3

from bot.hub.data.records import WHOLE, Milestone, Repository, Role, Slice, User, to_time, to_time_or_none
from bot.hub.data.refusals import Missing, invalid
from bot.hub.data.store import Store, require_text


class Milestones(Store):
    """The milestones of all repositories."""

    def create(
        self,
        repository: Repository,
        actor: User | None,
        title: object,
        *,
        description: object = "",
        state: object = "open",
        due_on: object = None,
    ) -> Milestone:
        """Create a milestone (triage and up). Raises Invalid for a title that is taken."""
        actor = self.require(repository, actor, Role.TRIAGE)
        values = self._checked(
            repository, None, title=title, description=description, state=state, due_on=due_on
        )
        with self.db.transaction():
            sql = "SELECT max(number) FROM milestones WHERE repository_id = ?"
            number, now = self.db.number(sql, repository.id) + 1, self.now()
            self.db.insert(
                "milestones", id=self.db.next_id(), repository_id=repository.id, number=number,
                creator=actor.login, created_at=now, updated_at=now,
                closed_at=now if values["state"] == "closed" else None, **values,
            )  # fmt: skip
            return self.find(repository, number)

    def find(self, repository: Repository, number: int) -> Milestone:
        """A milestone by its number. Raises Missing."""
        sql = "SELECT * FROM milestones WHERE repository_id = ? AND number = ?"
        row = self.db.row(sql, repository.id, number)
        if row is None:
            raise Missing
        return _milestone(row)

    def by_id(self, milestone_id: int) -> Milestone:
        """A milestone by its id. Raises Missing."""
        row = self.db.row("SELECT * FROM milestones WHERE id = ?", milestone_id)
        if row is None:
            raise Missing
        return _milestone(row)

    def all(self, repository: Repository, state: str = "open", part: Slice = WHOLE) -> list[Milestone]:
        """Milestones by number; ``state`` is ``open``, ``closed`` or ``all``."""
        sql = "SELECT * FROM milestones WHERE repository_id = ? AND ? IN ('all', state) ORDER BY number"
        return [_milestone(row) for row in self.db.rows(sql + part.sql(), repository.id, state)]

    def count(self, repository: Repository, state: str = "open") -> int:
        """How many milestones ``all`` gives."""
        sql = "SELECT count(*) FROM milestones WHERE repository_id = ? AND ? IN ('all', state)"
        return self.db.number(sql, repository.id, state)

    def issue_counts(self, milestone: Milestone) -> tuple[int, int]:
        """How many open and how many closed issues a milestone has."""
        sql = "SELECT count(*) FROM issues WHERE milestone_id = ? AND state = ?"
        return self.db.number(sql, milestone.id, "open"), self.db.number(sql, milestone.id, "closed")

    def edit(self, repository: Repository, actor: User | None, number: int, **changes: object) -> Milestone:
        """Change ``title``, ``description``, ``state`` or ``due_on`` (triage and up)."""
        self.require(repository, actor, Role.TRIAGE)
        milestone = self.find(repository, number)
        values = self._checked(repository, milestone, **changes)
        if "state" in values and values["state"] != milestone.state:
            values["closed_at"] = self.now() if values["state"] == "closed" else None
        self.db.update("milestones", milestone.id, updated_at=self.now(), **values)
        return self.find(repository, number)

    def _checked(
        self, repository: Repository, known: Milestone | None, **given: object
    ) -> dict[str, str | None]:
        values: dict[str, str | None] = {}
        if "title" in given:
            values["title"] = title = require_text(given["title"], "Milestone", "title", 255)
            taken = "SELECT count(*) FROM milestones WHERE repository_id = ? AND title = ? AND id <> ?"
            if self.db.number(taken, repository.id, title, known.id if known else 0):
                raise invalid("Milestone", "title", "already_exists")
        if "description" in given:
            text = given["description"] or ""
            values["description"] = require_text(text, "Milestone", "description", 65_536, empty=True)
        if "state" in given:
            if given["state"] not in ("open", "closed"):
                raise invalid("Milestone", "state", "invalid")
            values["state"] = str(given["state"])
        if "due_on" in given:
            values["due_on"] = _due(given["due_on"])
        return values


def _due(value: object) -> str | None:
    if value is None:
        return None
    try:
        to_time(str(value))
    except ValueError as error:
        raise invalid("Milestone", "due_on", "invalid") from error
    return str(value)


def _milestone(row: sqlite3.Row) -> Milestone:
    return Milestone(
        row["id"], row["repository_id"], row["number"], row["title"], row["description"], row["state"],
        row["creator"], to_time_or_none(row["due_on"]), to_time(row["created_at"]),
        to_time(row["updated_at"]), to_time_or_none(row["closed_at"]),
    )  # fmt: skip
