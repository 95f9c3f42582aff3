"""What people do to issues besides commenting: labels, closing, reopening."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.events import IssueChanged
from bot.domain.labels import PRIORITY
from bot.domain.outputs import Priority
from bot.policies.lifecycle import reprioritise


def changed(draft: Draft, event: IssueChanged) -> None:
    """A person's priority label is the same as the command."""
    project = next((one for one in draft.projects.values() if one.issue == event.issue), None)
    level = event.label.removeprefix(PRIORITY)
    if (
        project
        and event.action == "labeled"
        and event.label.startswith(PRIORITY)
        and level in tuple(Priority)
    ):
        reprioritise(draft, project, Priority(level), event.actor)
