"""Taking work out and putting it back: stop, resume, retry, discard."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.spec import Command, Flag, Invocation, Outcome, Positional, Refused
from bot.domain.base import Frozen
from bot.domain.controls import Halt
from bot.domain.models import Project, Task
from bot.domain.vocabulary import ProjectStatus, TaskStatus
from bot.policies.projects import reviewing, stopping
from bot.render import stopping as words

ALL = "all"


class EmergencyStop(Frozen):
    """Arguments of ``/emergency-stop``."""

    project_id: Annotated[
        str, Positional(), Field(description="the project, or `all`; left out: the project of this issue")
    ] = ""
    reason: Annotated[
        str, Flag("TEXT", rest=True), Field(description="why, for the record", max_length=300)
    ] = ""


class Resume(Frozen):
    """Arguments of ``/resume``."""

    project_id: Annotated[
        str, Positional(), Field(description="the project, or `all`; left out: the project of this issue")
    ] = ""


class Which(Frozen):
    """Arguments of ``/retry`` and ``/discard``."""

    task_or_project: Annotated[
        str, Positional(), Field(description="a task or a project; left out: the project of this issue")
    ] = ""


def _stop(call: Invocation) -> Outcome:
    if call.args.project_id.lower() == ALL:
        return _stop_all(call)
    project = resolve.project(call, call.args.project_id)
    if project.stop is not None:
        raise Refused(words.stopped_before(project, project.stop))
    if project.status in stopping.OVER:
        raise Refused(words.nothing_to_stop(project))
    _stop_one(call, project)
    return Outcome(ok=True, say=lambda after: words.stopped(after, project.id))


def _stop_one(call: Invocation, project: Project) -> None:
    event = call.event
    stopping.stop_project(
        call.draft, project, at=event.at, by=event.actor, cause=event.id, reason=call.args.reason
    )


def _stop_all(call: Invocation) -> Outcome:
    draft = call.draft
    already = sum(project.stop is not None for project in draft.projects.values())
    running = [project for project in draft.projects.values() if project.going]
    halt = draft.controls.halted
    if halt is not None and not running:
        raise Refused(words.all_stopped_before(halt.since, halt.by))
    halt = halt or Halt(since=draft.now, by=call.event.actor, why=call.args.reason[:300])
    draft.controls = draft.controls.model_copy(update={"halted": halt})
    draft.note("halted", by=call.event.actor, detail=call.args.reason)
    for project in running:
        _stop_one(call, project)
    ids = [project.id for project in running]
    return Outcome(ok=True, say=lambda after: words.stopped_all(after, ids, already))


def _resume(call: Invocation) -> Outcome:
    if call.args.project_id.lower() == ALL:
        return _resume_all(call)
    project = resolve.project(call, call.args.project_id)
    if project.stop is None and project.closing is not None:
        call.draft.put(project.model_copy(update={"closing": None}))
        return Outcome(ok=True, say=lambda after: words.close_called_off(project))
    if project.stop is None:
        raise Refused(words.not_stopped(project))
    stopping.resume_project(call.draft, project, call.event.actor)
    return Outcome(ok=True, say=lambda after: words.resumed(after, project.id))


def _resume_all(call: Invocation) -> Outcome:
    draft = call.draft
    halt = draft.controls.halted is not None
    stopped = [project for project in draft.projects.values() if project.stop is not None]
    if not stopped and not halt:
        raise Refused(words.nothing_stopped())
    draft.controls = draft.controls.model_copy(update={"halted": None})
    for project in stopped:
        stopping.resume_project(draft, project, call.event.actor)
    ids = [project.id for project in stopped]
    return Outcome(ok=True, say=lambda after: words.resumed_all(ids, halt=halt))


def _retry(call: Invocation) -> Outcome:
    project, task = resolve.project_or_task(call, call.args.task_or_project)
    draft, by = call.draft, call.event.actor
    if task is None and project.status is ProjectStatus.FAILED:
        ids = [one.id for one in project.tasks if one.discarded]
        reviewing.revive(draft, project, by)
        return Outcome(ok=True, say=lambda after: words.retried(after, project.id, ids, revived=True))
    wanted = [one for one in ((task,) if task else project.tasks) if _can_retry(one)]
    if not wanted or project.status is ProjectStatus.FAILED:
        raise Refused(words.nothing_in_review(project, [task] if task else []))
    for one in wanted:
        reviewing.retry(draft, draft.projects[project.id], one, by)
    tried = [one.id for one in wanted]
    return Outcome(ok=True, say=lambda after: words.retried(after, project.id, tried, revived=False))


def _can_retry(task: Task) -> bool:
    return task.status is TaskStatus.REVIEW or task.discarded


def _discard(call: Invocation) -> Outcome:
    project, task = resolve.project_or_task(call, call.args.task_or_project)
    draft, event = call.draft, call.event
    if task is None:
        if project.status in stopping.OVER:
            raise Refused(words.cannot_discard_project(project))
        open_tasks = sum(not one.over for one in project.tasks)
        reviewing.discard_project(draft, project, event.actor, event.id)
        return Outcome(ok=True, say=lambda after: words.discarded_project(project, open_tasks))
    if task.over or task.essential:
        raise Refused(words.cannot_discard(project, task))
    dropped = reviewing.chain(project, task)
    reviewing.discard(draft, project, dropped, event.actor, event.id)
    return Outcome(ok=True, say=lambda after: words.discarded(project.id, dropped))


COMMANDS = (
    Command(
        name="emergency-stop",
        summary="halt all work on a project at once, or on everything",
        family="Emergencies",
        access="working",
        model=EmergencyStop,
        examples=(
            ("/emergency-stop todo-app-7", "holds its tasks and cancels its runs"),
            ("/emergency-stop all --reason the agents cost too much", "does it for every project"),
        ),
        run=_stop,
        also=("halt", "abort", "cancel", "kill"),
        at_any_age=True,
        details="You are told what still took effect until every run was seen ended. `/resume` undoes it.",
    ),
    Command(
        name="resume",
        summary="let a stopped project go on",
        family="Projects",
        access="working",
        model=Resume,
        examples=(
            ("/resume todo-app-7", "its tasks wait again in their old places"),
            ("/resume all", "does it for every stopped project, and ends a halt of everything"),
        ),
        run=_resume,
        also=("continue", "start", "go"),
    ),
    Command(
        name="retry",
        summary="take work out of review and try it again",
        family="Projects",
        access="working",
        model=Which,
        examples=(
            ("/retry todo-app-7.genesis", "queues this task with fresh attempts"),
            ("/retry todo-app-7", "does it for everything of the project that is in review"),
        ),
        run=_retry,
        details="A project that was dropped by `/discard` lives again.",
    ),
    Command(
        name="discard",
        summary="drop a task or a whole project",
        family="Projects",
        access="working",
        model=Which,
        examples=(
            ("/discard todo-app-7.dark-mode.feature", "drops the feature; the project goes on without it"),
            ("/discard todo-app-7", "drops everything that is open of the project"),
        ),
        run=_discard,
        details="Dropping a task drops the later steps of the same item with it. `/retry` brings it back.",
    ),
)
