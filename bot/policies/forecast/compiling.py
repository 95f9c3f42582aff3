"""From the state to a world that can be played: by the functions that deciding itself calls.

Plans come from ``planning``, what a switch holds from ``holding``, what a task asks for from ``candidates``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.domain.budgets import day_limit, project_limit, task_limit
from bot.domain.chance import key_of
from bot.domain.draft import Draft
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Project, Task
from bot.domain.order import RANK
from bot.domain.outputs import Size
from bot.domain.records import Completion
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus, WorkerStatus, Workflow
from bot.domain.watch import Mode
from bot.policies.assigning.candidates import Distances, wanted
from bot.policies.assigning.reserving import UP
from bot.policies.fleet.autoscaling import has_slowed
from bot.policies.fleet.utilisation import Turn, ended_spans, not_idle_until, turns_of
from bot.policies.forecast.agenda import NEVER
from bot.policies.forecast.world import FLOW, REVIEW, Idea, Job, Opening, Plan, World
from bot.policies.guards.failing import failed_last
from bot.policies.projects.typical import Typical, content_of
from bot.policies.working.estimating import Estimates

LOOKS = {Mode.LOOP: 30, Mode.CRON: 300, Mode.EVENTS: 3_600}
"""Seconds from one look of the monitor to the next, as it is run (docs/monitor.md)."""
_OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)


def seconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp())


def moment(at: int) -> datetime:
    """Seconds since 1970 as the state has it."""
    return datetime.fromtimestamp(at, UTC)


def open_projects(draft: Draft) -> list[Project]:
    """Those whose work goes on, the most urgent and oldest first. What is stopped takes no worker's time."""
    going = [one for one in draft.projects.values() if one.stop is None and one.status not in _OVER]
    return sorted(going, key=lambda one: (RANK[one.priority], one.created_at, one.id))


def compiled(draft: Draft, projects: Sequence[Project]) -> World:
    """The work of some projects, and the fleet; of the others what workers have at present is played out."""
    held = {one.assignment.task: one.assignment for one in draft.instances.values() if one.assignment}
    completions = draft.completions
    typical = Typical(draft)
    chosen = {project.id for project in projects}
    others = [
        one
        for one in open_projects(draft)
        if one.id not in chosen and any(task.status.held for task in one.tasks)
    ]
    ideas = (
        *(_idea(draft, typical, number, project) for number, project in enumerate(projects)),
        *(_rest(draft, number, project) for number, project in enumerate(others, len(projects))),
    )
    world = World(
        now=seconds(draft.now),
        draft=draft,
        config=draft.config,
        ideas=ideas,
        openings=tuple(one for idea in ideas for one in _openings(draft, idea, held)),
        paused=frozenset(FLOW[one.workflow] for one in draft.controls.paused),
        day_limit=day_limit(draft),
        failing=tuple(tuple(failed_last(draft, completions, workflow)) for workflow in Workflow),
        paces=tuple(
            (FLOW[one.workflow], one.specialty, seconds(one.finished_at), one.worker, _took(one))
            for one in completions
            if one.ok
        ),
        distances=Distances(draft.config.regions),
        look=LOOKS.get(draft.watch.mode or Mode.CRON, LOOKS[Mode.CRON]),
        estimates=Estimates(draft),
        turns=tuple(tuple(_turns(draft, workflow)) for workflow in Workflow),
        begun=tuple(
            tuple(not_idle_until(draft, workflow, seconds(draft.now - draft.config.scaling.window)))
            for workflow in Workflow
        ),
        slow=tuple(has_slowed(draft, workflow) for workflow in Workflow),
        moved=tuple(_moved(draft, workflow) for workflow in Workflow),
    )
    world.hands = tuple(world.hand(one) for one in _hands(draft))
    return world


def _turns(draft: Draft, workflow: Workflow) -> list[Turn]:
    since, now = seconds(draft.now - draft.config.scaling.window), seconds(draft.now)
    held = [one.assignment for one in draft.instances.values() if one.workflow is workflow and one.assignment]
    begun = [(seconds(one.assigned_at), NEVER) for one in held]
    found = turns_of([*ended_spans(draft, workflow, since), *begun])
    return [turn for turn in found if turn[0] <= now]


def _moved(draft: Draft, workflow: Workflow) -> tuple[int, int]:
    """When it went up last, and down."""
    up, down = (draft.scaling.latest(workflow, up=one) for one in (True, False))
    return seconds(up.at) if up else -NEVER, seconds(down.at) if down else -NEVER


def _took(one: Completion) -> int:
    return seconds(one.finished_at) - seconds(one.assigned_at)


