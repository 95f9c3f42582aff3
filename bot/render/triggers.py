"""Stages started by hand, in words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.draft import Draft
from bot.domain.events.looked_up import FoundIssue, FoundRepository
from bot.domain.gates import approver
from bot.domain.models import Project, Task
from bot.domain.vocabulary import Stage, TaskStatus, Workflow
from bot.render.approving import placed, upper, waiting
from bot.render.text import code, escape, plural


def no_repository(given: str, example: str) -> str:
    """What was given names no repository."""
    expected = f"a repository as `owner/name` or its URL, for example `{example}`"
    return f"Not run: given {code(given)}, expected {expected}."


def unreadable(name: str, problem: str) -> str:
    """The repository cannot be read."""
    return (
        f"Not run: the repository {code(name)} {escape(problem, 300)}. Check the name, and that the token "
        "`ORCHESTRATOR_GENESIS_TOKEN` (or the App) may read it and its issues."
    )


def nothing_ready(found: FoundRepository) -> str:
    """No issue to take."""
    return (
        f"Not run: {code(found.full_name)} has no open issue with the label `dev-ready`. Put it on issues "
        "that Development can take as they are (context, acceptance criteria as check boxes), then try again."
    )


def under_way(draft: Draft, project_id: str, found: FoundRepository) -> str:
    """Everything of the repository is planned already."""
    project = draft.projects[project_id]
    help_ = {
        "stopped": f" It is stopped: `/resume {project.id}` lets it go on.",
        "review": f" Something of it is in review: `/retry {project.id}` tries that again.",
        "failed": f" It was dropped: `/retry {project.id}` brings it back.",
        "waiting": f" {upper(waiting(draft, project))}.",
    }.get(project.status, "")
    return (
        f"Nothing to add: every open `dev-ready` issue of {code(found.full_name)} belongs to `{project.id}`, "
        f"which is {placed(project)} ({_done(project)}).{help_}"
    )


def _done(project: Project) -> str:
    tasks = [task for task in project.tasks if task.workflow is Workflow.DEVELOPMENT]
    if not tasks:
        return "nothing of it is planned yet"
    return f"{sum(task.over for task in tasks)} of {plural(len(tasks), 'development task')} done"


def added(draft: Draft, project_id: str, issues: int, tasks: int) -> str:
    """Further issues of a project in development."""
    project = draft.projects[project_id]
    if project.gate is not None:
        return f"**{plural(issues, 'issue')} added** to `{project.id}`. {upper(waiting(draft, project))}."
    return (
        f"**{plural(issues, 'issue')} added** to `{project.id}`: {plural(tasks, 'new task')}. Its deployment "
        f"waits for them. {_done(project)}."
    )


def adopted(draft: Draft, project_id: str, issues: int) -> str:
    """A repository was taken in."""
    project = draft.projects[project_id]
    where = f"#{project.issue}" if project.issue else "an issue of its own, which is being filed now"
    held = " It is held, because everything is stopped: `/resume all` lets it go on." if project.stop else ""
    if not project.tasks:
        waits = "" if project.gate is None else f"\n- {upper(waiting(draft, project))}."
        return (
            f"**{code(project.repository)}** is project `{project.id}` now, on {where}.\n\n"
            f"- {plural(issues, 'issue')} with `dev-ready` to develop.{held}{waits}"
        )
    return (
        f"**{code(project.repository)}** is project `{project.id}` now, on {where}.\n\n"
        f"- {plural(issues, 'issue')} with `dev-ready` became {plural(len(project.tasks), 'task')}: "
        f"{_standing(project.tasks)}.{held}\n"
        "- Deployment follows the features, and content the deployment; you will be told here."
    )


def _standing(tasks: tuple[Task, ...]) -> str:
    counts = [
        (sum(task.status.held for task in tasks), "with a worker"),
        (sum(task.status is TaskStatus.QUEUED for task in tasks), "queued"),
        (sum(task.status in (TaskStatus.WAITING, TaskStatus.STOPPED) for task in tasks), "waiting"),
    ]
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def left_out(draft: Draft, issues: Sequence[FoundIssue]) -> str:
    """Issues that were not taken in because of who wrote them; empty where there are none."""
    if not issues:
        return ""
    names = ", ".join(
        f"#{issue.number} (by {code(issue.author or 'nobody known')}, role {issue.author_role or 'none'})"
        for issue in issues[:8]
    )
    more = f" and {len(issues) - 8} more" if len(issues) > 8 else ""
    return (
        f"{plural(len(issues), 'issue')} left out, because agents are given no words of people whose role is "
        f"below **{draft.config.texts.role}** (`texts.role`): {names}{more}. Somebody with the role "
        f"**{approver(draft.config.commands)}** takes them in by giving the same command."
    )


def with_note(text: str, note: str) -> str:
    """A reply with what it leaves out."""
    return f"{text}\n- {note}" if note and "\n- " in text else f"{text} {note}".rstrip()


def content_waits(draft: Draft, project: Project) -> str:
    """Content is gated, and whoever asks for it may not approve it."""
    return (
        f"Not run: `{project.id}` enters Content only when somebody with the role "
        f"**{approver(draft.config.commands)}** approves that (`approve` in `.github/orchestrator.yml`): by "
        f"`/trigger-content {project.id}`, or by `/approve {project.id}` once it is deployed."
    )


def content_begun(project: Project) -> str:
    """Content is under way or done."""
    if project.stage is Stage.COMPLETE:
        return f"Not run: `{project.id}` is complete, with its content."
    tasks = [task for task in project.tasks if task.workflow is Workflow.CONTENT]
    done = sum(task.over for task in tasks)
    return (
        f"Not run: the content of `{project.id}` is under way: {done} of {plural(len(tasks), 'task')} done. "
        f"`/status {project.id}` shows it."
    )


def not_deployed(project: Project, example: str) -> str:
    """What is missing before Content can begin."""
    if project.stage is Stage.GENESIS:
        return f"Not run: `{project.id}` is still in Genesis: there is no repository to write about yet."
    missing = [task for task in project.tasks if not task.over]
    shown = ", ".join(f"{code(task.id)} ({task.status})" for task in missing[:8])
    more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
    return (
        f"Not run: `{project.id}` is not deployed. Open before that: {shown or 'its deployment'}{more}. "
        f"`/trigger-content {project.id} --force` starts its content all the same."
    )


def content_dropped(project: Project) -> str:
    """A dropped project gets no new work."""
    return f"Not run: `{project.id}` was dropped. `/retry {project.id}` brings it back, then its content."


def content_stopped(project: Project) -> str:
    """A stopped project gets no new work."""
    return f"Not run: `{project.id}` is stopped. `/resume {project.id}` first, then its content."


def content_started(draft: Draft, project_id: str, left: int) -> str:
    """Content begins."""
    project = draft.projects[project_id]
    tasks = tuple(task for task in project.tasks if task.workflow is Workflow.CONTENT)
    beside = f" Its {plural(left, 'open development task')} go on beside it." if left else ""
    return f"**The content of `{project.id}` begins:** {_standing(tasks)}.{beside}"
