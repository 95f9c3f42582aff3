"""The whole system in one reply."""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from bot.domain.draft import Draft
from bot.domain.models import Completion, Project, QueueName, Workflow
from bot.render.controls import controls_line
from bot.render.text import code, escape, fitted, plural, span, table
from bot.render.workers import counted

DAY = timedelta(days=1)


def line(draft: Draft) -> str:
    """One line: what acting replies end with."""
    depths = ", ".join(f"{name} {len(draft.queue(name))}" for name in QueueName)
    parts = [f"Queues: {depths}", counted(draft.instances.values()), controls_line(draft)]
    return " · ".join(part for part in parts if part)


def health(draft: Draft) -> str:
    """One sentence: is all well?"""
    open_alerts = [alert for alert in draft.alerts if alert.until is None]
    review = len(draft.queue(QueueName.REVIEW))
    if open_alerts:
        return f"🔴 {plural(len(open_alerts), 'open alert')}: {escape(open_alerts[0].cause)}"
    if review:
        return f"🟠 {plural(review, 'task')} in review: a person must look (`/queues`)"
    return "🟢 All well"


def status(draft: Draft) -> str:
    """The reply to ``/status``."""
    parts = [health(draft), _pools(draft), _day(draft)]
    projects = sorted(draft.projects.values(), key=lambda project: (project.created_at, project.id))
    if not projects:
        parts.append("No project yet. Start one with `/dispatch-genesis <idea>`.")
    else:
        parts.append(_projects(projects))
    return "\n\n".join(part for part in parts if part)


def _pools(draft: Draft) -> str:
    rows = []
    for workflow in Workflow:
        waiting = draft.ordered(QueueName(workflow.value))
        workers = [worker for worker in draft.instances.values() if worker.workflow is workflow]
        oldest = span(draft.now - min(item.enqueued_at for item in waiting)) if waiting else "–"
        took = _processing(draft, workflow)
        rows.append([workflow.value, str(len(waiting)), oldest, took, counted(workers)])
    review = str(len(draft.queue(QueueName.REVIEW)))
    rows.append(["review", review, "–", "–", "a person"])
    return table(["queue", "waiting", "oldest wait", "median processing", "workers"], rows)


def _processing(draft: Draft, workflow: Workflow) -> str:
    seconds = [
        (done.finished_at - done.assigned_at).total_seconds()
        for done in _recent(draft)
        if done.workflow is workflow and done.ok
    ]
    return span(timedelta(seconds=median(seconds))) if seconds else "no data yet"


def _recent(draft: Draft) -> list[Completion]:
    return [done for done in draft.completions if draft.now - done.finished_at <= DAY]


def _day(draft: Draft) -> str:
    recent = _recent(draft)
    if not recent:
        return "Last 24 h: nothing finished yet."
    failed = sum(not done.ok for done in recent)
    done = plural(len(recent) - failed, "attempt")
    return f"Last 24 h: {done} succeeded, {failed} failed ({failed / len(recent):.0%})."


def _projects(projects: list[Project]) -> str:
    rows = [_project(project) for project in reversed(projects)]
    lines = table(["project", "issue", "title", "stage", "status", "priority"], rows).split("\n")
    return fitted("\n".join(lines[:2]), lines[2:], most=50_000)


def _project(project: Project) -> list[str]:
    title = escape(project.title, 60)
    return [code(project.id), _issue(project), title, project.stage, project.status, project.priority]


def _issue(project: Project) -> str:
    return f"#{project.issue}" if project.issue else "being filed"
