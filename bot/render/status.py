"""The whole system in one reply: is it well, what is it doing, what should be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.figures import Hearing, Lately, Limit, Load, Overview
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Project
from bot.domain.records import Alert
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus, WorkerStatus, Workflow
from bot.render import budgets
from bot.render.alerts import SIGNS, taken, worst_first
from bot.render.approving import standing
from bot.render.autoscaling import scaling_line
from bot.render.concerns import health
from bot.render.controls import in_force
from bot.render.starts import about
from bot.render.text import code, escape, fitted, percent, plural, span, table
from bot.render.workers import Use, counted

DAY = timedelta(days=1)
LATEST = 5
"""Finished projects that are named; the others are counted."""
OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)


def status(draft: Draft, found: Overview, here: Project | None = None) -> str:
    """The reply to ``/status``; ``here`` is the project whose issue it stands on."""
    parts = [
        health(draft, found),
        f"This issue's own project: `/status {here.id}`" if here else "",
        "\n".join(f"- {one}" for one in (*in_force(draft), *budgets.in_force(draft))),
        _queues(draft, found),
        bottleneck(draft, found.bottleneck),
        scaling_line(draft, found.sizings),
        _running(draft, found.ends),
        _lately(draft, found.lately),
        _commands(found.hearing),
        _alerts(draft),
        _projects(draft),
    ]
    return "\n\n".join(part for part in parts if part)


# the queues


def _queues(draft: Draft, found: Overview) -> str:
    use = Use(draft)
    rows = [_queue(draft, workflow, found.times[workflow], use) for workflow in Workflow]
    review = str(draft.depth(QueueName.REVIEW))
    rows.append(["review", review, _oldest(draft, QueueName.REVIEW), "–", "people", "–"])
    back = "24 h" if use.window == DAY else span(use.window)
    return table(
        ["queue", "waiting", "oldest wait", "median time", "workers", f"utilisation, last {back}"], rows
    )


def _queue(draft: Draft, workflow: Workflow, takes: tuple[timedelta, int], use: Use) -> list[str]:
    name = QueueName(workflow.value)
    workers = [one for one in draft.instances.values() if one.workflow is workflow]
    time, attempts = takes
    rests = plural(attempts, "attempt") if attempts else "assumed: too few done"
    there = [one for one in workers if one.status is not WorkerStatus.STOPPED]
    return [
        workflow.value,
        str(draft.depth(name)),
        _oldest(draft, name),
        f"{span(time)} ({rests})",
        counted(workers),
        use.of(*there),
    ]


def _oldest(draft: Draft, name: QueueName) -> str:
    queued = [item.enqueued_at for item in draft.items(name)]
    return span(draft.now - min(queued)) if queued else "–"


def bottleneck(draft: Draft, load: Load | None) -> str:
    """The queue that limits the flow, in one sentence; nothing to say while everything is stopped."""
    if draft.controls.halted is not None:
        return ""
    if load is None:
        return "**Bottleneck:** none, because no task waits for a worker."
    name, wait = load.workflow, "waits" if load.held == 1 else "wait"
    tasks = plural(load.held, "task")
    match load.limit:
        case Limit.NO_WORKER:
            return f"**Bottleneck:** {name}, because {tasks} {wait} and no worker is up."
        case Limit.PAUSED:
            return f"**Bottleneck:** {name}, because it is paused while {tasks} {wait}."
        case Limit.TRIAGE:
            return f"**Bottleneck:** {name}, because triage holds all of its waiting tasks back ({tasks})."
        case Limit.BUDGET:
            return f"**Bottleneck:** {name}, because a budget holds all of its waiting tasks back ({tasks})."
        case _:
            return f"**Bottleneck:** {name}: {_busy(draft, load, tasks, wait)}."


def _busy(draft: Draft, load: Load, tasks: str, wait: str) -> str:
    """How long the present workers need, and whether more may be added."""
    last = load.last_start
    start = about(last - draft.now) if last and last > draft.now else "as soon as one is free"
    which = "it starts" if load.held == 1 else "the last of them starts"
    more = ""
    if load.up < draft.config.pools.of(load.workflow).maximum:
        more = f" (`/scale-up {load.workflow}` adds a worker)"
    return f"{tasks} {wait} for {plural(load.up, 'worker')}; {which} {start}{more}"


# what runs, and what has ended


def _running(draft: Draft, ends: Mapping[str, datetime]) -> str:
    """Every task that a worker has, the longest first."""
    found = [(one.assignment, one) for one in draft.instances.values() if one.assignment is not None]
    if not found:
        return "**Running:** nothing."
    found.sort(key=lambda pair: (pair[0].assigned_at, pair[0].task))
    rows = [_run(draft.now, held, worker, ends.get(held.task)) for held, worker in found]
    lines = table(["task", "worker", "running for", "expected end"], rows).split("\n")
    head = f"**Running:** {plural(len(found), 'task')}\n\n" + "\n".join(lines[:2])
    return fitted(head, lines[2:], most=12_000)


def _run(now: datetime, held: Assignment, worker: Instance, end: datetime | None) -> list[str]:
    last = ", its last" if worker.status is WorkerStatus.DRAINING else ""
    since = f"{span(now - held.assigned_at)}{'' if held.claimed_at else ', not started yet'}"
    return [code(held.task), code(worker.id) + last, since, expected_end(now, end)]


def expected_end(now: datetime, end: datetime | None) -> str:
    """When a running task should be done: ``in about 6 min``, ``15 min ago``."""
    if end is None:
        return "–"
    if now - end >= timedelta(minutes=1):
        return f"{span(now - end)} ago"
    return about(end - now) if end > now else "now"


def _lately(draft: Draft, found: Lately) -> str:
    """The last 24 hours in a line; less where the record of attempts is full and reaches less far."""
    window = draft.now - found.since
    kept = f", as far as the latest {len(draft.completions)} attempts reach back"
    when = "Last 24 h" if window == DAY else f"Last {span(window)}{kept}"
    projects = f"{plural(found.projects, 'project') if found.projects else 'no project'} complete"
    if not found.attempts:
        return f"**{when}:** {projects}, no task ended."
    errors, rework = found.errors / found.attempts, found.rework / found.attempts
    return (
        f"**{when}:** {projects}, {plural(found.done, 'task')} done; error rate {percent(errors)}, "
        f"rework rate {percent(rework)} (of {plural(found.attempts, 'attempt')})."
    )


def _commands(found: Hearing) -> str:
    """Whether commands are answered, as far as the bot has seen."""
    counted = f"**Commands, last 24 h:** {found.unanswered} of {found.commands} unanswered"
    if found.oldest is None:
        return f"{counted}."
    which = "it waits" if found.unanswered == 1 else "the oldest waits"
    waits = f"{which} for {span(found.oldest)}"
    return f"{counted} as far as is known: {waits}. The next tick looks for answers."


def _alerts(draft: Draft) -> str:
    found = worst_first(draft.alerts)
    if not found:
        return ""
    rows = [_alert(draft, alert) for alert in found]
    lines = table(["severity", "alert", "open for", "cause", "taken on by"], rows).split("\n")
    head = f"**{plural(len(found), 'open alert')}** (`/ack <alert-id>` takes one on)\n\n"
    return fitted(head + "\n".join(lines[:2]), lines[2:], most=8_000)


def _alert(draft: Draft, alert: Alert) -> list[str]:
    since = span(draft.now - alert.since)
    named = code(alert.id) + (f" #{alert.issue}" if alert.issue else "")
    return [SIGNS[alert.severity], named, since, escape(alert.cause, 200), taken(draft, alert)]


# the projects


def _projects(draft: Draft) -> str:
    """The open ones, the newest first; of the finished ones the number, and the latest."""
    if not draft.projects and not draft.archived.count:
        return "No project yet. Start one with `/dispatch-genesis <idea>`."
    active = [one for one in draft.projects.values() if one.status not in OVER]
    finished = _finished(draft, [one for one in draft.projects.values() if one.status in OVER])
    if not active:
        return f"No project is open.\n\n{finished}"
    active.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    rows = [_project(one) for one in active]
    head = ["project", "issue", "title", "stage", "status", "priority", "tasks done"]
    lines = table(head, rows).split("\n")
    title = f"**{plural(len(active), 'open project')}** (`/status <project-id>` tells about one)\n\n"
    return fitted(title + "\n".join(lines[:2]), lines[2:], f"\n{finished}" if finished else "", most=30_000)


def _project(project: Project) -> list[str]:
    title = escape(project.title, 60)
    issue = f"#{project.issue}" if project.issue else "being filed"
    done = sum(task.status is TaskStatus.DONE for task in project.tasks)
    tasks = f"{done} of {sum(not task.discarded for task in project.tasks)}"
    return [code(project.id), issue, title, project.stage, standing(project), project.priority, tasks]


def _finished(draft: Draft, projects: Sequence[Project]) -> str:
    """How many are over, and which were completed last."""
    complete = [one for one in projects if one.status is ProjectStatus.COMPLETE]
    dropped = len(projects) - len(complete)
    dropped += draft.archived.dropped
    every = len(complete) + draft.archived.complete
    counts = [plural(every, "project") + " complete"] if every else []
    counts += [f"{dropped} dropped"] if dropped else []
    if not counts:
        return ""
    latest = ", ".join(_ago(draft, one) for one in _newest(complete))
    archived = f" {draft.archived.count} of them are in the archive." if draft.archived.count else ""
    return f"**Finished:** {', '.join(counts)}." + (f" The latest: {latest}." if latest else "") + archived


def _newest(complete: Iterable[Project]) -> list[Project]:
    return sorted(complete, key=lambda one: (_ended(one), one.id), reverse=True)[:LATEST]


def _ended(project: Project) -> datetime:
    return project.completed_at or project.updated_at


def _ago(draft: Draft, project: Project) -> str:
    return f"{code(project.id)} ({span(draft.now - _ended(project))} ago)"
