"""What a repository's settings say about Actions, its runners, and its rulesets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bot.hub.data import git_data
from bot.hub.data.records import Repository, Role, User
from bot.hub.data.refusals import Clash, Invalid, Missing
from bot.hub.data.store import Store

_FOLDER = ".github/workflows"
PERMISSIONS: Mapping[str, Any] = {"enabled": True, "allowed_actions": "all"}
SELECTED: Mapping[str, Any] = {
    "github_owned_allowed": True,
    "verified_allowed": False,
    "patterns_allowed": [],
}
WORKFLOW: Mapping[str, Any] = {
    "default_workflow_permissions": "read",
    "can_approve_pull_request_reviews": False,
}
FEATURES: Mapping[str, Any] = {"archived": False, "has_issues": True}
"""What of a repository itself can be switched; an archived one still takes writes here."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A self-hosted runner; ``status`` is ``online`` or ``offline``."""

    id: int
    name: str
    status: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A ruleset; ``include`` and ``exclude`` are patterns of full ref names."""

    id: int
    name: str
    enforcement: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: Sequence[Mapping[str, Any]]


class ActionsSettings(Store):
    """The settings of all repositories."""

    def read(self, repository: Repository, actor: User | None, name: str, default: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """A group of settings (admins only)."""
        self.require(repository, actor, Role.ADMIN)
        return self._switch(repository, name, default)

    def write(self, repository: Repository, actor: User | None, name: str, **given: object) -> None:
        """Change settings of a group (admins only); None leaves one as it is."""
        self.require(repository, actor, Role.ADMIN)
        kept = self._switch(repository, name, {}) | {k: v for k, v in given.items() if v is not None}
        sql = "INSERT OR REPLACE INTO switches VALUES (?, ?, ?)"
        self.db.execute(sql, repository.id, name, json.dumps(kept))

    def selected(self, repository: Repository, actor: User | None) -> Any:  # noqa: ANN401
        """Which actions are allowed. Raises Clash where the repository does not select any."""
        if self.read(repository, actor, "permissions", PERMISSIONS)["allowed_actions"] != "selected":
            raise Clash("Conflict: allowed_actions is not 'selected'")
        return self.read(repository, actor, "selected", SELECTED)

    def workflows(self, repository: Repository) -> list[str]:
        """The workflow files of the default branch."""
        path = self.world.repositories.path(repository)
        head = git_data.resolve(path, repository.default_branch)
        entries = git_data.directory(path, head, _FOLDER) if head else []
        names = [entry.path.rpartition("/")[2] for entry in entries if entry.kind == "blob"]
        return sorted(name for name in names if name.endswith((".yml", ".yaml")))

    def features(self, repository: Repository) -> Mapping[str, Any]:
        """The repository's own switches, which everybody sees."""
        return self._switch(repository, "features", FEATURES)

    def workflow_state(self, repository: Repository, file: str) -> str:
        """``active``, ``disabled_manually`` or ``disabled_inactivity``."""
        return str(self._switch(repository, "workflows", {}).get(file, "active"))

    def set_workflow_state(self, repository: Repository, actor: User | None, file: str, state: str) -> None:
        """Enable or disable a workflow (write and up)."""
        self.require(repository, actor, Role.WRITE)
        kept = self._switch(repository, "workflows", {}) | {file: state}
        sql = "INSERT OR REPLACE INTO switches VALUES (?, 'workflows', ?)"
        self.db.execute(sql, repository.id, json.dumps(kept))

    def add_runner(self, repository: Repository, name: str, status: str, labels: Sequence[str]) -> None:
        """Register a self-hosted runner, as its own program does on GitHub."""
        self.db.insert(
            "runners", id=self.db.next_id(), repository_id=repository.id, name=name, status=status,
            labels=json.dumps(list(labels)),
        )  # fmt: skip

    def runners(self, repository: Repository, actor: User | None) -> list[Runner]:
        """The self-hosted runners (admins only)."""
        self.require(repository, actor, Role.ADMIN)
        rows = self.db.rows("SELECT * FROM runners WHERE repository_id = ? ORDER BY id", repository.id)
        return [
            Runner(row["id"], row["name"], row["status"], tuple(json.loads(row["labels"]))) for row in rows
        ]

    def create_ruleset(self, repository: Repository, actor: User | None, given: Mapping[str, Any]) -> Ruleset:
        """Make a ruleset for branches (admins only). It is shown; only its names and rules are kept."""
        self.require(repository, actor, Role.ADMIN)
        name, enforcement = given.get("name"), given.get("enforcement")
        if not isinstance(name, str) or enforcement not in ("disabled", "active", "evaluate"):
            raise Invalid('Invalid request.\n\n"name", "enforcement" weren\'t supplied.')
        made = self.db.next_id()
        self.db.insert(
            "rulesets", id=made, repository_id=repository.id, name=name, enforcement=str(enforcement),
            conditions=json.dumps((given.get("conditions") or {}).get("ref_name") or {}),
            rules=json.dumps(given.get("rules") or []),
        )  # fmt: skip
        return next(one for one in self.rulesets(repository) if one.id == made)

    def rulesets(self, repository: Repository) -> list[Ruleset]:
        """The rulesets of a repository."""
        rows = self.db.rows("SELECT * FROM rulesets WHERE repository_id = ? ORDER BY id", repository.id)
        found = []
        for row in rows:
            names = json.loads(row["conditions"])
            include, exclude = (tuple(names.get(key) or ()) for key in ("include", "exclude"))
            rules = json.loads(row["rules"])
            found.append(Ruleset(row["id"], row["name"], row["enforcement"], include, exclude, rules))
        return found

    def rules_of(self, repository: Repository, branch: str) -> list[tuple[Ruleset, Mapping[str, Any]]]:
        """The active rules that hold for a branch, each with its ruleset."""
        active = [one for one in self.rulesets(repository) if one.enforcement == "active"]
        holding = [one for one in active if _covers(one, repository, branch)]
        return [(one, rule) for one in holding for rule in one.rules]

    def _switch(self, repository: Repository, name: str, default: Mapping[str, Any]) -> dict[str, Any]:
        sql = "SELECT value FROM switches WHERE repository_id = ? AND name = ?"
        row = self.db.row(sql, repository.id, name)
        return {**default, **(json.loads(row["value"]) if row else {})}


def _covers(ruleset: Ruleset, repository: Repository, branch: str) -> bool:
    ref = f"refs/heads/{branch}"

    def matches(pattern: str) -> bool:
        if pattern == "~DEFAULT_BRANCH":
            return branch == repository.default_branch
        return pattern == "~ALL" or fnmatchcase(ref, pattern)

    return any(map(matches, ruleset.include)) and not any(map(matches, ruleset.exclude))


def boolean(given: Mapping[str, Any], name: str) -> bool | None:
    """A switch of a body. Raises Invalid."""
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise Invalid(f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a boolean.")
    return value


def word(given: Mapping[str, Any], name: str, *allowed: str) -> str | None:
    """A word of a body. Raises Invalid."""
    value = given.get(name)
    if value is not None and value not in allowed:
        raise Invalid(f"Invalid request.\n\n{value!r} is not a member of {list(allowed)}.")
    return None if value is None else str(value)


def known(file: str, files: Sequence[str]) -> str:
    """A workflow file that is there. Raises Missing."""
    if file not in files:
        raise Missing
    return file
