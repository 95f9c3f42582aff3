"""The switches that people throw: pauses and triage, how triage ends, and which projects it labels."""

from __future__ import annotations

from bot.domain.controls import Pause, Triage
from bot.domain.draft import Draft
from bot.domain.outputs import Priority
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.overflow import overflowing

LABELS_AT_ONCE = 50
"""Labels that may be pending when triage asks for more: what one run can deliver.

With thousands of held projects their labels follow in portions, each when the one before is on GitHub.
"""
WORK = tuple(QueueName(workflow.value) for workflow in Workflow)
"""The queues that work is assigned from."""


def pause(draft: Draft, workflow: Workflow, by: str) -> None:
    """Assign no task of a workflow that is not paused any more; running work goes on."""
    paused = (*draft.controls.paused, Pause(workflow=workflow, since=draft.now, by=by))
    draft.controls = draft.controls.model_copy(update={"paused": paused})
    draft.note("control", by=by, detail=f"paused {workflow}")


def unpause(draft: Draft, workflow: Workflow, by: str) -> None:
    """Assign a paused workflow's tasks again."""
    paused = tuple(one for one in draft.controls.paused if one.workflow is not workflow)
    draft.controls = draft.controls.model_copy(update={"paused": paused})
    draft.note("control", by=by, detail=f"unpaused {workflow}")


def begin_triage(draft: Draft, level: Priority, by: str) -> Triage:
    """Assign only this level and what is above it; another level that held before is replaced."""
    before = draft.controls.triage
    over = bool(overflowing(draft, WORK)) or (before is not None and before.overflowed)
    triage = Triage(level=level, since=draft.now, by=by, overflowed=over)
    draft.controls = draft.controls.model_copy(update={"triage": triage})
    draft.note("control", by=by, detail=f"triage: {level} and above")
    return triage


def end_triage(draft: Draft, by: str = "") -> None:
    """Assign every level again; ``by`` is empty where the rule ends it."""
    draft.controls = draft.controls.model_copy(update={"triage": None})
    draft.note("control", by=by, detail="triage ended")


def settle_triage(draft: Draft) -> bool:
    """Remember an overflow while triage holds, and end it once every queue is under the mark again.

    Judges what is left waiting after work was assigned. Returns whether triage has ended: what it
    held back may be assigned now.
    """
    triage = draft.controls.triage
    if triage is None:
        return False
    if overflowing(draft, WORK):
        if not triage.overflowed:
            seen = triage.model_copy(update={"overflowed": True})
            draft.controls = draft.controls.model_copy(update={"triage": seen})
        return False
    if triage.overflowed:
        end_triage(draft)
    return triage.overflowed


def held_projects(draft: Draft) -> dict[str, int]:
    """Projects that have queued tasks held back by triage → how many tasks."""
    held: dict[str, int] = {}
    triage = draft.controls.triage
    for name in WORK if triage is not None else ():
        for item in draft.queue(name).values():
            if triage is not None and triage.holds(item.priority):
                held[item.project] = held.get(item.project, 0) + 1
    return held


def settle_held_labels(draft: Draft) -> None:
    """Ask for the label of each project whose being held has changed, a portion at a time."""
    held, pending = held_projects(draft), draft.labels_pending()
    for id_ in [id_ for id_, one in draft.projects.items() if one.held != (id_ in held)]:
        if len(pending) < LABELS_AT_ONCE or id_ in pending:
            draft.projects[id_] = draft.projects[id_].model_copy(update={"held": id_ in held})
            draft.labels_due(id_)
            pending.add(id_)
