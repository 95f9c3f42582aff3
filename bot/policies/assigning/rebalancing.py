"""Spreading again what has not begun: reservations, and assignments that nobody has claimed.

A better placing is looked for first, and only what improves is moved. Where work stands well already,
nothing is touched and no run is cancelled.
"""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import QueueItem, Reservation
from bot.domain.outlook import Move
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.assigning.candidates import wanted
from bot.policies.assigning.holding import Holding, held_by
from bot.policies.assigning.placing import Placing, Standing
from bot.policies.assigning.reserving import kept, reserve, takes_work
from bot.policies.working.attempts import requeue_first, take_back


def better_placing(draft: Draft, workflow: Workflow) -> list[Move]:
    """The moves that improve on where this workflow's work stands; changes nothing."""
    return Placing(draft, workflow, movable(draft, workflow)).moves()


def movable(draft: Draft, workflow: Workflow) -> list[Standing]:
    """What could be moved: reservations first, which costs no run."""
    return [*_reserved(draft, workflow), *_unclaimed(draft, workflow)]


def carry_out(draft: Draft, moves: list[Move], by: str, cause: str) -> None:
    """Make these moves; settling starts what can start. ``cause``: the id of the event that asked."""
    for move in moves:
        if move.begun:
            take_back(draft, draft.instances[move.source], cause)
    for move in moves:
        project = draft.projects[move.project]
        if (task := project.task(move.task)) is None:
            continue
        reservation = Reservation(worker=move.target, at=draft.now, by=by, why=move.why)
        if move.begun:
            requeue_first(draft, project, task.model_copy(update={"reserved": reservation}))
        else:
            reserve(draft, project, task, reservation)
        facts = {"project": project.id, "task": task.id, "worker": move.target, "by": by}
        draft.note("moved", **facts, detail=f"from {move.source}: {move.why}")


def _reserved(draft: Draft, workflow: Workflow) -> list[Standing]:
    """Queued tasks that are kept for a worker who will take them."""
    found, holding = [], Holding(draft)
    for item in kept(draft, workflow):
        project, worker = draft.projects[item.project], draft.instances.get(item.reserved)
        task = project.task(item.task)
        if task and worker and worker.workflow is workflow and takes_work(draft, worker):
            startable = holding.of(item, task) is None
            want = wanted(project, task)
            found.append(Standing(project, task, want, worker.id, begun=False, startable=startable))
    return found


def _unclaimed(draft: Draft, workflow: Workflow) -> list[Standing]:
    """Assigned tasks whose run has not come yet, and that could start elsewhere at once."""
    found = []
    for worker in sorted(draft.instances.values(), key=lambda one: one.id):
        held = worker.assignment
        if held is None or worker.workflow is not workflow or not takes_work(draft, worker):
            continue
        project = draft.projects[held.project]
        task = project.task(held.task)
        if task is None or task.status is not TaskStatus.ASSIGNED:
            continue
        item = QueueItem(
            task=task.id,
            project=project.id,
            priority=project.priority,
            enqueued_at=task.queued_at or task.created_at,
            attempt=task.attempt,
            specialty=task.specialty,
        )
        if held_by(draft, item, task) is None:
            want = wanted(project, task)
            found.append(Standing(project, task, want, worker.id, begun=True, startable=True))
    return found
