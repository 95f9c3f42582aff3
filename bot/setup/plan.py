"""What a repository is to get and what it has, and so what is to be done: pure, to be shown first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.adapters import config_file
from bot.domain.errors import UsageError
from bot.setup.action import Action
from bot.setup.config_text import config_text, executors
from bot.setup.workflow_files import EXTRAS, PATHS, is_own, made, read, repinned

CONFIG = config_file.PATH
BRANCH = "orchestrator/setup"
"""Where ``init`` and ``upgrade`` put their files; one pull request goes from it."""
REMOVAL = "orchestrator/uninstall"
FILES = (*PATHS, CONFIG)
MODE = "ORCHESTRATOR_MONITOR"
APP_ID = "ORCHESTRATOR_APP_ID"
APP_KEY = "ORCHESTRATOR_APP_PRIVATE_KEY"
GENESIS = "ORCHESTRATOR_GENESIS_TOKEN"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody has chosen."""

    action: Action
    agent: str = "template"
    projects: str = "branch"
    """One of ``bot.setup.choosing.PLACES``."""
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    extras: tuple[str, ...] = EXTRAS
    """Workflows that nothing rests on."""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """Files to be written; what is left as it is, and why."""

    changes: Mapping[str, str | None]
    notes: tuple[str, ...] = ()


def wanted(wishes: Wishes) -> dict[str, str]:
    """Every file of a new set-up."""
    return {**made(wishes.action, wishes.extras), CONFIG: config_text(executors(wishes.agent))}


def to_write(want: Mapping[str, str], there: Mapping[str, str | None], action: Action) -> FilePlan:
    """Which of the files are to be written, so that nobody's edits are lost.

    Raises UsageError where a place is taken by a file of somebody else's.
    """
    changes: dict[str, str | None] = {}
    notes: list[str] = []
    taken = [path for path in want if _is_foreign(path, there.get(path))]
    if taken:
        raise UsageError(
            f"{', '.join(taken)}: not made by orchestrator, which needs files of these names. Rename yours "
            "(GitHub knows a workflow by its file, not by its place in a list), then run this again"
        )
    for path, text in want.items():
        now = there.get(path)
        known = read(now)
        if now is None:
            changes[path] = text
        elif known is None and path != CONFIG:
            notes.append(f"{path} is orchestrator's own, which runs its own action")
        elif path == CONFIG:
            notes.append(f"{path} is left as it is")
        elif known is not None and known.is_edited:
            if (pinned := repinned(now, action)) != now:
                changes[path] = pinned
            notes.append(f"{path} was edited by hand: the edits stay, only the action's version is changed")
        elif now != text:
            changes[path] = text
    return FilePlan(changes, tuple(notes))


def _is_foreign(path: str, text: str | None) -> bool:
    return text is not None and path != CONFIG and read(text) is None and not is_own(path, text)


def to_remove(there: Mapping[str, str | None]) -> FilePlan:
    """Which files go: those that were made here, edited or not, and the configuration."""
    present = {path: text for path, text in there.items() if text is not None}
    foreign = [path for path, text in present.items() if path != CONFIG and read(text) is None]
    notes = tuple(f"{path} stays: orchestrator did not make it" for path in foreign)
    return FilePlan(dict.fromkeys(path for path in present if path not in foreign), notes)
