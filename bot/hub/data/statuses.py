"""Commit statuses: what contexts say of a commit, and what that comes to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from bot.hub.data import git_data
from bot.hub.data.pull_records import Status
from bot.hub.data.records import WHOLE, Repository, Role, Slice, User, to_time
from bot.hub.data.refusals import Invalid, Missing, invalid
from bot.hub.data.store import Store, require_text

STATES = ("error", "failure", "pending", "success")
_SELECT = "SELECT * FROM statuses WHERE repository_id = ? AND sha = ?"


class Statuses(Store):
    """The statuses of all commits."""

    def create(
        self,
        repository: Repository,
        actor: User | None,
        sha: str,
        state: object,
        *,
        context: object = None,
        description: object = None,
        target_url: object = None,
    ) -> Status:
        """Say something of a commit (write and up); of one context the newest status counts."""
        actor = self.require(repository, actor, Role.WRITE)
        if git_data.resolve(self.world.repositories.path(repository), sha) != sha:
            raise Invalid(f"No commit found for SHA: {sha}")
        if state not in STATES:
            raise invalid("Status", "state", "inclusion" if state else "missing_field")
        texts = {
            name: None if value is None else require_text(value, "Status", name, limit, empty=True)
            for name, value, limit in (
                ("description", description, 140),
                ("target_url", target_url, 2_048),
            )
        }
        with self.db.transaction():
            status_id = self.db.next_id()
            self.db.insert(
                "statuses", id=status_id, repository_id=repository.id, sha=sha, state=str(state),
                context=require_text(context or "default", "Status", "context", 255), creator=actor.login,
                created_at=self.now(), **texts,
            )  # fmt: skip
        row = self.db.row("SELECT * FROM statuses WHERE id = ?", status_id)
        if row is None:
            raise Missing
        return _status(row)

    def of(self, repository: Repository, sha: str, part: Slice = WHOLE) -> list[Status]:
        """Everything that was said of a commit, newest first."""
        rows = self.db.rows(_SELECT + " ORDER BY id DESC" + part.sql(), repository.id, sha)
        return [_status(row) for row in rows]

    def count(self, repository: Repository, sha: str) -> int:
        """How many statuses ``of`` gives where it is asked for all of them."""
        sql = "SELECT count(*) FROM statuses WHERE repository_id = ? AND sha = ?"
        return self.db.number(sql, repository.id, sha)

    def latest(self, repository: Repository, sha: str) -> list[Status]:
        """The newest status of each context, in the order in which the contexts first spoke."""
        found: dict[str, Status] = {}
        for status in reversed(self.of(repository, sha)):
            found[status.context.lower()] = status
        return list(found.values())


def combined(statuses: Iterable[Status]) -> str:
    """GitHub's combined state: ``failure``, ``pending`` (also where nothing was said) or ``success``."""
    states = {status.state for status in statuses}
    if states & {"error", "failure"}:
        return "failure"
    return "pending" if not states or "pending" in states else "success"


def _status(row: sqlite3.Row) -> Status:
    return Status(
        row["id"], row["repository_id"], row["sha"], row["context"], row["state"], row["description"],
        row["target_url"], row["creator"], to_time(row["created_at"]),
    )  # fmt: skip
