"""What a decision changes on the archive branch, worked out from the states before and after it."""

from __future__ import annotations

from bot.domain.archive import Left, Record
from bot.domain.events.batch import Restored
from bot.domain.files import dump
from bot.domain.state import State


def changes(before: State, after: State) -> dict[str, bytes | None]:
    """Files of the archive branch: of projects that have left, as they were; None: of one that is back."""
    gone = [one for one in after.archived.items if one.id in before.projects and one.id not in after.projects]
    events = after.events.events if after.events else ()
    back = [
        one.record.path
        for one in events
        if isinstance(one, Restored)
        and one.record.project.id in after.projects
        and one.record.project.id not in before.projects
    ]
    return {one.path: dump(record(before, one)) for one in gone} | dict.fromkeys(back)


def record(before: State, left: Left) -> Record:
    """A project with all that is kept of it, as the state had it when it left."""
    id_ = left.id
    return Record(
        left_at=left.left_at,
        project=before.projects[id_],
        genesis=before.genesis.get(id_),
        development=before.development.get(id_),
        content=before.content.get(id_),
    )
