"""Repositories: their records and their bare git data under ``DATA/repositories``."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

from bot.hub.data import git_data
from bot.hub.data.records import Repository, Role, User, to_time
from bot.hub.data.refusals import Missing, NotAllowed, invalid
from bot.hub.data.store import Store, require_text

_NAME = re.compile(r"^(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$")
_UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")


class Repositories(Store):
    """The repositories of the hub."""

    def create(
        self,
        owner: User,
        actor: User,
        name: object,
        *,
        description: object = "",
        private: bool = False,
        homepage: object = "",
        readme: str | None = None,
    ) -> Repository:
        """Create a repository, empty, or with one commit that holds ``readme``.

        The actor becomes its admin. Raises NotAllowed, and Invalid where the name is not usable
        or taken.
        """
        if not self.world.users.may_create_under(owner, actor):
            raise NotAllowed("You need admin access to the organization before adding a repository to it.")
        name = _UNUSABLE.sub("-", require_text(name, "Repository", "name", 100))
        if not _NAME.match(name):
            raise invalid("Repository", "name", "custom", "name is not usable for a repository")
        if self.get(owner.login, name) is not None:
            raise invalid("Repository", "name", "custom", "name already exists on this account")
        texts = {
            "description": require_text(description or "", "Repository", "description", 350, empty=True),
            "homepage": require_text(homepage or "", "Repository", "homepage", 255, empty=True),
        }
        with self.db.transaction():
            now = self.now()
            self.db.insert(
                "repositories", id=self.db.next_id(), owner=owner.login, name=name, private=int(private),
                default_branch="main", created_at=now, updated_at=now, pushed_at=now, **texts,
            )  # fmt: skip
            repository = self.find(owner.login, name)
            self.world.users.share(owner.login, repository)
            self.world.users.set_role(repository, actor.login, Role.ADMIN)
            git_data.create(self.path(repository), repository.default_branch)
        if readme is not None:
            git_data.first_commit(self.path(repository), "README.md", readme, self.now())
        return repository

    def get(self, owner: str, name: str) -> Repository | None:
        """A repository by its names (upper and lower case are the same), else None."""
        row = self.db.row("SELECT * FROM repositories WHERE owner = ? AND name = ?", owner, name)
        return _repository(row) if row else None

    def find(self, owner: str, name: str) -> Repository:
        """A repository by its names. Raises Missing."""
        repository = self.get(owner, name)
        if repository is None:
            raise Missing
        return repository

    def by_id(self, repository_id: int) -> Repository:
        """A repository by its id. Raises Missing."""
        row = self.db.row("SELECT * FROM repositories WHERE id = ?", repository_id)
        if row is None:
            raise Missing
        return _repository(row)

    def visible(self, owner: str, name: str, actor: User | None) -> Repository:
        """A repository that the actor may read. Raises Missing for a private one that it may not."""
        repository = self.find(owner, name)
        if repository.private and self.world.users.role(repository, actor) < Role.READ:
            raise Missing
        return repository

    def all(self) -> list[Repository]:
        """Every repository, oldest first."""
        return [_repository(row) for row in self.db.rows("SELECT * FROM repositories ORDER BY id")]

    def edit(
        self,
        repository: Repository,
        actor: User | None,
        *,
        description: object = None,
        homepage: object = None,
        private: bool | None = None,
        default_branch: object = None,
    ) -> Repository:
        """Change what is not None (admins only). Raises Invalid for a branch that does not exist."""
        self.require(repository, actor, Role.ADMIN)
        changes: dict[str, str | int] = {"updated_at": self.now()}
        if description is not None:
            changes["description"] = require_text(description, "Repository", "description", 350, empty=True)
        if homepage is not None:
            changes["homepage"] = require_text(homepage, "Repository", "homepage", 255, empty=True)
        if private is not None:
            changes["private"] = int(private)
        if default_branch is not None:
            branch = require_text(default_branch, "Repository", "default_branch", 255)
            git_data.set_default_branch(self.path(repository), branch)
            changes["default_branch"] = branch
        self.db.update("repositories", repository.id, **changes)
        return self.by_id(repository.id)

    def delete(self, repository: Repository, actor: User | None) -> None:
        """Delete the record, everything that belongs to it and the git data (admins only)."""
        self.require(repository, actor, Role.ADMIN)
        self.db.execute("DELETE FROM repositories WHERE id = ?", repository.id)
        shutil.rmtree(self.path(repository), ignore_errors=True)

    def pushed(self, repository: Repository) -> None:
        """Note that git data was pushed just now."""
        self.db.update("repositories", repository.id, pushed_at=self.now(), updated_at=self.now())

    def path(self, repository: Repository) -> Path:
        """The bare git repository's directory."""
        return self.world.data / "repositories" / repository.owner / f"{repository.name}.git"


def _repository(row: sqlite3.Row) -> Repository:
    created, updated, pushed = (to_time(row[f"{word}_at"]) for word in ("created", "updated", "pushed"))
    return Repository(
        row["id"], row["owner"], row["name"], bool(row["private"]), row["description"], row["homepage"],
        row["default_branch"], created, updated, pushed,
    )  # fmt: skip
