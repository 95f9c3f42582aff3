"""``/assign``: a person says which worker does a project's next task."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.spec import Command, Invocation, Outcome, Positional, Refused, Switch
from bot.domain.base import Frozen
from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Project, Reservation, Task
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus, Workflow
from bot.policies.assigning.candidates import Distances, fit, wanted
from bot.policies.assigning.holding import held_by
from bot.policies.assigning.reserving import UP, reserve, takes_work
from bot.policies.assigning.waiting import Outlooks, unmet
from bot.render import assigning as words


class Assign(Frozen):
    """Arguments of ``/assign``."""

    workflow: Annotated[Workflow, Positional(), Field(description="genesis, development or content")]
    project_id: Annotated[
        str, Positional(skip=True), Field(description="the project; left out: this issue's own")
    ] = ""
    worker_id: Annotated[str, Positional(), Field(description="the worker that is to do it")]
    force: Annotated[bool, Switch(), Field(description="whatever the worker's specialties are")] = False


def _assign(call: Invocation) -> Outcome:
    args, draft = call.args, call.draft
    project = resolve.project(call, args.project_id)
    worker = resolve.worker(call, args.worker_id)
    _check_worker(draft, worker, args.workflow)
    if project.status in (ProjectStatus.STOPPED, ProjectStatus.FAILED, ProjectStatus.COMPLETE):
        raise Refused(words.project_over(project))
    task = _next(draft, project, worker, args)
    if task.reserved and task.reserved.worker == worker.id:
        raise Refused(words.already_reserved(worker.id, task.id))
    kept = Reservation(worker=worker.id, at=draft.now, by=call.event.actor, force=args.force)
    reserve(draft, project, task, kept)
    facts = {"project": project.id, "task": task.id, "worker": worker.id, "by": call.event.actor}
    draft.note("moved", **facts, detail=f"reserved for {worker.id}")
    return Outcome(ok=True, say=lambda after: _say(after, project.id, task.id, worker.id))


def _check_worker(draft: Draft, worker: Instance, workflow: Workflow) -> None:
    """Raise Refused where this worker cannot do it, naming those that can."""
    able = sorted(
        one.id for one in draft.instances.values() if one.workflow is workflow and takes_work(draft, one)
    )
    if worker.workflow is not workflow:
        raise Refused(words.other_workflow(worker, workflow, able))
    if worker.status not in UP:
        raise Refused(words.not_up(worker, able))
    if worker.tripped(draft.now):
        raise Refused(words.taken_out(worker, able))


def _next(draft: Draft, project: Project, worker: Instance, args: Assign) -> Task:
    """The project's first ready task that suits the worker, in queue order. Raises Refused with the reason.

    What nobody has claimed and what may start now goes first.
    """
    ready = _ready(draft, project, args.workflow)
    if not ready:
        raise Refused(_why_not(project, args.workflow))
    distances = Distances(draft.config.regions)
    suits = [
        task for task in ready if args.force or fit(worker, wanted(project, task), distances).specialty < 2
    ]
    if not suits:
        raise Refused(words.wrong_specialty(ready[0], project, worker))
    return suits[0]


def _ready(draft: Draft, project: Project, workflow: Workflow) -> list[Task]:
    queue = draft.ordered(QueueName(workflow.value))
    places = {item.task: (item.reserved != "", place, item) for place, item in enumerate(queue)}

    def order(task: Task) -> tuple[bool, bool, int]:
        if task.id not in places:
            return False, False, len(places)
        reserved, place, item = places[task.id]
        return reserved, held_by(draft, item, task) is not None, place

    return sorted((task for task in project.tasks if _is_ready(project, task, workflow)), key=order)


def _is_ready(project: Project, task: Task, workflow: Workflow) -> bool:
    """Queued, or about to be when this comment is settled."""
    if task.workflow is not workflow:
        return False
    return task.status is TaskStatus.QUEUED or (
        task.status is TaskStatus.WAITING and not unmet(project, task)
    )


def _why_not(project: Project, workflow: Workflow) -> str:
    tasks = [task for task in project.tasks if task.workflow is workflow and not task.over]
    waiting = next((task for task in tasks if task.status is TaskStatus.WAITING), None)
    if waiting is not None:
        return words.waits_for(waiting, unmet(project, waiting))
    return words.nothing_ready(project, workflow, tasks)


def _say(draft: Draft, project_id: str, task_id: str, worker_id: str) -> str:
    project = draft.projects[project_id]
    task = project.task(task_id)
    if task is None:
        return ""
    outlook = Outlooks(draft).of(project, task)
    return words.assigned(draft, project_id, task_id, worker_id, outlook)


ASSIGN = Command(
    name="assign",
    summary="give a project's next ready task to a worker",
    family="Queues",
    access="working",
    model=Assign,
    examples=(
        ("/assign development photo-sorter-1 dev-02", "its next ready task that suits dev-02 goes there"),
        ("/assign content content-01 --force", "this issue's project, whatever content-01's specialties are"),
    ),
    run=_assign,
    details=(
        "An idle worker starts at once; a busy one does it next, after its current task. `--force` sets the "
        "worker's specialties aside, never what the task depends on."
    ),
)
