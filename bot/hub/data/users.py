"""Accounts, their tokens, and the roles that they have in repositories and organisations."""

from __future__ import annotations

import secrets
import sqlite3

from bot.hub.data.records import Repository, Role, User, to_time
from bot.hub.data.refusals import Missing
from bot.hub.data.store import Store


class Users(Store):
    """The accounts of the hub."""

    def create(self, login: str, kind: str = "User", name: str = "") -> User:
        """Create an account, or give the one that has this login; every account but an organisation
        gets a token."""
        with self.db.transaction():
            if self.get(login) is None:
                self.db.insert(
                    "users",
                    id=self.db.next_id(),
                    login=login,
                    type=kind,
                    name=name or login,
                    created_at=self.now(),
                )
                if kind != "Organization":
                    self.add_token(login)
            return self.find(login)

    def get(self, login: str) -> User | None:
        """The account with this login (upper and lower case are the same), else None."""
        row = self.db.row("SELECT * FROM users WHERE login = ?", login)
        return _user(row) if row else None

    def find(self, login: str) -> User:
        """The account with this login. Raises Missing."""
        user = self.get(login)
        if user is None:
            raise Missing
        return user

    def all(self) -> list[User]:
        """Every account, oldest first."""
        return [_user(row) for row in self.db.rows("SELECT * FROM users ORDER BY id")]

    def add_token(self, login: str) -> str:
        """Give the account one more random token and return it."""
        token = f"hub_{secrets.token_urlsafe(30)}"
        self.db.insert("tokens", token=token, login=login)
        return token

    def limit_token(self, token: str, *scopes: str) -> None:
        """Make a token one of the classic kind, whose scopes are told with each answer."""
        self.db.execute("INSERT OR REPLACE INTO token_scopes VALUES (?, ?)", token, ", ".join(scopes))

    def scopes_of(self, token: str) -> str | None:
        """A classic token's scopes; None for a token of another kind."""
        row = self.db.row("SELECT scopes FROM token_scopes WHERE token = ?", token)
        return str(row["scopes"]) if row else None

    def token_of(self, login: str) -> str:
        """The account's first token. Raises Missing."""
        row = self.db.row("SELECT token FROM tokens WHERE login = ? ORDER BY rowid LIMIT 1", login)
        if row is None:
            raise Missing
        return str(row["token"])

    def by_token(self, token: str) -> User | None:
        """The account that a token acts as, else None."""
        row = self.db.row("SELECT users.* FROM tokens JOIN users USING (login) WHERE token = ?", token)
        return _user(row) if row else None

    def role(self, repository: Repository, user: User | None) -> Role:
        """The account's role in a repository; its owner is an admin."""
        if user is None:
            return Role.NONE
        if user.login.lower() == repository.owner.lower():
            return Role.ADMIN
        row = self.db.row(
            "SELECT role FROM roles WHERE repository_id = ? AND login = ?", repository.id, user.login
        )
        return Role[str(row["role"]).upper()] if row else Role.NONE

    def roles(self, repository: Repository) -> dict[str, Role]:
        """Everyone who was given a role in a repository: login → role, greatest role first."""
        rows = self.db.rows("SELECT login, role FROM roles WHERE repository_id = ?", repository.id)
        found = {str(row["login"]): Role[str(row["role"]).upper()] for row in rows}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def set_role(self, repository: Repository, login: str, role: Role) -> None:
        """Give an account a role in a repository in place of the one that it had."""
        sql = "INSERT OR REPLACE INTO roles (repository_id, login, role) VALUES (?, ?, ?)"
        self.db.execute(sql, repository.id, self.find(login).login, role.label)

    def share(self, owner: str, repository: Repository) -> None:
        """Give the people of an owner's first repository the same roles in another one, as a team would."""
        self.db.execute(
            "INSERT OR IGNORE INTO roles (repository_id, login, role) "
            "SELECT ?, roles.login, roles.role FROM roles JOIN users USING (login) "
            "WHERE users.type = 'User' AND repository_id = "
            "(SELECT min(id) FROM repositories WHERE owner = ? AND id != ?)",
            repository.id,
            owner,
            repository.id,
        )

    def join(self, organization: str, login: str) -> None:
        """Let an account create repositories under an organisation."""
        self.db.execute("INSERT OR IGNORE INTO members VALUES (?, ?)", organization, login)

    def may_create_under(self, owner: User, user: User) -> bool:
        """Whether an account may create repositories under this owner."""
        if owner.login == user.login:
            return user.type == "User"
        sql = "SELECT 1 FROM members WHERE organization = ? AND login = ?"
        return self.db.row(sql, owner.login, user.login) is not None


def _user(row: sqlite3.Row) -> User:
    return User(row["id"], row["login"], row["type"], row["name"], to_time(row["created_at"]))
