"""What is true of every state; checked before each save and by ``verify``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from bot.domain.errors import StateInvalid
from bot.domain.hours import HOURS_LIMIT
from bot.domain.models import Project, QueueItem, Task
from bot.domain.order import place
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus, WorkerStatus, Workflow


def check(state: State) -> None:
    """Raise StateInvalid naming the first rule that ``state`` breaks."""
    for problem in problems(state):
        raise StateInvalid(f"the state contradicts itself: {problem}")


def problems(state: State) -> Iterator[str]:
    """Every broken rule, as a sentence that names the files."""
    yield from _queues(state)
    yield from _workers(state)
    yield from _projects(state)
    yield from _controls(state)
    yield from _outbox(state)
    yield from _switches(state)
    yield from _hours(state)
    yield from _archived(state)


_QUEUES = {workflow: QueueName(workflow.value) for workflow in Workflow}


def _home(task: Task) -> QueueName | None:
    """The queue that must hold a task, by its status."""
    if task.status is TaskStatus.QUEUED:
        return _QUEUES[task.workflow]
    return QueueName.REVIEW if task.status is TaskStatus.REVIEW else None


def _queues(state: State) -> Iterator[str]:
    expected = {
        task.id: (home, project, task)
        for project in state.projects.values()
        for task in project.tasks
        if (home := _home(task)) is not None
    }
    seen: set[str] = set()
    for name, queue in state.queues.items():
        where = f"queues/{name}-queue/items.json"
        keys = [place(item, state.config.queueing) for item in queue.items]
        if any(left > right for left, right in pairwise(keys)):
            yield f"{where} is out of order"
        for item in queue.items:
            home, project, task = expected.get(item.task, (None, None, None))
            if item.task in seen:
                yield f"{where} holds {item.task}, which is in a queue already"
            elif home is not name:
                yield f"{where} holds {item.task}, which {item.project}/status.json does not queue there"
            elif project is not None and task is not None and not _agree(item, project, task):
                yield f"{where} and projects/{project.id}/status.json disagree about {item.task}"
            seen.add(item.task)
    for task_id in sorted(expected.keys() - seen):
        home, holder, _ = expected[task_id]
        yield f"projects/{holder.id}/status.json says that {task_id} waits in {home}, which does not hold it"


def _agree(item: QueueItem, project: Project, task: Task) -> bool:
    reserved = task.reserved.worker if task.reserved else ""
    return (item.project, item.priority, item.front, item.reserved) == (
        project.id,
        project.priority,
        task.front,
        reserved,
    )


def _workers(state: State) -> Iterator[str]:
    leases: set[int] = set()
    for worker in state.instances.values():
        where = f"instances/{worker.id}.json"
        held = worker.assignment
        mine = (worker.kind == "external", bool(worker.process), worker.session > 0)
        if len(set(mine)) > 1:
            yield f"{where}: {worker.kind}, process {worker.process or 'none'}, session {worker.session}"
        if worker.offline_since is not None and worker.status is not WorkerStatus.OFFLINE:
            yield f"{where}: offline since {worker.offline_since:%H:%M:%S}, but its status is {worker.status}"
        if (held is not None) != (worker.status in (WorkerStatus.BUSY, WorkerStatus.DRAINING)):
            yield f"{where}: status is {worker.status}, assignment is {held.id if held else 'none'}"
        if held is None:
            continue
        project = state.projects.get(held.project)
        task = project.task(held.task) if project else None
        if task is None or not task.status.held or task.lease != held.lease or task.worker != worker.id:
            yield f"{where} holds {held.id}, which its project does not give to it"
        if held.lease in leases or held.lease >= state.ledger.next_lease:
            yield f"{where}: lease {held.lease} is not unique or was never given out"
        leases.add(held.lease)


def _projects(state: State) -> Iterator[str]:
    holders = {held.task: worker.id for worker in state.instances.values() if (held := worker.assignment)}
    for project in state.projects.values():
        where = f"projects/{project.id}/status.json"
        if (project.status is ProjectStatus.STOPPED) != (project.stop is not None):
            yield f"{where}: status is {project.status}, but it is {'' if project.stop else 'not '}stopped"
        yield from _gate(project, where)
        ids = [task.id for task in project.tasks]
        if len(set(ids)) != len(ids):
            yield f"{where} names a task twice"
        for task in project.tasks:
            if project.stop is not None and (task.status.held or task.status is TaskStatus.QUEUED):
                yield f"{where}: {task.id} is {task.status}, but the project is stopped"
            if task.status.held and holders.get(task.id) != task.worker:
                yield f"{where}: {task.id} is {task.status}, but no worker holds it"
            if task.status.held and task.reserved is not None:
                yield f"{where}: {task.id} is {task.status}, but still reserved for {task.reserved.worker}"
            yield from _dependencies(project, task, where)


def _gate(project: Project, where: str) -> Iterator[str]:
    """Nothing of a stage that waits for approval is planned; of Genesis, nothing is begun."""
    gate = project.gate
    for task in project.tasks if gate is not None else ():
        begun = task.status.held or task.status is TaskStatus.QUEUED
        if gate is not None and task.workflow.value == gate.stage and (begun or gate.stage != "genesis"):
            yield f"{where}: {task.id} is {task.status}, but {gate.stage} waits for approval"


def _dependencies(project: Project, task: Task, where: str) -> Iterator[str]:
    for needed in task.depends_on:
        other = project.task(needed)
        if other is None:
            yield f"{where}: {task.id} depends on {needed}, which is not there"
        elif not other.over and (task.status.held or task.status is TaskStatus.QUEUED):
            yield f"{where}: {task.id} is {task.status} before {needed} is done"


def _controls(state: State) -> Iterator[str]:
    workflows = [emergency.workflow for emergency in state.controls.emergency]
    if len(set(workflows)) != len(workflows):
        yield "controls.json holds two emergencies of one workflow"


def _outbox(state: State) -> Iterator[str]:
    ids = [entry.id for entry in state.outbox.entries]
    if len(set(ids)) != len(ids):
        yield "outbox.json holds an id twice"


def _hours(state: State) -> Iterator[str]:
    numbers = [one.hour for one in state.hours.items]
    if any(left >= right for left, right in pairwise(numbers)):
        yield "metrics/hours.json is out of order, or holds an hour twice"
    if len(numbers) > HOURS_LIMIT:
        yield f"metrics/hours.json holds more than {HOURS_LIMIT} hours"


def _archived(state: State) -> Iterator[str]:
    ids = [one.id for one in state.archived.items]
    if len(set(ids)) != len(ids):
        yield "archived.json lists a project twice"
    for id_ in sorted(set(ids) & state.projects.keys()):
        yield f"archived.json lists {id_}, which projects/{id_}/status.json holds"
    if len(ids) > state.archived.count:
        yield f"archived.json lists {len(ids)} projects and counts {state.archived.count}"


def _switches(state: State) -> Iterator[str]:
    open_ids = [alert.id for alert in state.alerts.items if alert.until is None]
    for id_ in sorted({id_ for id_ in open_ids if open_ids.count(id_) > 1}):
        yield f"alerts.json: {id_} is open twice"
    paused = [pause.workflow for pause in state.controls.paused]
    if len(set(paused)) != len(paused):
        yield "controls.json pauses a workflow twice"
