"""Stops, resumes, retries and discards in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.stops import Landed, Stop, StoppedRun
from bot.domain.vocabulary import ProjectStatus, TaskStatus
from bot.render.approving import placed, upper, waiting
from bot.render.text import clock, code, escape, fitted, plural, table

_LANDED = {
    "assigned": "was assigned to {worker}",
    "claimed": "was started by {worker}",
    "done": "was finished by {worker}",
    "failed": "failed on {worker}",
    "publishing": "was being published by {worker}: its repository and issues may exist in part",
    "late-report": "was reported by {worker} under its old lease: refused, nothing was changed",
    "late-publication": "was published by {worker}: its repository and issues exist",
}
_WHY = {
    "command": "by",
    "closed": "because its issue was closed by",
    "halt": "because everything was stopped by",
}


def stopped(draft: Draft, project_id: str) -> str:
    """The reply to ``/emergency-stop`` for one project."""
    project = draft.projects[project_id]
    stop = project.stop
    if stop is None:
        return f"{code(project.id)} goes on again already."
    held = [task for task in project.tasks if task.status is TaskStatus.STOPPED and not task.discarded]
    kept = len(held) - len(stop.runs)
    points = [
        _cancelled(stop.runs),
        f"{plural(kept, 'queued task')} held back." if kept else "",
        landed(stop),
        _proof(stop),
        f"`/resume {project.id}` lets it go on from here; `/discard {project.id}` drops it.",
    ]
    head = f"**{escape(project.title)}** (`{project.id}`) is stopped: no new work from now on."
    return head + "\n\n" + "\n".join(f"- {point}" for point in points if point)


def _cancelled(runs: Sequence[StoppedRun]) -> str:
    if not runs:
        return "Nobody was working on it."
    names = ", ".join(f"{code(run.task)} on `{run.worker}`{_run(run)}" for run in runs[:10])
    more = f" and {len(runs) - 10} more" if len(runs) > 10 else ""
    theirs = "its run is" if len(runs) == 1 else "their runs are"
    return f"{plural(len(runs), 'task')} taken back, and {theirs} being cancelled: {names}{more}."


def _run(run: StoppedRun) -> str:
    if run.process:
        return " (on a machine of its own, which ends it once it sees that)"
    return f" (run {run.run_id})" if run.run_id else " (not started yet)"


def landed(stop: Stop, most: int = 40) -> str:
    """What still took effect after the stop was asked for."""
    if not stop.landed:
        return f"Nothing of it took effect after you asked ({clock(stop.at)})."
    lines = [f"  - {_when(one)}: {code(one.task)} {_words(one)}" for one in stop.landed[:most]]
    more = [f"  - … and {len(stop.landed) - most} more"] if len(stop.landed) > most else []
    return "\n".join([f"What still took effect after {clock(stop.at)}:", *lines, *more])


def _words(one: Landed) -> str:
    return _LANDED[one.kind].format(worker=f"`{one.worker}`" if one.worker else "a worker")


def _when(one: Landed) -> str:
    return one.at.strftime("%H:%M:%S")


def _proof(stop: Stop) -> str:
    if stop.proven_at is not None:
        return "It stands still: no run of it is left."
    return (
        "You will be told in its thread when GitHub shows that every run has ended, with everything that "
        "still took effect until then."
    )


def halted(project: Project, stop: Stop) -> str:
    """The notice in a project's thread: the halt is proven."""
    ends = ", ".join(f"{code(run.task)} on `{run.worker}`: {run.ended}" for run in stop.runs[:20])
    at = clock(stop.proven_at) if stop.proven_at else "now"
    points = [
        f"The runs: {ends}.",
        landed(stop),
        f"`/resume {project.id}` lets it go on.",
    ]
    return f"**Stands still** since {at}: every run of `{project.id}` has ended.\n\n" + "\n".join(
        f"- {point}" for point in points
    )


def stopped_all(draft: Draft, ids: Sequence[str], already: int) -> str:
    """The reply to ``/emergency-stop all``."""
    projects = [draft.projects[id_] for id_ in ids]
    runs = sum(len(project.stop.runs) for project in projects if project.stop)
    head = (
        f"**Everything is stopped.** {plural(len(ids), 'project')} stopped now"
        f"{f', {already} stopped already' if already else ''}; {plural(runs, 'run')} being cancelled. New "
        "projects are taken in, but held. `/resume all` lets everything go on.\n\n"
        + table(["project", "stage", "runs cancelled", "took effect meanwhile"], [])
    )
    rows = [_stopped_row(project) for project in projects if project.stop]
    return fitted(head, rows) if rows else head.partition("\n\n")[0]


def _stopped_row(project: Project) -> str:
    stop = project.stop
    runs = len(stop.runs) if stop else 0
    late = len(stop.landed) if stop else 0
    return f"| {code(project.id)} | {project.stage} | {runs or '–'} | {late or 'nothing'} |"


def stopped_before(project: Project, stop: Stop) -> str:
    """A stop of what stands still already."""
    return f"Not run: `{project.id}` is stopped already, {since(stop)}. `/resume {project.id}` lets it go on."


def since(stop: Stop) -> str:
    """Since when, why, and by whom something is stopped."""
    reason = f": {escape(stop.reason, 300)}" if stop.reason else ""
    return f"since {clock(stop.settled_at)}, {_WHY[stop.why]} {code(stop.by)}{reason}"