def _hands(draft: Draft) -> Iterator[Instance]:
    for one in sorted(draft.instances.values(), key=lambda one: one.id):
        stopped = one.status is WorkerStatus.STOPPED and one.kind == "actions"
        if one.status in UP or one.assignment or stopped:
            yield one


def _idea(draft: Draft, typical: Typical, number: int, project: Project) -> Idea:
    early = project.stage in (Stage.GENESIS, Stage.DEVELOPMENT)
    return Idea(
        number=number,
        project=project,
        rank=RANK[project.priority],
        stage=project.stage,
        plans=typical.plans_of(project) if project.stage is Stage.GENESIS and project.gate is None else (),
        content=content_of(project) if early and project.gate is None else None,
        limit=project_limit(draft, project),
        unmerged=_unmerged(project) if project.stage is Stage.CONTENT else 0,
    )


def _rest(draft: Draft, number: int, project: Project) -> Idea:
    """A project that comes too late to be played, but for its running tasks."""
    return Idea(
        number=number,
        project=project,
        rank=RANK[project.priority],
        stage=project.stage,
        plans=(),
        content=None,
        limit=project_limit(draft, project),
        unmerged=1,
        whole=False,
    )


def _unmerged(project: Project) -> int:
    """Open pull requests of a project whose own tasks are over."""
    busy = {task.key for task in project.tasks if not task.over}
    dropped = {task.key for task in project.tasks if task.discarded}
    return sum(pull.open and pull.key not in busy and pull.key not in dropped for pull in project.pulls)


def _openings(draft: Draft, idea: Idea, held: dict[str, Assignment]) -> Iterator[Opening]:
    project = idea.project
    judged = {task.item for task in project.tasks if task.specialty == REVIEW and not task.over}
    listed = [
        task
        for task in project.tasks
        if not task.over or (task.specialty == "feature" and task.item in judged and not task.discarded)
    ]
    if not idea.whole:
        listed = [task for task in project.tasks if task.id in held]
    elif project.gate is not None:
        listed = [task for task in listed if task.workflow.value != project.gate.stage.value]
    for task, job in zip(
        listed, listing(idea, Plan(tuple(listed), len(project.id), assumed=False)), strict=True
    ):
        yield _opening(project, task, job, held.get(task.id), task_limit(draft, project, task))


def _opening(project: Project, task: Task, job: Job, held: Assignment | None, dear: float | None) -> Opening:
    kept = task.reserved
    waits = task.status in (TaskStatus.WAITING, TaskStatus.REVIEW, TaskStatus.STOPPED)
    return Opening(
        job=job,
        attempt=task.attempt,
        queued_at=None if waits else seconds(task.queued_at or task.created_at),
        not_before=seconds(task.not_before) if task.not_before else 0,
        front=task.front,
        failed_on=frozenset(task.failed_on),
        reserved=kept.worker if kept else "",
        by_rule=bool(kept and kept.why),
        spend=task.spend,
        dear=dear,
        hand=(task.worker or "") if held else "",
        lease=held.lease if held else 0,
        began=seconds(held.assigned_at) if held else 0,
        done=task.over,
        unmerged=_holding(project, task),
        stuck=task.status in (TaskStatus.REVIEW, TaskStatus.STOPPED),
    )


def _holding(project: Project, task: Task) -> int:
    """Open pull requests that a task waits for although their tasks are over."""
    busy = {one.key for one in project.tasks if not one.over}
    return sum(pull.key not in busy for pull in project.holding(task))


def jobs_of(idea: Idea, number: int) -> tuple[Job, ...]:
    """The jobs of one of a project's plans; -1: of its Content."""
    if number not in idea.jobs:
        plan = idea.plans[number] if number >= 0 else idea.content
        idea.jobs[number] = listing(idea, plan) if plan else ()
    return idea.jobs[number]


def listing(idea: Idea, plan: Plan) -> tuple[Job, ...]:
    """A plan's tasks as jobs of a project, in their order."""
    places = {task.id: place for place, task in enumerate(plan.tasks)}
    authors = {task.item: place for place, task in enumerate(plan.tasks) if task.specialty == "feature"}
    return tuple(_job(idea, task, plan, places, authors) for task in plan.tasks)


def _job(idea: Idea, task: Task, plan: Plan, places: dict[str, int], authors: dict[str, int]) -> Job:
    id_ = idea.project.id + task.id[plan.prefix :]
    return Job(
        id=id_,
        project=idea.number,
        flow=FLOW[task.workflow],
        specialty=task.specialty,
        want=wanted(idea.project, task),
        large=task.size is Size.LARGE,
        key=key_of(id_),
        needs=tuple(places[one] for one in task.depends_on if one in places),
        author=authors.get(task.item, -1) if task.specialty == REVIEW else -1,
        assumed=plan.assumed,
    )
