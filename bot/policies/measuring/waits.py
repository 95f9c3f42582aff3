"""How long pull requests have waited to be merged once their work was done, from the journal."""

from __future__ import annotations

import re

from bot.domain.draft import Draft
from bot.domain.models import Project

ENOUGH = 5
"""Merges from which waiting is drawn; with fewer, it is not included, and forecasts say so."""
_MERGED = re.compile(r"#(\d+) merged")


def merge_waits(draft: Draft) -> list[int]:
    """Seconds of each merge that the journal still tells; none where they are too few."""
    found = []
    for one in draft.happenings:
        match = _MERGED.fullmatch(one.detail) if one.kind == "pull-request" else None
        project = draft.projects.get(one.project)
        if match is None or project is None:
            continue
        if (done := _done(project, int(match[1]))) is not None:
            found.append(max(0, int(one.at.timestamp()) - done))
    return found if len(found) >= ENOUGH else []


def _done(project: Project, number: int) -> int | None:
    """When the last task of a pull request was done."""
    pull = next((pull for pull in project.pulls if pull.facts.number == number), None)
    ends = [task.finished_at for task in project.tasks if pull and task.key == pull.key and task.finished_at]
    return int(max(ends).timestamp()) if ends else None
