"""Pull requests in words: how they stand, and whom they wait for."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.config import Config
from bot.domain.merge_rule import waits_for_person
from bot.domain.models import Project
from bot.domain.pulls import Pull
from bot.render.text import code

NAMED = 3
"""Pull requests that a sentence names; it counts the others."""
_CHECKS = {
    "none": "no checks",
    "pending": "its checks run",
    "passed": "checks passed",
    "failed": "checks failed",
}


def linked(pull: Pull, project: str = "") -> str:
    """``#12`` with its address; ``todo-app-7#12`` among those of other repositories."""
    return f"[{project}#{pull.facts.number}](<{pull.facts.url}>)"


def standing(config: Config, project: Project, pull: Pull) -> str:
    """How one stands, in a clause."""
    facts = pull.facts
    if not pull.open:
        return facts.state
    if _waits(config, project, pull):
        return "approved, a person has to merge it"
    if facts.mergeable == "conflict":
        return "in conflict with the default branch"
    if pull.approved == facts.head and facts.head:
        return f"approved, {_CHECKS[facts.checks]}, to be merged"
    return f"open, {_CHECKS[facts.checks]}, not approved yet"


def _waits(config: Config, project: Project, pull: Pull) -> bool:
    reviewed = any(task.key == pull.key and task.specialty == "review" for task in project.tasks)
    return waits_for_person(config, pull, reviewed=reviewed)


def awaited(config: Config, project: Project, pulls: Iterable[Pull]) -> str:
    """What a task waits for, for a sentence that begins with "waits for"."""
    found = list(pulls)
    named = ", ".join(f"{linked(pull)} ({standing(config, project, pull)})" for pull in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"the merge of {named}{more}"


def to_be_merged(config: Config, project: Project) -> tuple[Pull, ...]:
    """Those that nothing but a person's decision is missing from."""
    return tuple(pull for pull in project.pulls if pull.open and _waits(config, project, pull))


def listed(config: Config, project: Project) -> list[str]:
    """The open ones of a project, each as a line."""
    return [
        f"pull request {linked(pull)} ({code(pull.key)}): {standing(config, project, pull)}"
        for pull in project.pulls
        if pull.open
    ]
