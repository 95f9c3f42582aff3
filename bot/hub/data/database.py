"""The hub's SQLite file: its tables, one lock, transactions and the hub-wide counter of ids."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.hub.data.pull_schema import PULL_SCHEMA
from bot.hub.data.settings_schema import SETTINGS_SCHEMA

Value = str | int | float | None

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE COLLATE NOCASE, type TEXT NOT NULL,
    name TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, login TEXT NOT NULL COLLATE NOCASE);
CREATE TABLE IF NOT EXISTS members (
    organization TEXT NOT NULL COLLATE NOCASE, login TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (organization, login));
CREATE TABLE IF NOT EXISTS repositories (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE,
    private INTEGER NOT NULL, description TEXT NOT NULL, homepage TEXT NOT NULL,
    default_branch TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    pushed_at TEXT NOT NULL, UNIQUE (owner, name));
CREATE TABLE IF NOT EXISTS roles (
    repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    login TEXT NOT NULL COLLATE NOCASE, role TEXT NOT NULL, PRIMARY KEY (repository_id, login));
CREATE TABLE IF NOT EXISTS milestones (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    number INTEGER NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL, state TEXT NOT NULL,
    creator TEXT NOT NULL, due_on TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    closed_at TEXT, UNIQUE (repository_id, number), UNIQUE (repository_id, title));
CREATE TABLE IF NOT EXISTS labels (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE, color TEXT NOT NULL, description TEXT NOT NULL,
    UNIQUE (repository_id, name));
CREATE TABLE IF NOT EXISTS issues (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    number INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, author TEXT NOT NULL,
    state TEXT NOT NULL, state_reason TEXT, closed_by TEXT, milestone_id INTEGER REFERENCES milestones
    ON DELETE SET NULL, assignees TEXT NOT NULL DEFAULT '', pull_request INTEGER NOT NULL DEFAULT 0,
    pinned_at INTEGER, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, closed_at TEXT,
    UNIQUE (repository_id, number));
CREATE TABLE IF NOT EXISTS issue_labels (
    issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
    label_id INTEGER NOT NULL REFERENCES labels ON DELETE CASCADE, PRIMARY KEY (issue_id, label_id));
CREATE TABLE IF NOT EXISTS comments (
    id INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
    author TEXT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS comments_issue ON comments (issue_id);
CREATE TABLE IF NOT EXISTS reactions (
    id INTEGER PRIMARY KEY, subject_id INTEGER NOT NULL, login TEXT NOT NULL COLLATE NOCASE,
    content TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (subject_id, login, content));
CREATE TABLE IF NOT EXISTS issue_events (
    id INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
    actor TEXT NOT NULL, event TEXT NOT NULL, detail TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS issue_events_issue ON issue_events (issue_id);
CREATE TABLE IF NOT EXISTS workflows (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    file TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (repository_id, file));
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    workflow_id INTEGER NOT NULL REFERENCES workflows, number INTEGER NOT NULL, title TEXT NOT NULL,
    event TEXT NOT NULL, actor TEXT NOT NULL, branch TEXT NOT NULL, head_sha TEXT NOT NULL,
    status TEXT NOT NULL, conclusion TEXT, inputs TEXT NOT NULL, created_at TEXT NOT NULL,
    started_at TEXT, updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_repository ON runs (repository_id, id);
"""


class Database:
    """One connection, shared by all threads under one re-entrant lock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        # NORMAL is safe against crashes of the process; a power cut may lose the last second only.
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
            + SCHEMA
            + PULL_SCHEMA
            + SETTINGS_SCHEMA
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a transaction within another joins it."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def execute(self, sql: str, *values: Value) -> int:
        """Run one statement; returns the number of rows that it changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Value) -> sqlite3.Row | None:
        """The first row of a query, None where there is none."""
        rows = self.rows(sql, *values)
        return rows[0] if rows else None

    def number(self, sql: str, *values: Value) -> int:
        """The one integer that a query gives; 0 where it gives NULL or nothing."""
        row = self.row(sql, *values)
        return int(row[0] or 0) if row else 0

    def insert(self, table: str, **columns: Value) -> None:
        """Insert one row; table and column names come from the program, never from a request."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())  # noqa: S608

    def update(self, table: str, row_id: int, **columns: Value) -> None:
        """Change columns of the row with this id."""
        sets = ", ".join(f"{name} = ?" for name in columns)
        self.execute(f"UPDATE {table} SET {sets} WHERE id = ?", *columns.values(), row_id)  # noqa: S608

    def next_id(self) -> int:
        """A new id, greater than every id that this hub gave before, whatever it is for."""
        with self.transaction():
            value = int(self.setting("next_id", "1001"))
            self.set_setting("next_id", str(value + 1))
            return value

    def setting(self, name: str, default: str = "") -> str:
        """A stored setting."""
        row = self.row("SELECT value FROM settings WHERE name = ?", name)
        return str(row["value"]) if row else default

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        self.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)

    def close(self) -> None:
        """Write everything into the one file and close it."""
        with self._lock:
            self._connection.close()
