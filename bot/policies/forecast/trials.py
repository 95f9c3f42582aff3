"""What a person could do about the flow: each as a command, and as what it does to a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.budgets import Which, project_used_up, used_up
from bot.domain.controls import Emergency
from bot.domain.draft import Draft
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.fleet import scaling
from bot.policies.forecast.compiling import open_projects
from bot.policies.guards import budgets
from bot.policies.guards.controls import end_triage, unpause
from bot.policies.guards.slowness import slow_workers
from bot.policies.projects import gates, lifecycle, reviewing

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """Something that a person could do."""

    command: str
    what: str
    do: Callable[[Draft], object]
    """Do it, to a draft that is thrown away."""


def trials(draft: Draft) -> Iterator[Trial]:
    """What stands in the way first, then one more worker of each workflow, then who is slow."""
    yield from _paused(draft)
    if draft.controls.triage is not None:
        yield Trial("/priority-triage off", "held projects go on", end_triage)
    yield from _review(draft)
    yield from _gates(draft)
    yield from _budgets(draft)
    yield from _nobody(draft)
    for workflow in Workflow:
        yield from _more(draft, workflow)
    for workflow in Workflow:
        yield from _replaced(draft, workflow)


def _paused(draft: Draft) -> Iterator[Trial]:
    """Each pause; of several, of which each alone may bring nothing, first all together."""
    paused = [pause.workflow for pause in draft.controls.paused]
    if len(paused) > 1:
        names = f"{', '.join(paused[:-1])} and {paused[-1]}"
        yield Trial("/unpause", f"{names} go on", _unpause(*paused))
    for workflow in paused:
        yield Trial(f"/unpause {workflow}", f"{workflow} goes on", _unpause(workflow))


def _unpause(*workflows: Workflow) -> Callable[[Draft], object]:
    def unpaused(other: Draft) -> None:
        for workflow in workflows:
            unpause(other, workflow, NOBODY)

    return unpaused


def _gates(draft: Draft) -> Iterator[Trial]:
    """What waits for approval, approved."""
    waiting = [(one.id, one.gate.stage) for one in open_projects(draft) if one.gate is not None]

    def approved(other: Draft) -> None:
        for id_, stage in waiting:
            gates.approve(other, other.projects[id_], stage, NOBODY, NOBODY)
        lifecycle.advance(other)

    if waiting:
        id_, stage = waiting[0]
        what = f"it enters {stage}" if len(waiting) == 1 else "and the others that wait for approval"
        yield Trial(f"/approve {id_}", what, approved)


def _nobody(draft: Draft) -> Iterator[Trial]:
    """Several workflows without a worker, with one each: one alone would finish nothing."""
    without = [one for one in Workflow if not scaling.size(draft, one) and scaling.room(draft, one)]

    def started(other: Draft) -> None:
        for workflow in without:
            scaling.scale_up(other, workflow, 1, NOBODY)

    if len(without) > 1:
        commands = ", ".join(f"`/scale-up {workflow}`" for workflow in without)
        yield Trial("", f"one worker for each workflow that has none ({commands})", started)


def _review(draft: Draft) -> Iterator[Trial]:
    waiting = [
        (project.id, task.id)
        for project in open_projects(draft)
        for task in project.tasks
        if task.status is TaskStatus.REVIEW
    ]

    def again(other: Draft) -> None:
        for project_id, task_id in waiting:
            project = other.projects[project_id]
            if (task := project.task(task_id)) is not None:
                reviewing.retry(other, project, task, NOBODY)

    if waiting:
        yield Trial(f"/retry {waiting[0][1]}", "work in review is tried again, or dropped", again)


def _budgets(draft: Draft) -> Iterator[Trial]:
    for one in used_up(draft):
        raised = {one.which.value.replace("-", "_"): None}

        def lifted(other: Draft, raised: dict[str, None] = raised) -> None:
            limits = other.config.budgets.model_copy(update=raised)
            other.config = other.config.model_copy(update={"budgets": limits})

        what = f"`{one.which.key}` no longer holds work back"
        yield Trial(
            Which.SPEND_PER_DAY.approval("") if one.which is Which.SPEND_PER_DAY else "", what, lifted
        )
    for project in open_projects(draft):
        if project_used_up(draft, project) is not None:
            yield Trial(
                Which.SPEND_PER_PROJECT.approval(project.id),
                "it may cost as much again",
                _allowed(project.id),
            )
            return


def _allowed(project_id: str) -> Callable[[Draft], object]:
    return lambda other: budgets.allow(other, other.projects[project_id], (), NOBODY, NOBODY)


def _more(draft: Draft, workflow: Workflow) -> Iterator[Trial]:
    """What the commands for more workers would do: one more, or at the limit all that an emergency allows."""
    bound, now = scaling.limits(draft, workflow), scaling.size(draft, workflow)
    if now < bound.maximum:
        yield _added(draft, f"/scale-up {workflow}", workflow, _one_more(workflow))
    elif bound.until is None and now < bound.emergency:
        yield _added(draft, f"/emergency-scale-up {workflow}", workflow, _emergency(workflow))


def _one_more(workflow: Workflow) -> Callable[[Draft], object]:
    return lambda other: scaling.scale_up(other, workflow, 1, NOBODY)


def _emergency(workflow: Workflow) -> Callable[[Draft], object]:
    def begun(other: Draft) -> None:
        until = other.now + scaling.EMERGENCY
        emergency = Emergency(workflow=workflow, since=other.now, until=until, by=NOBODY)
        scaling.extend_emergency(other, emergency)
        scaling.scale_up(other, workflow, scaling.room(other, workflow), NOBODY)

    return begun


def _added(draft: Draft, command: str, workflow: Workflow, do: Callable[[Draft], object]) -> Trial:
    other = draft.fork()
    do(other)
    new = [one for id_, one in other.instances.items() if one != draft.instances.get(id_)]
    names = ", ".join(dict.fromkeys(name for one in new for name in one.specialties))
    until = other.controls.emergency_of(workflow) if draft.controls != other.controls else None
    lasts = f", for {scaling.EMERGENCY // timedelta(hours=1)} h" if until is not None else ""
    count = f"one more {workflow} worker" if len(new) == 1 else f"{len(new)} more {workflow} workers"
    what = f"{count}{f' for {names}' if names else ''}{lasts}"
    return Trial(command, what, do)


def _replaced(draft: Draft, workflow: Workflow) -> Iterator[Trial]:
    """Each worker that is slow of late, with another in its place that is as fast as its peers."""
    slow = {name: specialty for specialty, names in slow_workers(draft, workflow).items() for name in names}
    for name in sorted(slow):
        if name in draft.instances:
            yield Trial(
                "", f"another worker in place of `{name}`, which is slow at {slow[name]}", _swap(name)
            )


def _swap(name: str) -> Callable[[Draft], object]:
    def swapped(other: Draft) -> None:
        worker = other.instances.pop(name)
        other.instances[f"{name}-new"] = worker.model_copy(update={"id": f"{name}-new"})
        for project_id in [worker.assignment.project] if worker.assignment else []:
            tasks = {
                task.id: task.model_copy(update={"worker": f"{name}-new"})
                for task in other.projects[project_id].tasks
                if task.worker == name and task.status.held
            }
            other.put_tasks(project_id, tasks)

    return swapped
