"""What a person could change, tried out: the same plays with and without it, with the same luck in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from statistics import median_low

from bot.domain.budgets import Which, project_used_up, used_up
from bot.domain.controls import Emergency
from bot.domain.draft import Draft
from bot.domain.flow import Change
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies import budgets, reviewing, scaling
from bot.policies.compiling import open_projects
from bot.policies.controls import end_triage, unpause
from bot.policies.forecasting import STEPS, Plays, play_all
from bot.policies.slowness import slow_workers

WORTH = timedelta(minutes=1)
"""A change that helps less is not worth naming."""
NAMED = 3
"""Changes that are named."""
TRIED = 7
"""Changes that are tried out."""
LEAST, MOST = 50, 200
"""How often the work is played with each of them."""
TASKS = STEPS // (LEAST * (TRIED + 1))
"""Tasks of one play, at most."""
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """Something that a person could do."""

    command: str
    what: str
    do: Callable[[Draft], object]
    """Do it, to a draft that is thrown away."""


def best_changes(draft: Draft) -> tuple[list[Change], int]:
    """The changes that help most, and how often the work was played for each."""
    trials = list(islice(_trials(draft), TRIED))
    now = play_all(draft, _runs, TASKS)
    found = [_tried(draft, now, trial) for trial in trials]
    worth = [one for one in found if one.sooner >= WORTH or one.unblocks]
    worth.sort(key=lambda one: (-one.unblocks, -one.sooner, one.command))
    return worth[:NAMED], len(now.ends)


def _runs(tasks: int) -> int:
    return max(LEAST, min(MOST, STEPS // ((TRIED + 1) * max(1, tasks))))


def _tried(draft: Draft, now: Plays, trial: Trial) -> Change:
    other = draft.fork()
    trial.do(other)
    then = play_all(other, lambda tasks: len(now.ends), TASKS)
    before, after = _ended(now), _ended(then)
    both = before & after
    sooner = [
        last - soon
        for last, soon in zip(_last(now, both), _last(then, both), strict=True)
        if last is not None and soon is not None
    ]
    saved = timedelta(seconds=median_low(sooner) if sooner else 0)
    return Change(trial.command, trial.what, saved, len(after - before))


def _ended(plays: Plays) -> frozenset[str]:
    """Projects that have an end in half of the plays at least."""
    half = len(plays.ends) / 2
    return frozenset(idea.project.id for idea in plays.world.ideas if len(plays.of(idea.number)) >= half)


def _last(plays: Plays, names: frozenset[str]) -> list[int | None]:
    """For each play, when the last of some projects was done; None where one of them has no end."""
    numbers = [idea.number for idea in plays.world.ideas if idea.project.id in names]
    found: list[int | None] = []
    for ends in plays.ends:
        known = [end for number in numbers if (end := ends[number]) is not None]
        found.append(max(known) if known and len(known) == len(numbers) else None)
    return found


def _trials(draft: Draft) -> Iterator[Trial]:
    """What stands in the way first, then one more worker of each workflow, then who is slow."""
    for pause in draft.controls.paused:
        workflow = pause.workflow
        yield Trial(f"/unpause {workflow}", f"{workflow} goes on", _unpause(workflow))
    if draft.controls.triage is not None:
        yield Trial("/priority-triage off", "held projects go on", end_triage)
    yield from _review(draft)
    yield from _budgets(draft)
    for workflow in Workflow:
        yield from _more(draft, workflow)
    for workflow in Workflow:
        yield from _replaced(draft, workflow)


def _unpause(workflow: Workflow) -> Callable[[Draft], object]:
    return lambda other: unpause(other, workflow, NOBODY)


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
    bound, now = scaling.limits(draft, workflow), scaling.size(draft, workflow)
    if now >= bound.emergency:
        return
    emergency = Emergency(
        workflow=workflow, since=draft.now, until=draft.now + timedelta(days=365), by=NOBODY
    )

    def one_more(other: Draft) -> None:
        scaling.extend_emergency(other, emergency)
        scaling.scale_up(other, workflow, 1, NOBODY)

    other = draft.fork()
    one_more(other)
    new = [one for id_, one in other.instances.items() if one != draft.instances.get(id_)]
    names = ", ".join(new[0].specialties) if new else ""
    command = f"/scale-up {workflow}" if now < bound.maximum else f"/emergency-scale-up {workflow}"
    yield Trial(command, f"one more {workflow} worker{f', for {names}' if names else ''}", one_more)


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