def nothing_to_stop(project: Project) -> str:
    """A stop of what is over."""
    return f"Not run: `{project.id}` {_over(project)}: there is nothing left to stop."


def _over(project: Project) -> str:
    return "was dropped" if project.status is ProjectStatus.FAILED else f"is {project.status}"


def all_stopped_before(since_when: datetime, by: str) -> str:
    """A halt while one holds."""
    when = f"since {clock(since_when)}, by {code(by)}"
    return f"Not run: everything is stopped already, {when}. `/resume all` ends it."


def resumed(draft: Draft, project_id: str) -> str:
    """The reply to ``/resume`` for one project."""
    project = draft.projects[project_id]
    counts = [
        (sum(task.status.held for task in project.tasks), "with a worker"),
        (sum(task.status is TaskStatus.QUEUED for task in project.tasks), "queued"),
        (sum(task.status is TaskStatus.WAITING for task in project.tasks), "waiting for others"),
        (sum(task.status is TaskStatus.REVIEW for task in project.tasks), "in review"),
    ]
    now = ", ".join(f"{count} {what}" for count, what in counts if count) or "none is open"
    if project.gate is not None:
        now += f". {upper(waiting(draft, project))}"
    halt = " All else stays stopped: `/resume all` ends that." if draft.controls.halted else ""
    return f"**{escape(project.title)}** (`{project.id}`) goes on. Its tasks: {now}.{halt}"


def close_called_off(project: Project) -> str:
    """A resume of a project whose issue was closed and that had not stopped yet."""
    return f"`{project.id}` goes on: closing its issue will not stop it."


def resumed_all(ids: Sequence[str], *, halt: bool) -> str:
    """The reply to ``/resume all``."""
    head = f"**{plural(len(ids), 'project')} go{'es' if len(ids) == 1 else ''} on.**"
    new = " New projects are started again." if halt else ""
    return fitted(f"{head}{new}\n", [f"- {code(id_)}" for id_ in ids])


def not_stopped(project: Project) -> str:
    """A resume of what is not stopped."""
    return f"Not run: `{project.id}` is not stopped; it is {placed(project)}."


def nothing_stopped() -> str:
    """A resume of all where nothing is stopped."""
    return "Not run: nothing is stopped."


def retried(draft: Draft, project_id: str, ids: Sequence[str], *, revived: bool) -> str:
    """The reply to ``/retry``."""
    project = draft.projects[project_id]
    head = f"`{project_id}` lives again: what was dropped is back." if revived else "Taken out of review."
    rows = [f"- {code(id_)}: {_standing(draft, project.task(id_))}" for id_ in ids]
    return fitted(f"{head} The attempts start anew; whoever failed a task gets it last.\n", rows)


def _standing(draft: Draft, task: Task | None) -> str:
    if task is None:
        return "gone"
    if task.worker:
        return f"with `{task.worker}` now"
    words = {
        TaskStatus.QUEUED: f"queued for {task.workflow}",
        TaskStatus.WAITING: "waits for what it depends on",
        TaskStatus.STOPPED: "held, because its project is stopped: `/resume` lets it go on",
    }
    return words.get(task.status, str(task.status))


def nothing_in_review(project: Project, tasks: Sequence[Task]) -> str:
    """A retry where nothing is in review."""
    if project.status is ProjectStatus.FAILED:
        return f"Not run: `{project.id}` was dropped as a whole. `/retry {project.id}` brings it back."
    status = f"it is {placed(project)}"
    what = (
        f"{code(tasks[0].id)} is {tasks[0].status}"
        if tasks
        else f"`{project.id}` has nothing in review; {status}"
    )
    return f"Not run: {what}. `/queues review` shows what waits for a person."


def discarded(project_id: str, tasks: Sequence[Task]) -> str:
    """The reply to ``/discard`` for a task."""
    rows = [f"- {code(task.id)} {_was(task)}" for task in tasks]
    head = f"Dropped from `{project_id}`; nothing waits for it any more. `/retry <task>` brings it back.\n"
    return fitted(head, rows)


def _was(task: Task) -> str:
    return (
        f"(was with `{task.worker}`, whose run is being cancelled)"
        if task.status.held
        else f"(was {task.status})"
    )


def discarded_project(project: Project, tasks: int) -> str:
    """The reply to ``/discard`` for a project."""
    what = "branch" if project.branch else "repository"
    kept = f" Its {what} stays: {project.home_url}" if project.repository_url else ""
    head = f"**{escape(project.title)}** (`{project.id}`) is dropped, with {plural(tasks, 'open task')}."
    return f"{head}{kept}\n\n- `/retry {project.id}` brings it back."


def cannot_discard(project: Project, task: Task) -> str:
    """Tasks that a project cannot do without, or that are over."""
    if task.over:
        return f"Not run: {code(task.id)} is {'dropped already' if task.discarded else 'done'}."
    return (
        f"Not run: `{project.id}` cannot do without {code(task.id)}. `/retry {task.id}` tries it again, "
        f"`/discard {project.id}` drops the whole project."
    )


def cannot_discard_project(project: Project) -> str:
    """A project that is over."""
    return f"Not run: `{project.id}` {_over(project)}; there is nothing to drop."
