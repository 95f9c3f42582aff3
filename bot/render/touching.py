"""Which tasks wait only because others touch the same files."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.outputs import GenesisOutput
from bot.render.text import code


def keeps_off(draft: Draft, project: Project, task: Task) -> str:
    """``keeps off the same files as #3 and #5``, of those that are not over; empty where none is."""
    open_ = {one.item for one in project.tasks if not one.over} | {
        one.key for one in project.pulls if one.open
    }
    names = [_named(draft.genesis.get(project.id), key) for key in task.keeps_off if key in open_]
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"keeps off the same files as {listed}"


def _named(genesis: GenesisOutput | None, key: str) -> str:
    """An issue of the project's repository, which the thread is not in: so the number alone would mislead."""
    for issue in genesis.issues if genesis else ():
        if issue.key == key and issue.number is not None and genesis is not None:
            return f"[#{issue.number}]({genesis.repository_url}/issues/{issue.number})"
    return code(key)
