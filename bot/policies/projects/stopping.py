"""Stopping a project, proving that it stands still, and letting it go on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from bot.domain.draft import Draft
from bot.domain.effects import Halted
from bot.domain.events.looked_up import RunSeen
from bot.domain.models import Project, Task
from bot.domain.stops import Landed, Stop, StoppedRun
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus
from bot.policies.working.attempts import take_back

OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)
"""Statuses of projects that have nothing left to stop."""


def stop_project(
    draft: Draft,
    project: Project,
    *,
    at: datetime,
    by: str,
    cause: str,
    why: Literal["command", "closed", "halt"] = "command",
    reason: str = "",
) -> None:
    """No new work from now on: queued tasks are held, leases are void, runs are cancelled.

    ``at`` is when it was asked for: what took effect since then is on the record. ``cause`` is the id
    of the event that it follows from.
    """
    landed = _landed_since(project, at)
    runs: list[StoppedRun] = []
    for task in project.tasks:
        if task.status.held:
            runs += _take_back(draft, task, cause)
            _hold(draft, project.id, draft.projects[project.id].task(task.id) or task, front=True)
        elif task.status is TaskStatus.QUEUED:
            del draft.queue(QueueName(task.workflow.value))[task.id]
            _hold(draft, project.id, task, front=task.front)
    stop = Stop(
        at=at,
        settled_at=draft.now,
        by=by,
        cause=cause,
        why=why,
        reason=reason,
        runs=tuple(runs),
        landed=landed,
        proven_at=None if runs else draft.now,
    )
    stopped = {"status": ProjectStatus.STOPPED, "stop": stop, "closing": None}
    draft.put(draft.projects[project.id].model_copy(update=stopped))
    draft.note("stopped", project=project.id, by=by, detail=reason)


def _take_back(draft: Draft, task: Task, cause: str) -> list[StoppedRun]:
    worker = draft.instances.get(task.worker or "")
    held = worker.assignment if worker else None
    if worker is None or held is None:
        return []
    take_back(draft, worker, cause)
    return [
        StoppedRun(
            task=task.id,
            lease=held.lease,
            worker=worker.id,
            assigned_at=held.assigned_at,
            run_id=held.run_id,
            process=worker.process,
        )
    ]


def _hold(draft: Draft, project_id: str, task: Task, *, front: bool) -> None:
    """Out of the queues, with its place kept: the time at which it was queued."""
    held = {"status": TaskStatus.STOPPED, "front": front, "reserved": None, "worker": None}
    draft.put_task(project_id, task.model_copy(update=held))


def _landed_since(project: Project, at: datetime) -> tuple[Landed, ...]:
    """What the state has recorded of this project since ``at``, oldest first."""
    found: list[Landed] = []
    for task in project.tasks:
        worker = task.worker or ""
        moments: tuple[tuple[datetime | None, str], ...] = (
            (task.assigned_at, "assigned"),
            (task.started_at, "claimed"),
            (task.finished_at, "failed" if task.status is TaskStatus.REVIEW else "done"),
        )
        found += [
            Landed.model_validate({"at": moment, "kind": kind, "task": task.id, "worker": worker})
            for moment, kind in moments
            if moment is not None and moment >= at
        ]
        if task.status is TaskStatus.PUBLISHING:
            found.append(
                Landed(at=max(at, project.updated_at), kind="publishing", task=task.id, worker=worker)
            )
    return tuple(sorted(found, key=lambda one: (one.at, one.task, one.kind)))


def resume_project(draft: Draft, project: Project, by: str) -> None:
    """What was held waits again in its old place; a pending close is called off."""
    going_on = {"status": ProjectStatus.QUEUED, "stop": None, "closing": None}
    draft.put(project.model_copy(update=going_on))
    for task in project.tasks:
        if task.status is TaskStatus.STOPPED and not task.discarded:
            put_back(draft, project.id, task)
    draft.note("resumed", project=project.id, by=by)


def put_back(draft: Draft, project_id: str, task: Task) -> None:
    """A task waits again: in its queue, or for what it depends on."""
    project = draft.projects[project_id]
    if not ready(project, task):
        draft.put_task(project_id, task.model_copy(update={"status": TaskStatus.WAITING}))
        return
    queued = task.queued(draft.now)
    draft.put_task(project_id, queued)
    draft.enqueue(QueueName(task.workflow.value), draft.projects[project_id], queued)


def ready(project: Project, task: Task) -> bool:
    """Whether everything that a task depends on is over, and merged where it has a pull request.

    A stage that waits for somebody's approval has nothing that is ready.
    """
    if project.gate is not None and project.gate.stage.value == task.workflow.value:
        return False
    return not project.holding(task) and all(
        needed is not None and needed.over for needed in (project.task(id_) for id_ in task.depends_on)
    )


# the proof


def run_ended(draft: Draft, seen: RunSeen) -> None:
    """A run of stopped work was seen ended; the last one of a project proves its halt."""
    for project in list(draft.projects.values()):
        stop = project.stop
        if stop is None or stop.proven_at is not None:
            continue
        runs = tuple(
            run.model_copy(update={"ended": seen.conclusion or seen.status})
            if f"{run.task}@{run.lease}" == seen.assignment and not run.ended
            else run
            for run in stop.runs
        )
        if runs == stop.runs:
            continue
        proven = draft.now if all(run.ended for run in runs) else None
        draft.put(
            project.model_copy(update={"stop": stop.model_copy(update={"runs": runs, "proven_at": proven})})
        )
        if proven:
            latest = max(run.lease for run in runs)  # of one stop alone, where a second may hold two
            draft.notices.append((f"halt-{project.id}-{latest}", Halted(project=project.id)))


def given_back(draft: Draft, process: str, task: str, lease: int) -> None:
    """A process on a machine of its own says that it has ended what a stop took from it."""
    for project in list(draft.projects.values()):
        for run in _processes_runs(project):
            if (run.process, run.task, run.lease) == (process, task, lease):
                _process_ended(draft, f"{task}@{lease}", "given back by its process")


def process_over(draft: Draft, process: str, how: str) -> None:
    """A process has ended, and with it everything that stops took from it."""
    for project in list(draft.projects.values()):
        for run in _processes_runs(project):
            if run.process == process:
                _process_ended(draft, f"{run.task}@{run.lease}", how)


def end_by_time(draft: Draft) -> None:
    """A process ends what is past its time limit, whether anybody hears of that or not."""
    for project in list(draft.projects.values()):
        for run in _processes_runs(project):
            task = project.task(run.task)
            minutes = draft.config.pools.of(task.workflow).time_limit_minutes if task else 0
            if draft.now - run.assigned_at >= timedelta(minutes=minutes):
                _process_ended(draft, f"{run.task}@{run.lease}", "its time limit is over")


def _processes_runs(project: Project) -> list[StoppedRun]:
    """What processes on machines of their own were at when a stop took it, until it is known to be over."""
    stop = project.stop
    if stop is None or stop.proven_at is not None:
        return []
    return [run for run in stop.runs if run.process and not run.ended]


def _process_ended(draft: Draft, assignment: str, how: str) -> None:
    run_ended(draft, RunSeen(assignment=assignment, run_id=0, status="completed", conclusion=how))


def landed_late(
    draft: Draft, task_id: str, lease: int, kind: Literal["late-report", "late-publication"]
) -> None:
    """Something arrived under a lease that a stop has voided: it changes nothing but the record."""
    project = draft.projects.get(task_id.partition(".")[0])
    stop = project.stop if project else None
    if project is None or stop is None:
        return
    run = next((run for run in stop.runs if (run.task, run.lease) == (task_id, lease)), None)
    if run is not None:
        late = Landed(at=draft.now, kind=kind, task=task_id, worker=run.worker)
        draft.put(
            project.model_copy(update={"stop": stop.model_copy(update={"landed": (*stop.landed, late)})})
        )
