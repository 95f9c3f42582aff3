"""The secrets and variables of repositories. A secret is kept as it came, sealed, and never shown."""

from __future__ import annotations

import base64
import re
import sqlite3

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from bot.hub.data.records import Repository, Role, User
from bot.hub.data.refusals import Clash, Invalid, Missing
from bot.hub.data.store import Store

_NAME = re.compile(r"^(?!GITHUB_)[A-Z_][A-Z0-9_]*$", re.IGNORECASE)
MOST = 48 * 1024
"""Bytes of the largest secret and of the largest variable."""
_KEY = "secrets_key"


class Secrets(Store):
    """What ``secrets.…`` and ``vars.…`` hold."""

    def public_key(self, repository: Repository, actor: User | None) -> tuple[str, str]:
        """The id and the base64 text of the key that secrets are to be sealed with."""
        self._may(repository, actor)
        key = self._private().public_key
        encoded = base64.b64encode(bytes(key)).decode()
        return encoded[:16], encoded

    def put(self, repository: Repository, actor: User | None, name: str, sealed: object, key: object) -> bool:
        """Keep a sealed secret; whether it is a new one. Raises Invalid for what the key does not open."""
        self._may(repository, actor)
        if not _NAME.match(name):
            raise Invalid("Secret names can only contain alphanumeric characters and underscores.")
        if not isinstance(sealed, str) or not isinstance(key, str):
            raise Invalid('Invalid request.\n\n"encrypted_value", "key_id" weren\'t supplied.')
        if key != self.public_key(repository, actor)[0]:
            raise Invalid("key_id does not match the public key of this repository")
        self._opened(sealed)
        fresh = self._row("secrets", repository, name) is None
        self._keep("secrets", repository, name, sealed=sealed)
        return fresh

    def secrets(self, repository: Repository, actor: User | None) -> list[sqlite3.Row]:
        """The secrets' names and times, sorted."""
        self._may(repository, actor)
        return self._rows("secrets", repository)

    def delete_secret(self, repository: Repository, actor: User | None, name: str) -> None:
        """Forget a secret. Raises Missing."""
        self._delete("secrets", repository, actor, name)

    def value(self, repository: Repository, name: str) -> str:
        """What a secret says, for whoever runs a workflow. Raises Missing."""
        row = self._row("secrets", repository, name)
        if row is None:
            raise Missing
        return self._opened(row["sealed"]).decode()

    def variables(self, repository: Repository, actor: User | None) -> list[sqlite3.Row]:
        """The variables, sorted by name."""
        self._may(repository, actor)
        return self._rows("variables", repository)

    def variable(self, repository: Repository, actor: User | None, name: str) -> sqlite3.Row:
        """One variable. Raises Missing."""
        self._may(repository, actor)
        row = self._row("variables", repository, name)
        if row is None:
            raise Missing
        return row

    def create_variable(
        self, repository: Repository, actor: User | None, name: object, value: object
    ) -> None:
        """Make a variable. Raises Clash where there is one of that name."""
        self._may(repository, actor)
        if not isinstance(name, str) or not _NAME.match(name):
            raise Invalid("Variable names can only contain alphanumeric characters and underscores.")
        if self._row("variables", repository, name) is not None:
            raise Clash("Already exists - Variable already exists")
        self._keep("variables", repository, name.upper(), value=_value(value))

    def edit_variable(self, repository: Repository, actor: User | None, name: str, value: object) -> None:
        """Change a variable's value. Raises Missing."""
        self.variable(repository, actor, name)
        self._keep("variables", repository, name.upper(), value=_value(value))

    def delete_variable(self, repository: Repository, actor: User | None, name: str) -> None:
        """Forget a variable. Raises Missing."""
        self._delete("variables", repository, actor, name)

    def _may(self, repository: Repository, actor: User | None) -> None:
        """Secrets are for people who may write; the workflow's own token has no such permission."""
        self.require(repository, actor, Role.ADMIN if actor and actor.type == "Bot" else Role.WRITE)

    def _private(self) -> PrivateKey:
        with self.db.transaction():
            kept = self.db.setting(_KEY, "")
            if not kept:
                kept = base64.b64encode(bytes(PrivateKey.generate())).decode()
                self.db.set_setting(_KEY, kept)
        return PrivateKey(base64.b64decode(kept))

    def _opened(self, sealed: str) -> bytes:
        try:
            content = SealedBox(self._private()).decrypt(base64.b64decode(sealed))
        except (CryptoError, ValueError) as error:
            raise Invalid("encrypted_value is not sealed with the repository's public key") from error
        if len(content) > MOST:
            raise Invalid("Secret value is too large")
        return bytes(content)

    def _rows(self, table: str, repository: Repository) -> list[sqlite3.Row]:
        sql = f"SELECT * FROM {table} WHERE repository_id = ? ORDER BY name"  # noqa: S608 - a table's own name
        return self.db.rows(sql, repository.id)

    def _row(self, table: str, repository: Repository, name: str) -> sqlite3.Row | None:
        sql = f"SELECT * FROM {table} WHERE repository_id = ? AND name = ?"  # noqa: S608
        return self.db.row(sql, repository.id, name)

    def _keep(self, table: str, repository: Repository, name: str, **value: str) -> None:
        row = self._row(table, repository, name)
        created = row["created_at"] if row else self.now()
        with self.db.transaction():
            sql = f"DELETE FROM {table} WHERE repository_id = ? AND name = ?"  # noqa: S608
            self.db.execute(sql, repository.id, name)
            times = {"created_at": created, "updated_at": self.now()}
            self.db.insert(table, repository_id=repository.id, name=name.upper(), **value, **times)

    def _delete(self, table: str, repository: Repository, actor: User | None, name: str) -> None:
        self._may(repository, actor)
        sql = f"DELETE FROM {table} WHERE repository_id = ? AND name = ?"  # noqa: S608
        if not self.db.execute(sql, repository.id, name):
            raise Missing


def _value(value: object) -> str:
    if not isinstance(value, str) or len(value.encode()) > MOST:
        raise Invalid("Variable value must be a text of at most 48 KB.")
    return value
