"""Branch protection: the rules that were set for branches, and what of them decides about a merge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.hub.data import git_data
from bot.hub.data.records import Repository, Role, User
from bot.hub.data.refusals import Invalid, Missing
from bot.hub.data.store import Store

_REQUIRED = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
_SWITCHES = (
    "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
    "required_conversation_resolution", "lock_branch", "allow_fork_syncing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What a branch asks of a merge into it."""

    protected: bool = False
    contexts: tuple[str, ...] = ()
    """The statuses that must be successes."""
    strict: bool = False
    """Whether the head branch must have all of the base branch."""
    approvals: int | None = None
    """How many approvals it takes; None where no review is asked for."""
    dismiss_stale: bool = False
    """Whether a push takes the approvals that came before it back."""
    code_owners: bool = False
    enforce_admins: bool = False
    """Whether all of it holds for administrators too."""
    switches: tuple[str, ...] = ()
    """The rules of GitHub that are kept and shown only."""


class Protections(Store):
    """The protection of all branches."""

    def rules(self, repository: Repository, branch: str) -> Rules:
        """A branch's rules; those of a branch that is not protected ask for nothing."""
        sql = "SELECT rules FROM protections WHERE repository_id = ? AND branch = ?"
        row = self.db.row(sql, repository.id, branch)
        return _read(json.loads(row["rules"])) if row else Rules()

    def find(self, repository: Repository, actor: User | None, branch: str) -> Rules:
        """A branch's rules (admins only). Raises Missing where there is no such branch or none are set."""
        self._branch(repository, actor, branch)
        rules = self.rules(repository, branch)
        if not rules.protected:
            raise Missing("Branch not protected")
        return rules

    def protect(
        self, repository: Repository, actor: User | None, branch: str, wanted: Mapping[str, Any]
    ) -> Rules:
        """Set a branch's rules, all of them (admins only). Raises Invalid where a part is left out."""
        self._branch(repository, actor, branch)
        missing = [f'"{name}"' for name in _REQUIRED if name not in wanted]
        if missing:
            raise Invalid(f"Invalid request.\n\n{', '.join(missing)} weren't supplied.")
        kept = {name: wanted[name] for name in (*_REQUIRED, *_SWITCHES) if name in wanted}
        _read(kept)
        sql = "INSERT OR REPLACE INTO protections VALUES (?, ?, ?)"
        self.db.execute(sql, repository.id, branch, json.dumps(kept))
        return self.rules(repository, branch)

    def unprotect(self, repository: Repository, actor: User | None, branch: str) -> None:
        """Take a branch's rules away (admins only)."""
        self.find(repository, actor, branch)
        sql = "DELETE FROM protections WHERE repository_id = ? AND branch = ?"
        self.db.execute(sql, repository.id, branch)

    def _branch(self, repository: Repository, actor: User | None, branch: str) -> None:
        self.require(repository, actor, Role.ADMIN)
        if git_data.ref(self.world.repositories.path(repository), f"refs/heads/{branch}") is None:
            raise Missing("Branch not found")


def _read(kept: Mapping[str, Any]) -> Rules:
    """The rules as they were sent. Raises Invalid for what is shaped differently."""
    checks, reviews = kept.get("required_status_checks"), kept.get("required_pull_request_reviews")
    for name, value in (("required_status_checks", checks), ("required_pull_request_reviews", reviews)):
        if value is not None and not isinstance(value, Mapping):
            raise Invalid(f"Invalid request.\n\nFor '{name}', {json.dumps(value)} is not an object.")
    approvals = None if reviews is None else reviews.get("required_approving_review_count", 1)
    if approvals is not None and (not isinstance(approvals, int) or not 0 <= approvals <= 6):
        raise Invalid("Invalid request.\n\nrequired_approving_review_count must be a number from 0 to 6.")
    return Rules(
        protected=True,
        contexts=_contexts(checks or {}),
        strict=bool((checks or {}).get("strict")),
        approvals=approvals,
        dismiss_stale=bool((reviews or {}).get("dismiss_stale_reviews")),
        code_owners=bool((reviews or {}).get("require_code_owner_reviews")),
        enforce_admins=bool(kept.get("enforce_admins")),
        switches=tuple(name for name in _SWITCHES if kept.get(name)),
    )


def _contexts(checks: Mapping[str, Any]) -> tuple[str, ...]:
    """The contexts, named by the older list or by the newer one of objects."""
    named = checks.get("contexts") or []
    named = [
        *named,
        *(check.get("context") for check in checks.get("checks") or [] if isinstance(check, dict)),
    ]
    if not all(isinstance(name, str) and name for name in named):
        raise Invalid("Invalid request.\n\nEach required status check is named by a text.")
    return tuple(dict.fromkeys(named))
