"""Reading pull requests: one by one, and the lists that GitHub's query parameters ask for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.hub.data import git_changes, git_data
from bot.hub.data.pull_records import Pull
from bot.hub.data.records import WHOLE, Issue, Repository, Slice, to_time_or_none
from bot.hub.data.refusals import Missing
from bot.hub.data.store import Store

_FROM = "FROM pulls JOIN issues ON issues.id = pulls.id WHERE "
_SELECT = f"SELECT pulls.*, issues.number AS number {_FROM}"
_DISCUSSED = "(SELECT count(*) FROM comments WHERE issue_id = pulls.id)"
_ORDERS = {"updated": "issues.updated_at", "popularity": _DISCUSSED, "long-running": "pulls.id"}


@dataclass(frozen=True, slots=True)
class PullQuery:
    """Which pull requests, in what order; the fields are those of GitHub's list of pull requests."""

    state: str = "open"
    head: str = ""
    """A branch of the repository."""
    base: str = ""
    sort: str = "created"
    direction: str = "desc"

    def where(self, repository: Repository) -> tuple[str, list[str | int]]:
        """The condition in SQL and its values."""
        terms = ["issues.repository_id = ?", "? IN ('all', issues.state)"]
        values: list[str | int] = [repository.id, self.state]
        for column, branch in (("head", self.head), ("base", self.base)):
            if branch:
                terms.append(f"pulls.{column} = ?")
                values.append(branch)
        return " AND ".join(terms), values

    def order(self) -> str:
        """The ``ORDER BY`` clause; ids break ties."""
        way = "ASC" if self.direction == "asc" else "DESC"
        return f" ORDER BY {_ORDERS.get(self.sort, 'pulls.id')} {way}, pulls.id {way}"


OPEN = PullQuery()
"""The open pull requests, newest first."""


class PullQueries(Store):
    """The pull requests of all repositories, to read."""

    def get(self, repository: Repository, number: int) -> Pull | None:
        """A pull request by its number, else None (also for an issue's number)."""
        row = self.db.row(_SELECT + "repository_id = ? AND number = ?", repository.id, number)
        return self._pull(row, self.world.issues.by_id(row["id"])) if row else None

    def find(self, repository: Repository, number: int) -> Pull:
        """A pull request by its number. Raises Missing."""
        pull = self.get(repository, number)
        if pull is None:
            raise Missing
        return pull

    def of(self, issue: Issue) -> Pull:
        """The pull request that an issue is. Raises Missing for an issue that is none."""
        row = self.db.row("SELECT * FROM pulls WHERE id = ?", issue.id)
        if row is None:
            raise Missing
        return self._pull(row, issue)

    def search(self, repository: Repository, query: PullQuery = OPEN, part: Slice = WHOLE) -> list[Pull]:
        """The pull requests that a query asks for."""
        condition, values = query.where(repository)
        rows = self.db.rows(_SELECT + condition + query.order() + part.sql(), *values)
        return [self._pull(row, self.world.issues.by_id(row["id"])) for row in rows]

    def count(self, repository: Repository, query: PullQuery = OPEN) -> int:
        """How many pull requests ``search`` gives where it is asked for all of them."""
        condition, values = query.where(repository)
        return self.db.number(f"SELECT count(*) {_FROM}{condition}", *values)

    def watched(self, repository: Repository) -> set[str]:
        """The branches that open pull requests are made of."""
        sql = "SELECT head, base " + _FROM + "repository_id = ? AND state = 'open'"
        return {str(name) for row in self.db.rows(sql, repository.id) for name in row}

    def files(self, pull: Pull) -> list[git_changes.FileChange]:
        """The files that it changes, compared with where it left the base branch."""
        path = self.path(pull)
        base = git_changes.merge_base(path, pull.base_sha, pull.head_sha)
        return git_changes.files(path, base or pull.base_sha, pull.head_sha)

    def commits(self, pull: Pull) -> list[git_data.CommitRecord]:
        """Its commits, oldest first; GitHub lists 250 at most."""
        return git_changes.between(self.path(pull), pull.base_sha, pull.head_sha)[:250]

    def path(self, pull: Pull) -> Path:
        """Its repository's git data."""
        return self.world.repositories.path(self.world.repositories.by_id(pull.issue.repository_id))

    def heads(self, repository: Repository) -> Mapping[str, str]:
        """The repository's branches and the commits that they are at."""
        found = git_data.refs(self.world.repositories.path(repository), "refs/heads/")
        return {name.removeprefix("refs/heads/"): sha for name, sha, _ in found}

    def _pull(self, row: sqlite3.Row, issue: Issue) -> Pull:
        return Pull(
            issue, row["head"], row["base"], row["head_sha"], row["base_sha"], bool(row["draft"]),
            to_time_or_none(row["merged_at"]), row["merged_by"], row["merge_sha"],
        )  # fmt: skip
