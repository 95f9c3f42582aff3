"""Reads of a repository on GitHub: each function is a few requests, and gives plain values."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.adapters.github.admin import GitHubAdmin
from bot.domain.errors import ForgeError, NotFound, Rejected, UsageError


@dataclass(frozen=True, slots=True)
class About:
    """A repository, and what GitHub tells of the token that asked."""

    full_name: str
    default_branch: str
    private: bool
    archived: bool
    has_issues: bool
    owner_type: str
    """``User`` or ``Organization``."""
    rights: Mapping[str, bool]
    """What the token's account may do: ``admin``, ``push`` …; empty where GitHub does not tell."""
    scopes: str | None
    """A classic token's scopes, separated by commas."""
    date: datetime | None
    """GitHub's time when it answered."""
    expires: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """An open pull request of ours."""

    number: int
    url: str
    head: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names, or why they could not be looked at."""

    values: Mapping[str, str] = field(default_factory=dict)
    """Name → value; of secrets the value is empty."""
    refusal: ForgeError | None = None


def about(admin: GitHubAdmin) -> About:
    """The repository itself. Raises UsageError where it is not there for this token."""
    try:
        reply = admin.ask(f"look at {admin.repository}", "repos.get")
    except NotFound as error:
        raise UsageError(f"{error}. Check the name, and that the token is allowed this repository") from None
    found = reply.json
    return About(
        full_name=found["full_name"],
        default_branch=found["default_branch"],
        private=found["private"],
        archived=found.get("archived", False),
        has_issues=found.get("has_issues", True),
        owner_type=found["owner"]["type"],
        rights=found.get("permissions") or {},
        scopes=reply.scopes,
        date=reply.date,
        expires=reply.expires,
    )


def head(admin: GitHubAdmin, branch: str) -> str:
    """The commit that a branch is at; empty where there is none."""
    try:
        reply = admin.ask(f"look at the branch {branch}", "git.get_ref", ref=f"heads/{branch}")
    except NotFound:
        return ""
    except Rejected as error:
        if "empty" in str(error):  # 409: a repository without any commit
            return ""
        raise
    return str(reply.json["object"]["sha"])


def texts(admin: GitHubAdmin, paths: Iterable[str], commit: str) -> dict[str, str | None]:
    """Files of a commit; None for one that is not there. No commit has no files."""
    return {path: _text(admin, path, commit) if commit else None for path in paths}


def _text(admin: GitHubAdmin, path: str, commit: str) -> str | None:
    try:
        found = admin.ask(f"read {path}", "repos.get_content", path=path, ref=commit).json
    except NotFound:
        return None
    if not isinstance(found, dict) or found.get("type") != "file":
        raise UsageError(f"{path} is no file in this repository: make room for it")
    return base64.b64decode(found["content"]).decode("utf-8", "replace")


def proposal(admin: GitHubAdmin, branch: str) -> Proposal | None:
    """The open pull request from a branch."""
    found = admin.ask(
        f"look for a pull request from {branch}", "pulls.list", state="open", head=f"{admin.owner}:{branch}"
    ).json
    mine = [one for one in found if one["head"]["ref"] == branch]
    # The branch itself is asked: a pull request's record may still be behind what was just pushed.
    return Proposal(mine[0]["number"], mine[0]["html_url"], head(admin, branch)) if mine else None


def labels(admin: GitHubAdmin) -> frozenset[str]:
    """The names of the labels."""
    rows = admin.every("list the labels", "issues.list_labels_for_repo")
    return frozenset(row["name"] for row in rows)


def variables(admin: GitHubAdmin) -> Names:
    """The variables of Actions, the organisation's too where this repository gets them."""
    return _names(admin, "variables", ("list_repo_organization_variables", "list_repo_variables"))


def secrets(admin: GitHubAdmin) -> Names:
    """The names of the secrets of Actions, the organisation's too where this repository gets them."""
    return _names(admin, "secrets", ("list_repo_organization_secrets", "list_repo_secrets"))


def _names(admin: GitHubAdmin, kind: str, operations: tuple[str, str]) -> Names:
    found: dict[str, str] = {}
    for operation in operations:
        rows = admin.every(f"list the {kind}", f"actions.{operation}", kind)
        try:
            found |= {row["name"]: row.get("value", "") for row in rows}
        except ForgeError as error:
            # A person's repository has no organisation, and not everybody may see what that shares.
            if operation == operations[-1] or not isinstance(error, NotFound):
                return Names(refusal=error)
    return Names(found)


def runs_under_way(admin: GitHubAdmin) -> list[Any]:
    """Runs of workflows that have not ended."""
    operation, what = "actions.list_workflow_runs_for_repo", "list the runs under way"
    return [
        run
        for status in ("in_progress", "queued", "pending", "waiting")
        for run in admin.every(what, operation, "workflow_runs", status=status)
    ]


def may_open_pulls(admin: GitHubAdmin) -> bool:
    """Whether workflows may open pull requests here. False where that cannot be looked at."""
    operation = "actions.get_github_actions_default_workflow_permissions_repository"
    try:
        found = admin.ask("look at the workflows' permissions", operation).json
    except ForgeError:
        return False
    return bool(found["can_approve_pull_request_reviews"])


def rows(admin: GitHubAdmin, what: str, operation: str, key: str = "", **given: Any) -> list[Any]:  # noqa: ANN401
    """All rows of a list."""
    return list(admin.every(what, operation, key, **given))
