"""Why a task waits, or went where it went; what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.budgets import dear_tasks
from bot.domain.draft import Draft
from bot.domain.gates import approver
from bot.domain.instances import Instance
from bot.domain.models import Project, Task
from bot.domain.outlook import Hold, Outlook
from bot.domain.outputs import Priority
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus, WorkerStatus
from bot.render import budgets
from bot.render.approving import gated, idea_of, standing, upper, waiting
from bot.render.choices import candidates, chosen, remarks
from bot.render.consumption import consumed
from bot.render.notices import error_context
from bot.render.pulls import awaited
from bot.render.starts import doing, expected, hold
from bot.render.text import clock, code, escape, fitted, plural, span, table
from bot.render.touching import keeps_off
from bot.render.workers import counted

NAMED = 3
"""Dependencies that one line names."""


def why_task(draft: Draft, project: Project, task: Task, outlook: Outlook) -> str:
    """The reply to ``/why`` for one task."""
    title = f" ({escape(task.title, 80)})" if task.title else ""
    parts = [f"**{code(task.id)}**{title}: {reason(draft, project, task, outlook)}."]
    parts += _details(draft, project, task, outlook)
    todo = advice(draft, project, task, outlook)
    if todo:
        parts.append("What would change it:\n\n" + "\n".join(f"- {one}" for one in todo))
    return "\n\n".join(parts)


def why_project(draft: Draft, project: Project, tasks: Sequence[tuple[Task, Outlook]]) -> str:
    """The reply to ``/why`` for a project: each open task with its reason."""
    named = f"**{escape(project.title)}** (`{project.id}`)"
    if project.stage is Stage.COMPLETE and not tasks:
        when = f" since {clock(project.completed_at)}" if project.completed_at else ""
        return f"{named} is **complete**{when}; nothing of it is open."
    status = "in review" if project.status is ProjectStatus.REVIEW else standing(project)
    head = (
        f"{named} is in the stage **{project.stage}**, **{status}**, "
        f"with the priority **{project.priority}**. {_waits(draft, project, tasks)}"
    )
    if not tasks:
        return head
    rows = [[code(task.id), f"{reason(draft, project, task, outlook)}"] for task, outlook in tasks]
    lines = table(["open task", "why"], rows).split("\n")
    foot = f"\n`/why {tasks[0][0].id}` tells more about one task."
    return fitted(f"{head}\n\n" + "\n".join(lines[:2]), lines[2:], foot, most=56_000)


def _waits(draft: Draft, project: Project, tasks: Sequence[tuple[Task, Outlook]]) -> str:
    """What the project as a whole waits for."""
    if project.stop is not None:
        return f"{_stopped(draft, project)} `/resume {project.id}` lets it go on."
    if project.gate is not None:
        return f"{upper(waiting(draft, project))}."
    closing = ""
    if project.closing is not None:
        closing = f" Its issue was closed: it stops in {span(project.closing.due - draft.now)}."
    states = [task.status for task, _ in tasks]
    held = sum(state.held for state in states)
    counts = [
        (held, "with a worker"),
        (states.count(TaskStatus.QUEUED), "queued"),
        (states.count(TaskStatus.WAITING), "waiting for other tasks"),
        (states.count(TaskStatus.REVIEW), "in review"),
    ]
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"Its open tasks: {said or 'none'}.{closing}"


def _stopped(draft: Draft, project: Project) -> str:
    if project.stop is None:
        return "It is stopped."
    return f"It was stopped by {code(project.stop.by)} {span(draft.now - project.stop.at)} ago."


def reason(draft: Draft, project: Project, task: Task, outlook: Outlook) -> str:
    """One line: where a task stands, and why."""
    if task.discarded:
        return "dropped by a person; nothing waits for it"
    match task.status:
        case TaskStatus.DONE:
            when = f", {span(draft.now - task.finished_at)} ago" if task.finished_at else ""
            return f"done{f' by {code(task.worker)}' if task.worker else ''}{when}"
        case TaskStatus.REVIEW:
            cause = escape(task.error.summary, 200).rstrip(".") if task.error else "held for a person"
            return f"in review after {plural(task.attempt, 'attempt')}{f': {cause}' if cause else ''}"
        case TaskStatus.WAITING | TaskStatus.STOPPED if project.stop is not None:
            return f"not running, because its project is stopped (by {code(project.stop.by)})"
        case TaskStatus.WAITING if gated(project, task):
            return f"waits for approval: {idea_of(project)}"
        case TaskStatus.WAITING if outlook.needs:
            more = f" and {len(outlook.needs) - NAMED} more" if len(outlook.needs) > NAMED else ""
            apart = f", as it {also}" if (also := keeps_off(draft, project, task)) else ""
            return f"waits for {', '.join(map(_state, outlook.needs[:NAMED]))}{more}{apart}"
        case TaskStatus.WAITING if held := project.holding(task):
            return f"waits for {awaited(draft.config, project, held)}"
        case TaskStatus.WAITING | TaskStatus.STOPPED:
            return f"not queued, because its project is {project.status}"
        case TaskStatus.QUEUED:
            return _queued(draft, project, task, outlook)
        case _:
            since = f" for {span(draft.now - task.assigned_at)}" if task.assigned_at else ""
            why = f": chosen{chosen(task.choice).removeprefix(',')}" if task.choice else ""
            return f"{_WITH[task.status]} {code(task.worker or '?')}{since}{why}"


_WITH = {
    TaskStatus.ASSIGNED: "assigned to",
    TaskStatus.RUNNING: "running with",
    TaskStatus.PUBLISHING: "being published by",
}


def _queued(draft: Draft, project: Project, task: Task, outlook: Outlook) -> str:
    start = outlook.start
    place = f"queued, place {outlook.place}"
    if start is not None and start.hold is not None:
        return f"{place}: {hold(draft, start.hold, task.workflow, task.not_before, project)}"
    if task.reserved is not None:
        worker = draft.instances.get(task.reserved.worker)
        about = f", which is {doing(worker)}" if worker else ""
        why = f"reserved for {code(task.reserved.worker)}{about}"
    else:
        why = f"no {task.workflow} worker is free ({counted(_pool(draft, task))})"
    return f"{place}: {why}; expected start: {_soon(draft, outlook)}"


def _soon(draft: Draft, outlook: Outlook) -> str:
    """The expected start, without the reservation, which was named already."""
    return expected(outlook.start and replace(outlook.start, reserved=""), draft.now)


def _pool(draft: Draft, task: Task) -> list[Instance]:
    return [one for one in draft.instances.values() if one.workflow is task.workflow]


def _state(task: Task) -> str:
    where = f", with {code(task.worker)}" if task.worker and task.status.held else ""
    state = "in review" if task.status is TaskStatus.REVIEW else task.status.value
    return f"{code(task.id)} ({state}{where})"


def _details(draft: Draft, project: Project, task: Task, outlook: Outlook) -> list[str]:
    """Paragraphs that one line has no room for."""
    parts = []
    if task.status is TaskStatus.QUEUED and outlook.ahead:
        first = outlook.place - len(outlook.ahead)
        more = f"{plural(first - 1, 'task')}, then " if first > 1 else ""
        parts.append(f"Ahead of it: {more}{', '.join(map(code, outlook.ahead))}.")
    if task.used is not None:
        parts.append(f"Used by its attempts: {consumed(task.spend, task.used)}.")
    if task.status is TaskStatus.QUEUED and task.error is not None:
        worker = code(task.error.worker)
        parts.append(f"Its latest attempt, on {worker}, failed: {escape(task.error.summary, 300)}")
    if task.status is TaskStatus.REVIEW and task.error is not None:
        tried = ", ".join(code(worker) for worker in task.failed_on)
        parts += [f"It failed on {tried}.", *error_context(task.error)]
    if task.choice is not None and (task.status.held or task.status is TaskStatus.DONE):
        if task.status is TaskStatus.DONE:
            parts.append(f"It went to {code(task.choice.candidates[0].worker)}{chosen(task.choice)}.")
        parts += remarks(task)
        if shown := candidates(task, task.choice):
            parts.append(shown)
    return parts


def advice(draft: Draft, project: Project, task: Task, outlook: Outlook) -> list[str]:
    """What to type, and what that does."""
    if task.discarded or task.status is TaskStatus.DONE:
        return []
    if project.stop is not None:
        return [f"`/resume {project.id}` lets the project go on"]
    match task.status:
        case TaskStatus.REVIEW:
            dear = task in dear_tasks(draft, project)
            return [
                *(
                    [f"`/approve {project.id}` lets it cost as much again, and tries it again"]
                    if dear
                    else []
                ),
                f"`/retry {task.id}` gives it another attempt",
                f"`/discard {project.id}` drops the whole project, which cannot do without it"
                if task.essential
                else f"`/discard {task.id}` drops it; what depends on it goes on without",
            ]
        case TaskStatus.WAITING if gated(project, task):
            return [f"`/approve {project.id}` by somebody with the role {approver(draft.config.commands)}"]
        case TaskStatus.WAITING:
            return [_dependency(project, needed) for needed in outlook.needs[:NAMED]]
        case TaskStatus.QUEUED:
            return _sooner(draft, project, task, outlook)
        case TaskStatus.ASSIGNED:
            return [f"`/rebalance {task.workflow}` moves it, if another worker would suit it better"]
        case _:
            return [
                f"`/restart {task.worker}`, if it is stuck, takes the task back without counting the attempt"
            ]


def _dependency(project: Project, needed: Task) -> str:
    if needed.status is TaskStatus.REVIEW:
        drop = project.id if needed.essential else needed.id
        return f"`/retry {needed.id}` or `/discard {drop}`: {code(needed.id)} is in review"
    if needed.status is TaskStatus.QUEUED and project.priority is not Priority.URGENT:
        return f"`/priority {project.id} urgent` brings {code(needed.id)} forward, which it waits for"
    return f"`/why {needed.id}` says what that one waits for, or who has it"


def _sooner(draft: Draft, project: Project, task: Task, outlook: Outlook) -> list[str]:
    """What brings a queued task forward."""
    held = outlook.start.hold if outlook.start else None
    if held is Hold.PAUSED:
        return [f"`/unpause {task.workflow}` lets {task.workflow} tasks start again"]
    if held is Hold.TRIAGE and draft.controls.triage is not None:
        level = draft.controls.triage.level
        return [
            f"`/priority {project.id} {level}` raises the project to what triage lets start",
            "`/priority-triage off` lets everything start again",
        ]
    if held is Hold.BUDGET:
        return budgets.remedies(draft, project)
    if held is Hold.BACKOFF:
        return []
    if task.reserved is not None:
        return [
            f"`/rebalance {task.workflow}` frees it, if another worker would suit it better",
            f"`/assign {task.workflow} {project.id} <worker-id>` reserves it for another worker",
        ]
    return _more_capacity(draft, project, task)


def _more_capacity(draft: Draft, project: Project, task: Task) -> list[str]:
    found = []
    if project.priority is not Priority.URGENT:
        found.append(f"`/priority {project.id} urgent` puts it ahead of all that is not urgent")
    pool, limits = _pool(draft, task), draft.config.pools.of(task.workflow)
    up = sum(one.status not in (WorkerStatus.STOPPED, WorkerStatus.OFFLINE) for one in pool)
    if up < limits.maximum:
        found.append(f"`/scale-up {task.workflow}` adds a worker ({up} of at most {limits.maximum} are up)")
    elif up < limits.ceiling:
        found.append(
            f"`/emergency-scale-up {task.workflow}` adds workers beyond the usual {limits.maximum}, "
            f"up to {limits.ceiling}"
        )
    found.append(f"`/assign {task.workflow} {project.id} <worker-id>` makes it the next task of one worker")
    return found
