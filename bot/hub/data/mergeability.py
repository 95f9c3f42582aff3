"""Whether a pull request can be merged: what git says, and what the base branch's rules lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.hub.data import git_changes, git_merge
from bot.hub.data.protections import Rules
from bot.hub.data.pull_records import Pull, Status
from bot.hub.data.records import Repository, User
from bot.hub.data.statuses import combined

if TYPE_CHECKING:
    from bot.hub.data.world import World


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pull request stands."""

    mergeable: bool | None
    """Whether git can merge it; None where that is no question, because it is closed."""
    state: str
    """GitHub's ``mergeable_state``: ``clean``, ``dirty``, ``draft``, ``blocked``, ``behind``, ``unstable``,
    ``unknown``."""
    lacks: tuple[str, ...] = ()
    """What the base branch's rules ask for and do not have, in GitHub's words."""


def standing(world: World, repository: Repository, pull: Pull) -> Standing:
    """How a pull request stands at this moment."""
    if not pull.open:
        return Standing(None, "unknown")
    path = world.repositories.path(repository)
    if _tree(path, pull.base_sha, pull.head_sha) is None:
        return Standing(False, "dirty")
    rules = world.protections.rules(repository, pull.base)
    statuses = world.statuses.latest(repository, pull.head_sha)
    lacks = (*_review_lacks(world, repository, pull, rules), *_status_lacks(rules.contexts, statuses))
    behind = rules.strict and not git_changes.contains(path, pull.head_sha, pull.base_sha)
    if pull.draft:
        return Standing(True, "draft", lacks)
    if lacks:
        return Standing(True, "blocked", lacks)
    if behind:
        return Standing(True, "behind", (f"Head branch is out of date with {pull.base}.",))
    stable = not statuses or combined(statuses) == "success"
    return Standing(True, "clean" if stable else "unstable")


def decision(world: World, repository: Repository, pull: Pull) -> str | None:
    """GraphQL's ``reviewDecision``: None where the base branch does not ask for reviews."""
    rules = world.protections.rules(repository, pull.base)
    if not rules.approvals:
        return None
    verdicts = Counter(world.reviews.verdicts(repository, pull).values())
    if verdicts["CHANGES_REQUESTED"]:
        return "CHANGES_REQUESTED"
    return "APPROVED" if verdicts["APPROVED"] >= rules.approvals else "REVIEW_REQUIRED"


def may_pass_rules(world: World, repository: Repository, pull: Pull, actor: User) -> bool:
    """Whether the rules do not hold for this account: a person who is an admin, unless they say so."""
    rules = world.protections.rules(repository, pull.base)
    admin = actor.type == "User" and world.users.role(repository, actor).label == "admin"
    return admin and not rules.enforce_admins


@lru_cache(maxsize=4096)  # commits never change, so neither does what merging them gives
def _tree(path: Path, base: str, head: str) -> str | None:
    return git_merge.merged_tree(path, base, head)


def _review_lacks(world: World, repository: Repository, pull: Pull, rules: Rules) -> tuple[str, ...]:
    if not rules.approvals:
        return ()
    verdicts = Counter(world.reviews.verdicts(repository, pull).values())
    if verdicts["CHANGES_REQUESTED"]:
        return ("Changes have been requested.",)
    if verdicts["APPROVED"] >= rules.approvals:
        return ()
    one = rules.approvals == 1
    are = "review is" if one else "reviews are"
    return (f"At least {rules.approvals} approving {are} required by reviewers with write access.",)


def _status_lacks(required: Sequence[str], statuses: Sequence[Status]) -> tuple[str, ...]:
    words = {"error": "failing", "failure": "failing", "pending": "pending"}
    found = {status.context.lower(): status.state for status in statuses}
    lacking = {
        name: words.get(found.get(name.lower(), ""), "expected")
        for name in required
        if found.get(name.lower()) != "success"
    }
    if not lacking:
        return ()
    if len(required) == 1:
        ((name, word),) = lacking.items()
        return (f'Required status check "{name}" is {word}.',)
    counts = Counter(lacking.values())
    told = " and ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    return (f"{len(lacking)} of {len(required)} required status checks have not succeeded: {told}.",)
