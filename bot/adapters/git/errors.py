"""What git's error texts mean: each becomes a named failure that says what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.errors import Forbidden, NotFound, OrchestratorError, StoreUnavailable, UsageError

BRANCH_MISSING = "couldn't find remote ref"
REF_MISSING = "remote ref does not exist"

# Patterns are compiled when something has failed: a command that works does not wait for them.
_DENIED = (
    r"returned error: 40[13]|Authentication failed|could not read (Username|Password)|Permission to .* denied"
)
_HIDDEN = r"returned error: 404|repository '[^']*' not found|Repository not found"
_NO_REPOSITORY = r"does not appear to be a git repository|dubious ownership|unsafe repository"
_BY_RULE = (
    r"(?i)hook declined|protected branch|rule violations|prohibited|refusing|denied|deny|checked out|GH0\d\d"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a remote holds, and what to do where it refuses."""

    name: str
    denied: str
    hidden: str
    missing: type[OrchestratorError]
    """What is raised where there is no repository, or the token may not see it."""
    by_rule: str


STATE = Subject(
    name="the state",
    denied="in a workflow give the job `permissions: contents: write`, else check the token's scopes",
    hidden="check ORCHESTRATOR_STATE_REMOTE and which repositories the token is for",
    missing=Forbidden,
    by_rule="exempt the state branch and refs/orchestrator/* from it, or let this token's account bypass it",
)
PROJECT = Subject(
    name="the project's repository",
    denied="let the token (ORCHESTRATOR_GENESIS_TOKEN) have `contents: write`, and `workflows: write` where "
    "workflows are pushed, for this repository",
    hidden="check that it exists and that the token (ORCHESTRATOR_GENESIS_TOKEN) is for it",
    missing=NotFound,
    by_rule="exempt this program's branches from it, or let this token's account bypass it",
)


def essence(err: str) -> str:
    """The lines of git's standard error that tell something, as one line."""
    lines = [line.strip() for line in err.splitlines()]
    telling = [line for line in lines if re.match(r"(fatal|error|remote): *\S", line)]
    return " | ".join(dict.fromkeys(telling or lines)).strip()[:600] or "no explanation from git"


def failure(err: str, remote: str, doing: str, subject: Subject = STATE) -> OrchestratorError:
    """The exception for a git command that failed. ``doing`` is what was tried: "read", "write"."""
    told = essence(err)
    if re.search(_DENIED, err):
        return Forbidden(
            f"{remote} refuses to let this token {doing} {subject.name} ({told}); {subject.denied}"
        )
    if re.search(_HIDDEN, err):
        return subject.missing(
            f"there is no repository at {remote}, or this token may not see it ({told}); {subject.hidden}"
        )
    if re.search(_NO_REPOSITORY, err):
        return UsageError(
            f"{remote} is no git repository that this user may use ({told}); "
            "check ORCHESTRATOR_STATE_REMOTE, or make one with `git init --bare`"
        )
    return StoreUnavailable(f"could not {doing} {subject.name} at {remote}: {told}; try again later")


def is_permanent_refusal(reason: str) -> bool:
    """Whether the server refused a ref by a rule, so that pushing again cannot help."""
    return re.search(_BY_RULE, reason) is not None


def refused_by_rule(remote: str, ref: str, reason: str, err: str, subject: Subject = STATE) -> Forbidden:
    """The exception for a push that a hook, a ruleset or branch protection turned away."""
    return Forbidden(
        f"{remote} does not accept pushes to {ref} ({reason}: {essence(err)}); a branch protection rule, "
        f"a ruleset or a hook of that repository is in the way: {subject.by_rule}"
    )
