"""Switches that people and rules throw: pauses and triage, how triage ends, which projects it labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.domain.controls import Pause, Triage
from bot.domain.draft import Draft
from bot.domain.outputs import Priority
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.policies.assigning.holding import Holding

LABELS_AT_ONCE = 50
"""Labels that may be pending when triage asks for more: what one run can deliver.

With thousands of held projects their labels follow in portions, each when the one before is on GitHub.
"""
WORK = tuple(QueueName(workflow.value) for workflow in Workflow)
"""The queues that work is assigned from."""


def overflowing(draft: Draft, names: Iterable[QueueName]) -> list[QueueName]:
    """Those of the queues that are longer than the mark."""
    return [name for name in names if draft.depth(name) > draft.config.queueing.overflow]


def pause(draft: Draft, workflow: Workflow, by: str, why: str = "") -> None:
    """Assign no task of a workflow that is not paused any more; running work goes on.

    ``by`` is empty where a rule does it, which says ``why``.
    """
    paused = (*draft.controls.paused, Pause(workflow=workflow, since=draft.now, by=by, why=why))
    draft.controls = draft.controls.model_copy(update={"paused": paused})
    draft.note("control", by=by, detail=f"paused {workflow}" + (f": {why}" if why else ""))


def unpause(draft: Draft, workflow: Workflow, by: str) -> None:
    """Assign a paused workflow's tasks again."""
    paused = tuple(one for one in draft.controls.paused if one.workflow is not workflow)
    unpaused = dict(sorted({**draft.controls.unpaused, workflow: draft.now}.items()))
    draft.controls = draft.controls.model_copy(update={"paused": paused, "unpaused": unpaused})
    draft.note("control", by=by, detail=f"unpaused {workflow}")


def begin_triage(draft: Draft, level: Priority, by: str, workflow: Workflow | None = None) -> Triage:
    """Assign only this level and what is above it; another level that held before is replaced.

    ``by`` is empty where the rule begins it, for one ``workflow`` only.
    """
    before = draft.controls.triage
    over = bool(overflowing(draft, WORK)) or (before is not None and before.overflowed)
    triage = Triage(level=level, since=draft.now, by=by, workflow=workflow, overflowed=over)
    draft.controls = draft.controls.model_copy(update={"triage": triage})
    of = f" of {workflow}" if workflow else ""
    draft.note("control", by=by, detail=f"triage: {level} and above{of}")
    return triage


def end_triage(draft: Draft, by: str = "") -> None:
    """Assign every level again; ``by`` is empty where the rule ends it."""
    draft.controls = draft.controls.model_copy(update={"triage": None})
    draft.note("control", by=by, detail="triage ended")


def settle_triage(draft: Draft) -> bool:
    """Remember an overflow while triage holds, and end it once every queue is under the mark again.

    Judges what is left waiting after work was assigned. What the rule has begun ends also when somebody
    is idle beside what it holds back. Returns whether triage has ended: what it
    held back may be assigned now.
    """
    triage = draft.controls.triage
    if triage is None:
        return False
    names = WORK if triage.workflow is None else (QueueName(triage.workflow.value),)
    over = bool(overflowing(draft, names))
    after = judged(triage, lambda: _keeps_workers_idle(draft, triage), over=over)
    if after is None:
        end_triage(draft)
    elif after is not triage:
        draft.controls = draft.controls.model_copy(update={"triage": after})
    return after is None


def judged(triage: Triage, idle: Callable[[], bool], *, over: bool) -> Triage | None:
    """Triage as it is after a look at what waits; None where it ends.

    ``over``: a queue that it concerns is over the mark; ``idle``: whether it keeps somebody from work.
    """
    if not over:
        return None if triage.overflowed else triage
    if not triage.by and idle():
        return None
    return triage if triage.overflowed else triage.model_copy(update={"overflowed": True})


def _keeps_workers_idle(draft: Draft, triage: Triage) -> bool:
    """Whether somebody is idle beside tasks that only triage keeps from starting."""
    idle = {
        (one.workflow, one.id)
        for one in draft.instances.values()
        if one.status is WorkerStatus.IDLE and not one.tripped(draft.now)
    }
    free, without = {workflow for workflow, _ in idle}, Holding(draft, triage=False)
    for workflow in (triage.workflow,) if triage.workflow else tuple(Workflow):
        for item in draft.items(QueueName(workflow.value)) if workflow in free else ():
            task = draft.projects[item.project].task(item.task)
            takers = not item.reserved or (workflow, item.reserved) in idle
            held = triage.holds(item.priority, workflow) and takers
            if held and task is not None and without.of(item, task) is None:
                return True
    return False


def held_projects(draft: Draft) -> dict[str, int]:
    """Projects that have queued tasks held back by triage → how many tasks."""
    held: dict[str, int] = {}
    triage = draft.controls.triage
    for name in WORK if triage is not None else ():
        for item in draft.queue(name).values():
            if triage is not None and triage.holds(item.priority, Workflow(name.value)):
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
