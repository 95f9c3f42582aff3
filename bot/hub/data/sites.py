"""Pages: which branch and folder of a repository is served as a web site."""

from __future__ import annotations

import sqlite3

from bot.hub.data import git_data
from bot.hub.data.pull_records import PagesSource
from bot.hub.data.records import Repository, Role, User, to_time
from bot.hub.data.refusals import Clash, Invalid, Missing
from bot.hub.data.store import Store

FOLDERS = ("/", "/docs")


class Sites(Store):
    """The Pages sites of all repositories."""

    def get(self, repository: Repository) -> PagesSource | None:
        """A repository's site, else None."""
        row = self.db.row("SELECT * FROM sites WHERE repository_id = ?", repository.id)
        return _source(row) if row else None

    def find(self, repository: Repository) -> PagesSource:
        """A repository's site. Raises Missing."""
        source = self.get(repository)
        if source is None:
            raise Missing
        return source

    def create(self, repository: Repository, actor: User | None, branch: object, path: object) -> PagesSource:
        """Publish a branch (maintain and up). Raises Clash where a site exists already."""
        actor = self.require(repository, actor, Role.MAINTAIN)
        if self.get(repository) is not None:
            raise Clash("GitHub Pages is already enabled.")
        name, folder = self._source(repository, branch, path)
        now = self.now()
        self.db.insert(
            "sites", repository_id=repository.id, branch=name, path=folder, creator=actor.login,
            created_at=now, built_at=now,
        )  # fmt: skip
        return self.find(repository)

    def edit(self, repository: Repository, actor: User | None, branch: object, path: object) -> PagesSource:
        """Publish another branch or folder (maintain and up)."""
        self.require(repository, actor, Role.MAINTAIN)
        self.find(repository)
        name, folder = self._source(repository, branch, path)
        sql = "UPDATE sites SET branch = ?, path = ?, built_at = ? WHERE repository_id = ?"
        self.db.execute(sql, name, folder, self.now(), repository.id)
        return self.find(repository)

    def delete(self, repository: Repository, actor: User | None) -> None:
        """Serve the site no longer (maintain and up)."""
        self.require(repository, actor, Role.MAINTAIN)
        self.find(repository)
        self.db.execute("DELETE FROM sites WHERE repository_id = ?", repository.id)

    def build(self, repository: Repository, actor: User | None) -> PagesSource:
        """Note that a build was asked for (write and up); the branch is served as it is anyway."""
        self.require(repository, actor, Role.WRITE)
        self.find(repository)
        sql = "UPDATE sites SET built_at = ? WHERE repository_id = ?"
        self.db.execute(sql, self.now(), repository.id)
        return self.find(repository)

    def head(self, repository: Repository, source: PagesSource) -> str | None:
        """The commit that is served; None where the branch is gone."""
        return git_data.resolve(self.world.repositories.path(repository), f"refs/heads/{source.branch}")

    def _source(self, repository: Repository, branch: object, path: object) -> tuple[str, str]:
        if not isinstance(branch, str) or not branch:
            raise Invalid('Invalid request.\n\n"branch" wasn\'t supplied.')
        if path not in FOLDERS:
            raise Invalid(f"Invalid request.\n\n{path} is not a possible value. Must be one of: /, /docs.")
        if git_data.ref(self.world.repositories.path(repository), f"refs/heads/{branch}") is None:
            raise Invalid(f"The {branch} branch must exist before GitHub Pages can be built.")
        return branch, str(path)


def _source(row: sqlite3.Row) -> PagesSource:
    return PagesSource(
        row["repository_id"], row["branch"], row["path"], row["creator"], to_time(row["created_at"]),
        to_time(row["built_at"]),
    )  # fmt: skip
